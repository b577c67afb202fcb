import { errnoOf, isLandfallError, LandfallError, messageOf } from '../../errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const DENIED = new Set(['EACCES', 'EPERM', 'EROFS']);
const NAME = new Set(['ENAMETOOLONG', 'EILSEQ']);

/** Nothing is there: neither the name nor, perhaps, the folders above it. */
export const isMissing = (error: unknown): boolean => {
  const code = errnoOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
};

/** This user may not. */
export const isDenied = (error: unknown): boolean => DENIED.has(errnoOf(error) ?? '');

/** The disk, or what this user may have of it. */
export const isFull = (error: unknown): boolean => FULL.has(errnoOf(error) ?? '');

/** Says in Landfall's words what the filesystem refused. `what` is what was being done, e.g. `write web/status.json`. */
export function filesystemError(error: unknown, what: string): LandfallError {
  if (isLandfallError(error)) return error;
  const code = errnoOf(error);
  const reason = code ?? messageOf(error);
  const message = `store: cannot ${what}: ${reason}`;
  const options = { cause: error, detail: { errno: code ?? 'none' } };
  if (isFull(error))
    return new LandfallError('STORE_FULL', message, {
      ...options,
      hint: 'Free space on the disk of --store, or run `landfall collect`; the last good artifact is untouched.',
    });
  if (isDenied(error))
    return new LandfallError('STORE_DENIED', message, {
      ...options,
      hint:
        code === 'EROFS'
          ? 'That filesystem is mounted read-only: mount it for writing, or name another folder with --store.'
          : 'Give the user that runs Landfall read and write permission on the whole --store folder.',
    });
  if (code !== undefined && NAME.has(code))
    return new LandfallError('ENTRY_REFUSED', `${message}: this filesystem cannot hold that name`, {
      ...options,
      hint: 'Shorten the path in the artifact, or use a filesystem or an S3 store that takes it.',
    });
  return new LandfallError('STORE_UNAVAILABLE', message, {
    ...options,
    hint:
      code === 'EMFILE' || code === 'ENFILE'
        ? 'Raise the limit of open files (ulimit -n).'
        : 'Check the disk that holds --store, then run `landfall fsck`.',
  });
}

/** How a failure in a folder is told: of a store, or of a folder of the user's. */
export type FolderError = typeof filesystemError;

/** Runs filesystem work so that only {@link LandfallError} leaves it. */
export async function guarded<T>(
  what: string,
  work: () => T | Promise<T>,
  told: FolderError = filesystemError,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw told(error, what);
  }
}
