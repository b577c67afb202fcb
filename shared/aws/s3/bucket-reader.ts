import type { Clock } from '../../clock.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { AWS_TIMEOUT_MS, CONFIGURATION_BYTES } from '../../limits.ts';
import type { StoredObject } from '../../store/object-store.ts';
import { getIfChanged, listObjects } from './read.ts';
import { environmentRoot, type S3Root } from './root.ts';
import type { S3BucketLocation } from './target.ts';

export interface KeyVersion {
  readonly key: string;
  readonly version: string;
}

/** What ObjectStore does not offer: reading only what changed, and listing versions. */
export interface BucketReader {
  /** `unchanged` where it still is `known`; undefined where there is none. @throws STORE_UNAVAILABLE, STORE_DENIED */
  getIfChanged(
    key: string,
    known?: string,
    options?: CallOptions,
  ): Promise<StoredObject | 'unchanged' | undefined>;
  /** Keys under `prefix` from `first` to `last`, both included, in byte order. One request for each 1,000. */
  versions(range: KeyRange, options?: CallOptions): AsyncIterable<KeyVersion>;
}

interface KeyRange {
  readonly prefix: string;
  readonly first: string;
  readonly last: string;
}

/** The greatest string below `key`, near enough: S3 starts after what it is given. */
const before = (key: string): string => key.slice(0, -1);

async function* versions(
  root: S3Root,
  { prefix, first, last }: KeyRange,
  { signal }: CallOptions = {},
): AsyncGenerator<KeyVersion, void, undefined> {
  for await (const { key, etag } of listObjects(root, prefix, { after: before(first), signal })) {
    if (key > last) return;
    if (key >= first) yield { key, version: etag };
  }
}

/** The bucket of a function's installation. */
export const environmentReader = (location: S3BucketLocation, clock: Clock): BucketReader =>
  bucketReader(environmentRoot(location, clock, { timeoutMs: AWS_TIMEOUT_MS }));

export const bucketReader = (root: S3Root): BucketReader => ({
  getIfChanged: (key, known, { signal } = {}) =>
    getIfChanged(root, key, { known, maximumBytes: CONFIGURATION_BYTES, signal }),
  versions: (range, options) => versions(root, range, options),
});
