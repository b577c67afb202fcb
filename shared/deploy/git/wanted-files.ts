import { createHash } from 'node:crypto';
import { GIT_FILE_BYTES } from '../../limits.ts';
import type { DeployContext } from '../kit/deploy-context.ts';
import { deployFailed } from '../kit/failures.ts';
import type { WantedFile } from './file-changes.ts';
import { INVENTORY_FOLDER } from './git-inventory.ts';
import type { GitSettings } from './git-settings.ts';
import { below, isRepositoryPath } from './repository-path.ts';

const EXECUTABLE = 0o100;

/** @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
const blobName = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex');

/**
 * The files of the artifact as Git names them, each held to its commit record. A list of ours in it, as of an artifact that was made
 * of the repository itself, is not one of them; nor are symbolic links.
 * @throws LandfallError DEPLOY_FAILED where a file cannot be in a repository, STORE_CORRUPT
 */
export async function wantedFiles({
  artifact,
  deploy,
  settings,
}: Pick<DeployContext<GitSettings>, 'artifact' | 'deploy' | 'settings'>): Promise<readonly WantedFile[]> {
  const wanted: WantedFile[] = [];
  for (const { path, mode } of artifact.files) {
    if (path.startsWith(`${INVENTORY_FOLDER}/`)) continue;
    if (!isRepositoryPath(below(settings.to, path)))
      throw deployFailed(`deploy ${deploy.name}: ${path} cannot be a file of a Git repository`, {
        hint: 'Leave it out of the artifact: `ignore` of the source, or `path` of the deploy.',
      });
    const oid = blobName(await artifact.read(path, GIT_FILE_BYTES));
    wanted.push({ path, oid, mode: (mode & EXECUTABLE) === 0 ? '100644' : '100755' });
  }
  return wanted;
}
