import { closeSync, fsync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { patiently } from './descriptors.ts';
import { isMissing } from './filesystem-error.ts';
import { makeFolder } from './make-folder.ts';
import { ownedName } from './owner.ts';

const fsyncDescriptor = promisify(fsync);

/** Where everything is put together that is not visible yet; on the same filesystem, so that rename(2) is atomic. */
export const STAGING = 'staging';

function createIn(root: string): { readonly path: string; readonly descriptor: number } {
  const path = join(root, STAGING, ownedName());
  try {
    return { path, descriptor: openSync(path, 'wx', 0o644) };
  } catch (error) {
    if (!isMissing(error)) throw error;
    makeFolder(join(root, STAGING));
    return { path, descriptor: openSync(path, 'wx', 0o644) };
  }
}

/** Writes a whole file under a name nobody looks at; the caller links or renames it, and unlinks what is left. */
export async function writeTemporary(root: string, bytes: Uint8Array, durable: boolean): Promise<string> {
  const { path, descriptor } = await patiently(() => createIn(root));
  try {
    writeFileSync(descriptor, bytes);
    if (durable) await fsyncDescriptor(descriptor);
    return path;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
