import { LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { checkKey, checkPrefix } from '../../store/object-key.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { conflict } from '../../store/object-version.ts';
import { isOwnKey } from './layout.ts';
import { getObject, listObjects } from './read.ts';
import type { S3Root } from './root.ts';
import { deleteObjects, putObject } from './write.ts';

const undecided = (key: string): LandfallError =>
  new LandfallError('STORE_UNAVAILABLE', `store: cannot put ${key}: S3 answered 409 to every try`, {
    hint: 'Something writes this key all the time; it may pass when run again.',
  });

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/**
 * Creates an object once. An answer that was lost on the way makes the next try meet its own object: that it is ours is
 * known by its bytes, and only asked where a try went without an answer.
 */
export async function putIfAbsent(
  root: S3Root,
  key: string,
  bytes: Uint8Array,
  options: CallOptions = {},
): Promise<'created' | 'exists'> {
  const written = await putObject(root, key, bytes, 'absent', options);
  if (written.outcome === 'written') return 'created';
  if (written.outcome === 'lost' && !written.isUnsure) return 'exists';
  const stored = await getObject(root, key, options);
  if (stored === undefined) throw undecided(key);
  return written.isUnsure && sameBytes(stored.bytes, bytes) ? 'created' : 'exists';
}

async function replace(
  root: S3Root,
  key: string,
  bytes: Uint8Array,
  { version, signal }: CallOptions & { readonly version: string | undefined },
): Promise<string> {
  const condition = version === undefined ? 'absent' : { version };
  const written = await putObject(root, key, bytes, condition, { signal });
  if (written.outcome === 'written') return written.version;
  if (!written.isUnsure) throw conflict(key);
  const stored = await getObject(root, key, { signal });
  if (stored === undefined || !sameBytes(stored.bytes, bytes)) throw conflict(key);
  return stored.version;
}

async function* list(
  root: S3Root,
  prefix: string,
  options: CallOptions,
): AsyncGenerator<string, void, undefined> {
  for await (const { key } of listObjects(root, prefix, options)) if (!isOwnKey(key)) yield key;
}

/** Objects of a bucket. The version is the ETag, which is the same for the same bytes and encryption. */
export function s3ObjectStore(root: S3Root): ObjectStore {
  return {
    // Nothing but the signal goes on: the requests know options that are none of the port's.
    get: async (key, { signal } = {}) => {
      checkKey(key);
      return getObject(root, key, { signal });
    },
    putIfAbsent: async (key, bytes, { signal } = {}) => {
      checkKey(key);
      return putIfAbsent(root, key, bytes, { signal });
    },
    replace: async (key, bytes, version, { signal } = {}) => {
      checkKey(key);
      return replace(root, key, bytes, { version, signal });
    },
    list: (prefix, { signal } = {}) => {
      checkPrefix(prefix);
      return list(root, prefix, { signal });
    },
    delete: async (keys, { signal } = {}) => {
      for (const key of keys) checkKey(key);
      await deleteObjects(root, keys, { signal });
    },
  };
}
