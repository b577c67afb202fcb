import { sep } from 'node:path';
import { LandfallError } from '../errors.ts';
import { isPlainPath } from '../kernel/plain-path.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { ARTIFACTS_PREFIX } from './layout.ts';

/** Names at a store's root that are its own and never keys: see staging-folder.ts, aws/s3/layout.ts. */
const RESERVED = new Set(['staging', 'locks', 'uses']);
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const UNSAFE = /[\u0000-\u001f\u007f]/;

const refused = (key: string, why: string): LandfallError =>
  new LandfallError('PATH_REFUSED', `store key ${JSON.stringify(key.slice(0, 200))} ${why}`);

/** A path in an artifact, which is a part of a key: any name will do for a folder. @throws LandfallError PATH_REFUSED */
export function checkPath(path: string): void {
  if (path.length <= DEFAULT_LIMITS.pathBytes && isPlainPath(path)) return;
  if (UNSAFE.test(path)) throw refused(path, 'has a control character');
  // In a name of a container image it is a character like any other, but not where it separates folders.
  if (sep === '\\' && path.includes(sep)) throw refused(path, 'has a backslash, which is a folder here');
  if (Buffer.byteLength(path) > DEFAULT_LIMITS.pathBytes)
    throw refused(path, `is over ${DEFAULT_LIMITS.pathBytes} bytes`);
  for (const segment of path.split('/'))
    if (segment === '' || segment === '.' || segment === '..')
      throw refused(path, 'has an empty, . or .. segment');
}

/**
 * Judges a key once more where it becomes a path: entry-path.ts and layout.ts have made it safe, and a mistake there
 * must not become a file outside the store.
 * @throws LandfallError PATH_REFUSED
 */
export function checkKey(key: string): void {
  checkPath(key);
  if (key.includes('\\') && !key.startsWith(ARTIFACTS_PREFIX)) throw refused(key, 'has a backslash');
  if (RESERVED.has(key.split('/', 1)[0] ?? ''))
    throw refused(key, 'is the name of something of the store itself');
}

/** A prefix is a key that may end anywhere, in a slash too, or be empty. @throws LandfallError PATH_REFUSED */
export function checkPrefix(prefix: string): void {
  if (prefix !== '') checkKey(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix);
}

export const isReserved = (name: string): boolean => RESERVED.has(name);
