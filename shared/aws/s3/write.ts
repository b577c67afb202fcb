import { hash } from 'node:crypto';
import type { LandfallError } from '../../errors.ts';
import { BACKOFF, backoffMs } from '../../kernel/backoff.ts';
import { batchesOf } from '../../kernel/batches-of.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { failureOf } from '../request/failure.ts';
import { readRefusal } from '../request/refusal.ts';
import { elementsOf, elementText, escapeXml, S3_NAMESPACE } from '../request/xml.ts';
import { s3Error, s3Guarded } from './error.ts';
import { keyIn, type S3Root } from './root.ts';

/** `absent`: only where there is nothing. A string: only over that version. Undefined: whatever is there. */
export type S3Condition = 'absent' | { readonly version: string } | undefined;

export type S3Written = (
  | { readonly outcome: 'written'; readonly version: string }
  /**
   * 412, or 404 for a version: someone else was first. `isUnsure`: an earlier try of ours got no answer, so that
   * someone may be us.
   */
  | { readonly outcome: 'lost'; readonly isUnsure: boolean }
  /** 409 every time: others write the key, and none of the tries was decided. */
  | { readonly outcome: 'conflict'; readonly isUnsure: boolean }
) & {
  /** PUTs sent, tries that failed included. */
  readonly requests: number;
};

/** `sha256` of the bytes, in hex, where it is known. */
export interface PutOptions extends CallOptions {
  readonly sha256?: string;
}

const CONFLICT_ATTEMPTS = 10;
const DELETE_BATCH = 1_000;

const headersOf = (condition: S3Condition): Readonly<Record<string, string>> => {
  if (condition === undefined) return {};
  return condition === 'absent' ? { 'if-none-match': '*' } : { 'if-match': condition.version };
};

const base64Of = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

/**
 * Puts an object, with its SHA-256 for S3 to prove. 409 (ConditionalRequestConflict) was not written, and is tried again after a wait.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function putObject(
  root: S3Root,
  key: string,
  bytes: Uint8Array,
  condition: S3Condition,
  { sha256 = hash('sha256', bytes), signal }: PutOptions = {},
): Promise<S3Written> {
  const headers = { ...headersOf(condition), 'x-amz-checksum-sha256': base64Of(sha256) };
  const put = { method: 'PUT', key: keyIn(root, key), headers, body: bytes, sha256, signal } as const;
  let isUnsure = false;
  let requests = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await root.client.send(put);
      requests += answer.attempts;
      return {
        outcome: 'written',
        requests,
        // Read when it is wanted: most objects are put and not replaced.
        get version() {
          return answer.headers.etag ?? '';
        },
      };
    } catch (error) {
      const { status, attempts, code } = failureOf(error);
      requests += attempts;
      isUnsure ||= attempts > 1;
      if (status === 412) return { outcome: 'lost', isUnsure, requests };
      // The version that was to be replaced is gone altogether.
      if (status === 404 && code !== 'NoSuchBucket' && typeof condition === 'object')
        return { outcome: 'lost', isUnsure, requests };
      if (status !== 409) throw s3Error(error, `put ${key}`, signal);
      if (attempt === CONFLICT_ATTEMPTS) return { outcome: 'conflict', isUnsure, requests };
    }
    await root.clock.sleep(backoffMs(BACKOFF.s3Conflict, attempt), signal).catch(() => undefined);
    throwIfCancelled(`put ${key}`, signal);
  }
}

export interface DeleteOptions extends CallOptions {
  /** Runs ahead of each request. */
  readonly before?: () => void;
}

/** Deletes what is there, a thousand a request. */
export async function deleteObjects(
  root: S3Root,
  keys: readonly string[],
  { before, signal }: DeleteOptions = {},
): Promise<void> {
  for (const batch of batchesOf(keys, DELETE_BATCH)) {
    const body = deletion(batch.map((key) => keyIn(root, key)));
    const sha256 = hash('sha256', body);
    const headers = { 'content-type': 'application/xml', 'x-amz-checksum-sha256': base64Of(sha256) };
    before?.();
    const { text } = await s3Guarded(
      `delete ${batch[0]} and what follows`,
      () => root.client.send({ method: 'POST', query: { delete: '' }, headers, body, sha256, signal }),
      signal,
    );
    const errors = elementsOf(text, 'Error');
    const [first] = errors;
    // A 200 that deleted nothing.
    if (first !== undefined) throw refusedDelete(first, errors.length);
  }
}

const deletion = (keys: readonly string[]): Buffer => {
  const objects = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`);
  return Buffer.from(`<Delete xmlns="${S3_NAMESPACE}">${objects.join('')}<Quiet>true</Quiet></Delete>`);
};

function refusedDelete(error: string, count: number): LandfallError {
  const status = elementText(error, 'Code') === 'AccessDenied' ? 403 : 500;
  const more = count > 1 ? ` and ${count - 1} more` : '';
  return s3Error(readRefusal({ status, text: error }), `delete ${elementText(error, 'Key')}${more}`);
}
