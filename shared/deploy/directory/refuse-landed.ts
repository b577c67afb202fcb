import { realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { ARTIFACTS_PREFIX, VERSION_KEY } from '../../store/layout.ts';
import { startsAsStoreMark } from '../../store/store-mark.ts';
import { deployFailed } from '../kit/failures.ts';

/** The nearest folder above a path that is there, links followed. */
async function realFolderAbove(path: string): Promise<string> {
  for (let at = dirname(path); ; at = dirname(at)) {
    const real = await realpath(at).catch(() => undefined);
    if (real !== undefined) return real;
    if (dirname(at) === at) return at;
  }
}

const foldersUpTo = (folder: string): readonly string[] =>
  dirname(folder) === folder ? [folder] : [folder, ...foldersUpTo(dirname(folder))];

/**
 * A target below the link of another deploy would be made among the files that this one leads to: a store's are never
 * written again, and go with their revision.
 * @throws LandfallError DEPLOY_FAILED
 */
export async function refuseLanded(name: string, target: string): Promise<void> {
  const folder = await realFolderAbove(target);
  for (const store of foldersUpTo(folder)) {
    const [inStore] = relative(store, folder).split(sep);
    if (`${inStore}/` !== ARTIFACTS_PREFIX || !(await startsAsStoreMark(join(store, VERSION_KEY)))) continue;
    throw deployFailed(`deploy ${name}: ${target} would be among the files of a store, ${store}`, {
      hint: 'Give it a target that is neither in a store nor below the link of another deploy.',
    });
  }
}
