import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../../../store/directory/filesystem-error.ts';

const PREFIX = 'landfall-helm-';
const NAME = /^landfall-helm-(\d+)-/;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

/** Removes what processes left that were killed, also one that had our own number: values of a release may be in it. */
export async function sweepHelmFolders(parent = tmpdir()): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const pid = Number(NAME.exec(name)?.[1] ?? 'none');
    if (Number.isNaN(pid) || (pid !== process.pid && isRunning(pid))) continue;
    // Somebody else's is theirs to remove.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

let swept: Promise<void> | undefined;

/** All that helm reads and writes on the disk, for one visit and this user alone. */
export interface HelmFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes one; the first of a process removes those that others left. */
export async function openHelmFolder(): Promise<HelmFolder> {
  swept ??= sweepHelmFolders();
  await swept;
  // mkdtemp makes it for this user alone.
  const path = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  await mkdir(join(path, 'home'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
