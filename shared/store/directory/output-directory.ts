import { accessSync, constants, lstatSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { chmod, rename } from 'node:fs/promises';
import { basename, dirname, join, parse, resolve, sep } from 'node:path';
import { LandfallError } from '../../errors.ts';
import { homeFolder } from '../../home-folder.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import type { StagedTree } from '../../model/artifact-store.ts';
import { NEXT_STEPS } from '../../next-steps.ts';
import { guarded, isMissing } from './filesystem-error.ts';
import { makeFolder } from './make-folder.ts';
import { outputError } from './output-error.ts';
import { livenessOf, ownedName, ownerOfName } from './owner.ts';
import { StagedFiles, treeOf } from './staged-files.ts';
import { removeTree } from './staging-folder.ts';

export interface OutputOptions extends CallOptions {
  /** Replace what is there. */
  readonly force: boolean;
}

/** Files on their way into a folder of the user's. */
export interface StagedOutput extends StagedTree {
  /** Switches them in, with folders that have nothing in them. @throws LandfallError OUTPUT_NOT_EMPTY, OUTPUT_UNWRITABLE */
  commit(folders: readonly string[]): Promise<void>;
}

interface Output extends Pick<OutputOptions, 'force'> {
  /** Absolute, symbolic links resolved. */
  readonly path: string;
  /** `replace`: by renaming a folder next to it. `fill`: entry by entry, where the folder itself cannot move. */
  readonly way: 'replace' | 'fill';
  /** Beside `path`, or in it: what is put together, and what is taken away. */
  readonly staging: string;
  readonly old: string;
}

const MARK = '.landfall-';

const notEmpty = (path: string, why: string, hint: string): LandfallError =>
  new LandfallError('OUTPUT_NOT_EMPTY', `output ${path} ${why}`, { hint });

const isOurs = (name: string): boolean => name.startsWith(MARK);

/** Names in the folder but our own staging; undefined where there is nothing. */
function entriesOf(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path).filter((name) => !isOurs(name));
  } catch (error) {
    if (isMissing(error) && lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
    throw error;
  }
}

function checkOutput(path: string, force: boolean): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isDirectory())
    throw notEmpty(path, 'is not a folder', 'Name a folder that is empty or not there yet.');
  const entries = entriesOf(path) ?? [];
  if (entries.length === 0) return;
  if (!force) throw notEmpty(path, `has ${entries.length} entries`, NEXT_STEPS.OUTPUT_NOT_EMPTY);
  const isAbove = process.cwd().startsWith(path.endsWith(sep) ? path : `${path}${sep}`);
  if (isAbove || path === parse(path).root || path === resolve(homeFolder()))
    throw notEmpty(
      path,
      'would be deleted with all that is in it',
      'Name a folder of its own for the artifact.',
    );
  if (entries.includes('.git'))
    throw notEmpty(
      path,
      'holds a .git, which --force would delete too',
      'Name a folder of its own for the artifact, e.g. one inside it.',
    );
}

const guardedOutput = <T>(what: string, work: () => Promise<T>): Promise<T> =>
  guarded(what, work, outputError);

/** A mount point, the working directory, or a folder whose parent we may not write cannot be swapped. */
function canMove(path: string): boolean {
  const parent = dirname(path);
  if (path === parent || path === process.cwd()) return false;
  try {
    accessSync(parent, constants.W_OK | constants.X_OK);
  } catch {
    return false;
  }
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined || stat.dev === statSync(parent).dev;
}

function prepare(dir: string, { force }: OutputOptions): Output {
  const wanted = resolve(dir);
  makeFolder(dirname(wanted));
  const path = statSync(wanted, { throwIfNoEntry: false }) === undefined ? wanted : realpathSync(wanted);
  checkOutput(path, force);
  const way = canMove(path) ? 'replace' : 'fill';
  const folder = way === 'fill' ? path : dirname(path);
  const name = `${MARK}${basename(path) || 'root'}-`;
  return {
    path,
    force,
    way,
    staging: join(folder, `${name}${ownedName()}`),
    old: join(folder, `${name}${ownedName()}`),
  };
}

/**
 * Removes what a killed pull to the same folder left beside it. Only once the new content stands: one that was killed
 * between its two renames left there all that the folder had.
 */
async function sweepBeside({ staging, path }: Output): Promise<void> {
  const folder = dirname(staging);
  const prefix = `${MARK}${basename(path) || 'root'}-`;
  for (const name of readdirSync(folder)) {
    const owner = name.startsWith(prefix) ? ownerOfName(name.slice(prefix.length)) : undefined;
    if (owner !== undefined && livenessOf(owner) === 'dead') await removeTree(join(folder, name));
  }
}

/** Two renames with nothing between them; if the second fails, the first is undone. */
async function replaceFolder({ path, staging, old, force }: Output): Promise<void> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined) await chmod(staging, stat.mode & 0o7777);
  checkOutput(path, force); // Again: a download takes its time.
  if ((entriesOf(path) ?? []).length === 0) return rename(staging, path);
  await rename(path, old);
  try {
    await rename(staging, path);
  } catch (error) {
    await rename(old, path);
    throw error;
  }
}

async function moveEntries(from: string, to: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rename(join(from, name), join(to, name));
}

/**
 * The folder stays, its entries go and come: each at once, not all at once, which a mount point does not allow. After
 * a failure what went comes back.
 */
async function fillFolder({ path, staging, old, force }: Output): Promise<void> {
  checkOutput(path, force);
  mkdirSync(old);
  try {
    await moveEntries(path, old, entriesOf(path) ?? []);
    await moveEntries(staging, path, readdirSync(staging));
  } catch (error) {
    await moveEntries(path, staging, entriesOf(path) ?? []);
    await moveEntries(old, path, readdirSync(old));
    throw error;
  }
}

/**
 * Puts an artifact together for a folder of the user's (`landfall pull -o DIR`): beside it and out of sight, then
 * switched in. DIR gets the files and nothing else, no record. It must be absent or empty unless `force`, which
 * deletes what was there once the new content stands.
 * @throws LandfallError OUTPUT_NOT_EMPTY before anything is written, OUTPUT_UNWRITABLE
 */
export async function stageOutput(dir: string, options: OutputOptions): Promise<StagedOutput> {
  const { signal } = options;
  throwIfCancelled(`use of ${dir}`, signal);
  const output = await guardedOutput(`use ${dir}`, async () => {
    const prepared = prepare(dir, options);
    if (prepared.way === 'fill') makeFolder(prepared.path);
    mkdirSync(prepared.staging);
    return prepared;
  });
  const files = new StagedFiles(output.staging, outputError);
  const clean = async (): Promise<void> => {
    await removeTree(output.staging);
    await removeTree(output.old);
  };
  return {
    ...treeOf(files, signal),
    commit: async (folders) => {
      throwIfCancelled(`switch ${output.path}`, signal);
      await files.close();
      files.makeFolders(folders);
      await guardedOutput(`switch ${output.path}`, async () => {
        await (output.way === 'replace' ? replaceFolder(output) : fillFolder(output));
        await clean();
        await sweepBeside(output);
      });
    },
    discard: async () => {
      await files.close();
      // `old` is not removed here: after a failure it may hold what was the user's.
      await guardedOutput('discard the staging folder', () => removeTree(output.staging));
    },
  };
}
