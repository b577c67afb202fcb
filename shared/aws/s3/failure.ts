import { textOf } from '../request/xml.ts';

export interface S3FailureFacts {
  /** Undefined: there was no answer. */
  readonly status?: number | undefined;
  readonly message?: string;
  readonly attempts?: number;
  readonly cause?: unknown;
}

/** What a request to S3 came to nothing with, in the shape of the SDK's errors, so that both are read the same. */
export class S3Failure extends Error {
  readonly code: string;
  readonly $metadata: { readonly httpStatusCode: number | undefined; readonly attempts: number };

  constructor(code: string, { status, message = '', attempts = 1, cause }: S3FailureFacts) {
    super(message, { cause });
    this.code = code;
    this.$metadata = { httpStatusCode: status, attempts };
  }
}

/** Without a body, as to HEAD, S3 leaves it at the status. */
const codeOf = (status: number): string => (status === 301 ? 'PermanentRedirect' : `HTTP ${status}`);

/** Reads what S3 says of a refusal. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const s3Refusal = (status: number, xml: string): S3Failure =>
  new S3Failure(textOf(xml, 'Code') ?? codeOf(status), { status, message: textOf(xml, 'Message') ?? '' });
