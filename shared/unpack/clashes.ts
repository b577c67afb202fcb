import { LandfallError } from '../errors.ts';
import { clashKey } from './clash-key.ts';
import { quoteName } from './entry-path.ts';

/** Every folder above a path, the nearest first. */
function* foldersOf(path: string): Generator<string> {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    yield path.slice(0, end);
}

/**
 * Refuses an artifact with two paths that are one on a file system that folds case or normalises Unicode: whoever
 * copies it there would lose one of them, and which one the sender decides.
 * @throws LandfallError ENTRY_REFUSED naming both
 */
export function refuseClashes(paths: Iterable<string>): void {
  const byKey = new Map<string, string>();
  const seen = new Set<string>();
  const check = (path: string): void => {
    const key = clashKey(path);
    const other = byKey.get(key);
    if (other === undefined) byKey.set(key, path);
    else if (other !== path) throw clash(other, path);
  };
  for (const path of paths) {
    check(path);
    for (const folder of foldersOf(path)) {
      if (seen.has(folder)) break;
      seen.add(folder);
      check(folder);
    }
  }
}

const clash = (one: string, other: string): LandfallError =>
  new LandfallError(
    'ENTRY_REFUSED',
    `paths ${quoteName(one)} and ${quoteName(other)} differ only in case or Unicode form`,
    { hint: 'Rename or ignore one of them: many file systems can hold only one.' },
  );
