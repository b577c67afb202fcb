import { errnoOf, LandfallError } from '../../errors.ts';
import { filesystemError } from './filesystem-error.ts';

const ROOM = 'Make room on the disk that -o is on, or name a folder on another; what was there is as it was.';
const RIGHTS = 'Name a folder with -o that you may write, or have its owner let you.';

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: ROOM,
  EDQUOT: ROOM,
  EACCES: RIGHTS,
  EPERM: RIGHTS,
  EROFS: RIGHTS,
};

/** As {@link filesystemError}, of a folder of the user's, which no `fsck` and no `collect` helps. */
export function outputError(error: unknown, what: string): LandfallError {
  const told = filesystemError(error, what);
  const errno = errnoOf(error);
  if (told === error || told.code === 'ENTRY_REFUSED') return told;
  return new LandfallError('OUTPUT_UNWRITABLE', `output: cannot ${what}: ${errno ?? String(error)}`, {
    cause: error,
    hint: HINTS[errno ?? ''] ?? 'Name a folder with -o that can be made and written.',
    detail: { errno: errno ?? 'none' },
  });
}
