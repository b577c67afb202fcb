import type { CallOptions } from '../../kernel/call-options.ts';
import { sumOf } from '../../kernel/read-bytes.ts';
import { s3Guarded } from './error.ts';
import { headObject, openObject } from './read.ts';
import type { S3Root } from './root.ts';

/** What an object should be. */
export interface Content {
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Hex of a whole object's SHA-256; undefined where S3 did not say, or said one of the parts it was copied in. */
export const storedSha256 = (checksum: string | undefined): string | undefined =>
  checksum === undefined || checksum.includes('-')
    ? undefined
    : Buffer.from(checksum, 'base64').toString('hex');

/** By its bytes; undefined where there is none. @throws LandfallError STORE_* */
export async function sha256Of(
  root: S3Root,
  key: string,
  { signal }: CallOptions,
): Promise<string | undefined> {
  const opened = await openObject(root, key, { signal });
  return opened && (await s3Guarded(`read ${key}`, () => sumOf(opened.body), signal)).sha256;
}

/**
 * Compares what is under a key with what should be: by size and the checksum that S3 proved when it took the object, and
 * by its bytes where it has none (an object that came in parts has one of its parts only).
 */
export async function compareObject(
  root: S3Root,
  key: string,
  { size, sha256 }: Content,
  options: CallOptions = {},
): Promise<'same' | 'different' | 'missing'> {
  const facts = await headObject(root, key, options);
  if (facts === undefined) return 'missing';
  if (facts.size !== size) return 'different';
  const got =
    facts.sha256 === undefined
      ? await sha256Of(root, key, options)
      : Buffer.from(facts.sha256, 'base64').toString('hex');
  if (got === undefined) return 'missing';
  return got === sha256 ? 'same' : 'different';
}
