import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { livenessOf, ownedName, ownerOfName } from '../../store/directory/owner.ts';

/** `build`: a copy of an artifact; `k`: a socket, whose path may not be long; `helm`: all that helm reads and writes. */
type Purpose = 'build' | 'k' | 'helm';

const NAME = /^landfall-(?:build|k|helm)-/;
/** In each: who made it. */
const OWNER = 'owner';

/** Removes what a process left here that was killed; what another user's is, or cannot be told, stays. Never throws. */
export async function sweepWorkFolders(within: string): Promise<void> {
  const names = await readdir(within).catch(() => []);
  for (const name of names.filter((each) => NAME.test(each))) {
    const text = await readFile(join(within, name, OWNER), 'utf8').catch(() => '');
    const owner = ownerOfName(text);
    if (owner === undefined || livenessOf(owner) !== 'dead') continue;
    await rm(join(within, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

let swept: Promise<void> | undefined;

/** A folder for this user alone, to be removed by whoever asks for it; what killed processes left is removed once a process. */
export async function makeWorkFolder(purpose: Purpose): Promise<string> {
  swept ??= sweepWorkFolders(tmpdir());
  await swept;
  const path = await mkdtemp(join(tmpdir(), `landfall-${purpose}-`));
  await writeFile(join(path, OWNER), ownedName());
  return path;
}
