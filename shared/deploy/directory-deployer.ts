import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LandfallError } from '../errors.ts';
import type { DeployEntry } from '../source/deploy-entry.ts';
import type { Deployer, DeployInput } from './deployer.ts';

type DirectoryInput = Pick<DeployInput<DeployEntry<'directory'>>, 'deploy' | 'directory'>;

/**
 * Points a symbolic link at the artifact's files. rename(2) over the old link is atomic: whoever opens a path through
 * it sees the old revision or the new one, never a mixture and never nothing.
 */
async function switchLink({ deploy: { name, target }, directory }: DirectoryInput): Promise<void> {
  await refuseNonLink(name, target);
  await mkdir(dirname(target), { recursive: true });
  const fresh = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await symlink(directory, fresh, 'dir');
    await rename(fresh, target);
  } catch (cause) {
    await rm(fresh, { force: true });
    throw new LandfallError(
      'DEPLOY_FAILED',
      `deploy ${name}: ${target} cannot be switched: ${String(cause)}`,
      {
        cause,
        hint: `Check that ${dirname(target)} can be written by the user Landfall runs as.`,
      },
    );
  }
}

export const deployDirectory: Deployer<DeployEntry<'directory'>> = {
  followsEveryRevision: true,
  apply: switchLink,
  // Also of a target that was moved, or that the document names anew.
  stands: async ({ deploy: { target }, directory }) =>
    (await readlink(target).catch(() => undefined)) === directory,
};

async function refuseNonLink(name: string, target: string): Promise<void> {
  const there = await lstat(target).catch(() => undefined);
  if (there === undefined || there.isSymbolicLink()) return;
  throw new LandfallError('DEPLOY_FAILED', `deploy ${name}: ${target} exists and is not a symbolic link`, {
    hint: `Move it away: a directory deploy owns its target, and replaces only a link.`,
  });
}
