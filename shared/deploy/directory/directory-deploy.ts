import { randomBytes } from 'node:crypto';
import { lstat, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { makeFolder } from '../../store/directory/make-folder.ts';
import { defineDeploy } from '../kit/define-deploy.ts';
import type { ArtifactLocation, DeployContext } from '../kit/deploy-context.ts';
import { deployFailed, needsFolder } from '../kit/failures.ts';
import type { DeployPlan } from '../kit/plan.ts';
import { type DirectorySettings, directorySettings } from './directory-settings.ts';
import { refuseLanded } from './refuse-landed.ts';

/** @throws LandfallError DEPLOY_FAILED where the artifact is no folder of this machine */
function folderIn(name: string, location: ArtifactLocation): string {
  if (location.in === 'directory') return location.directory;
  if (location.in === 'packs') throw needsFolder(name);
  throw deployFailed(`deploy ${name}: a link to s3://${location.bucket}/${location.prefix} cannot be made`, {
    hint: 'A directory deploy is for one machine, whose store is a folder.',
  });
}

/**
 * Points a symbolic link at the artifact's files. rename(2) over the old link is atomic: whoever opens a path through
 * it sees the old revision or the new one, never a mixture and never nothing.
 */
async function switchLink(name: string, target: string, directory: string): Promise<void> {
  await refuseNonLink(name, target);
  await refuseLanded(name, target);
  const fresh = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    makeFolder(dirname(target));
    await symlink(directory, fresh, 'dir');
    await rename(fresh, target);
  } catch (cause) {
    // What cannot be made under this name cannot be taken away either.
    await rm(fresh).catch(() => undefined);
    throw deployFailed(`deploy ${name}: ${target} cannot be switched: ${String(cause)}`, {
      cause,
      hint: `Check that ${dirname(target)} can be written by the user Landfall runs as.`,
    });
  }
}

const linkAt = (target: string): Promise<string | undefined> => readlink(target).catch(() => undefined);

type Context = DeployContext<DirectorySettings>;

async function planLink({
  deploy,
  settings: { target },
  artifact,
}: Pick<Context, 'deploy' | 'settings' | 'artifact'>): Promise<DeployPlan> {
  const [wanted, there] = [folderIn(deploy.name, artifact.location), await linkAt(target)];
  if (there === wanted) return { changes: [], summary: `${target} is this already` };
  const why = `${there ?? 'nothing'} → ${wanted}`;
  return {
    changes: [{ action: there === undefined ? 'create' : 'update', what: target, why }],
    summary: `${target} is switched`,
  };
}

/** Where the link led that this deploy made. */
const result = z.object({ directory: z.string() });

/** A symbolic link of this machine to the artifact's files. */
export const directoryDeploy = defineDeploy({
  kind: 'directory',
  settings: directorySettings,
  result,
  followsEveryRevision: true,
  // Also of a target that was moved, or that the document names anew.
  stands: async ({ target }, location) =>
    location.in === 'directory' && (await linkAt(target)) === location.directory,
  plan: planLink,
  step: async ({ deploy, settings: { target }, artifact }) => {
    const directory = folderIn(deploy.name, artifact.location);
    await artifact.checkAll();
    await switchLink(deploy.name, target, directory);
    return { state: 'succeeded', result: { directory } };
  },
  // A link that leads elsewhere is somebody else's by now.
  remove: async ({ settings: { target }, applied }) => {
    const there = await linkAt(target);
    if (there === undefined || there !== applied?.result?.directory)
      return { state: 'succeeded', message: `${target} is not ours, and stays` };
    await rm(target, { force: true });
    return { state: 'succeeded' };
  },
});

async function refuseNonLink(name: string, target: string): Promise<void> {
  const there = await lstat(target).catch(() => undefined);
  if (there === undefined || there.isSymbolicLink()) return;
  throw deployFailed(`deploy ${name}: ${target} exists and is not a symbolic link`, {
    hint: `Move it away: a directory deploy owns its target, and replaces only a link.`,
  });
}
