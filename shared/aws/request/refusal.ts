import type { IncomingHttpHeaders } from 'node:http';
import { parseObject } from '../../kernel/json.ts';
import { AwsFailure } from './failure.ts';
import { elementText } from './xml.ts';

export interface RefusedCall {
  readonly status: number;
  readonly headers?: IncomingHttpHeaders;
  /** JSON, XML or nothing at all: S3 says nothing to HEAD. */
  readonly text: string;
}

/** JSON services name the shape with a namespace before `#` or a URL after `:`. */
const plain = (code: string): string => code.replace(/^.*#/, '').replace(/:.*$/, '');

function fromJson(text: string): { readonly code?: string; readonly message?: string } {
  // A proxy's page, or XML, is none.
  const body = parseObject(text);
  const code = body?.['__type'] ?? body?.['code'];
  const message = body?.['message'] ?? body?.['Message'];
  return {
    ...(typeof code === 'string' && { code }),
    ...(typeof message === 'string' && { message }),
  };
}

const codeOf = (status: number): string => (status === 301 ? 'PermanentRedirect' : `HTTP ${status}`);

/**
 * Reads what a service says of a refusal: JSON with its header, or S3's XML.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function readRefusal({ status, headers = {}, text }: RefusedCall): AwsFailure {
  const json = fromJson(text);
  const named = headers['x-amzn-errortype'];
  const given = (typeof named === 'string' ? named : undefined) ?? json.code ?? elementText(text, 'Code');
  const code = given === undefined ? codeOf(status) : plain(given);
  const requestId = headers['x-amzn-requestid'] ?? headers['x-amz-request-id'];
  const message = json.message ?? elementText(text, 'Message') ?? '';
  return new AwsFailure({ code, status, message, requestId: requestId?.toString() });
}
