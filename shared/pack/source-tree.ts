import { type Dirent, lstatSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { LandfallError } from '../errors.ts';
import { inPathOrder } from '../kernel/byte-order.ts';
import { cancelled } from '../kernel/cancelled.ts';
import { IGNORE_BYTES, type Limits } from '../limits.ts';
import { isExecutable } from '../model/content-digest.ts';
import { UnpackBudget } from '../unpack/budget.ts';
import { judgePath, quoteName } from '../unpack/entry-path.ts';
import { IGNORE_FILE, ignoreFilter, type PathFilter } from '../unpack/ignore.ts';
import { type SourceFile, unreadable } from './source-file.ts';

export interface SourceTreeOptions {
  readonly limits: Limits;
  /** .gitignore lines, over those of every `.sourceignore`. */
  readonly ignore?: string;
  /** Copies what a link inside the folder points at; otherwise links are refused. */
  readonly resolveSymlinks?: boolean;
  readonly signal?: AbortSignal;
}

interface Folder {
  /** Without links. */
  readonly location: string;
  /** '' or ending in "/". */
  readonly path: string;
  /** `.sourceignore` texts of this folder and those above. */
  readonly texts: ReadonlyMap<string, string>;
  readonly isIgnored: PathFilter;
  /** Locations of this folder and those above, to see circles. */
  readonly chain: readonly string[];
}

export interface SourceTree {
  readonly files: readonly SourceFile[];
  /** All that were walked, empty ones too; "." is the root, and not there where it is one file. */
  readonly folders: readonly string[];
}

/**
 * The files and folders of a folder, or the one file given, in byte order of path. `.git` and what ignore files rule out stay away;
 * what could not be unpacked again is refused here.
 * @throws LandfallError INPUT_UNREADABLE, PATH_REFUSED, LINK_REFUSED, ENTRY_REFUSED, IGNORE_INVALID, TOO_MANY_FILES,
 * UNPACKED_TOO_LARGE
 */
export async function readSourceTree(location: string, options: SourceTreeOptions): Promise<SourceTree> {
  const root = attempt(location, () => realpathSync(location));
  const stats = attempt(location, () => statSync(root));
  const walk = new SourceWalk(root, options);
  if (stats.isDirectory()) await walk.enter(root, '', new Map(), []);
  else walk.add(basename(location), root, stats);
  return walk.finish();
}

class SourceWalk {
  readonly #root: string;
  readonly #options: SourceTreeOptions;
  readonly #files: SourceFile[] = [];
  readonly #folders: string[] = [];
  readonly #budget: UnpackBudget;
  readonly #texts = new Map<string, string>();
  #ignoreBytes = 0;

  constructor(root: string, options: SourceTreeOptions) {
    this.#root = root;
    this.#options = options;
    this.#budget = new UnpackBudget(options.limits);
  }

  finish(): SourceTree {
    // Every folder's rules were compiled on its own way down; together they must be few enough to unpack.
    ignoreFilter(this.#texts, undefined);
    return { files: inPathOrder(this.#files), folders: this.#folders };
  }

  async enter(
    location: string,
    path: string,
    above: ReadonlyMap<string, string>,
    chain: readonly string[],
  ): Promise<void> {
    if (this.#options.signal?.aborted) throw cancelled('packing', this.#options.signal);
    this.#budget.takeEntry();
    this.#folders.push(path === '' ? '.' : path.slice(0, -1));
    const entries = await readdir(location, { withFileTypes: true, encoding: 'buffer' }).catch((cause) => {
      throw unreadable(location, cause);
    });
    const texts = this.#readIgnoreFile(location, path, entries, above);
    const isIgnored = ignoreFilter(texts, this.#options.ignore);
    const folder: Folder = { location, path, texts, isIgnored, chain: [...chain, location] };
    for (const name of entries.map(nameOf).sort()) if (name !== '.git') await this.#visit(name, folder);
  }

  add(path: string, location: string, stats: Stats): void {
    const { limits } = this.#options;
    if (!stats.isFile())
      throw new LandfallError('ENTRY_REFUSED', `${quoteName(path)} is neither a file nor a folder`, {
        hint: 'Remove it, or rule it out with --ignore.',
      });
    const mode = isExecutable(stats.mode) ? 0o755 : 0o644;
    this.#files.push({ path: judgePath(path, limits, 0), location, size: stats.size, mode });
    this.#budget.takeEntry();
    this.#budget.takeFile();
    // The headers are counted when it is known which there are.
    this.#budget.takeBytes(stats.size);
  }

  async #visit(name: string, folder: Folder): Promise<void> {
    const path = folder.path + name;
    let location = join(folder.location, name);
    let stats = attempt(location, () => lstatSync(location));
    if (folder.isIgnored(stats.isDirectory() ? `${path}/` : path)) return;
    if (stats.isSymbolicLink()) {
      location = this.#resolve(location, path);
      stats = attempt(location, () => statSync(location));
    }
    if (!stats.isDirectory()) {
      this.add(path, location, stats);
      return;
    }
    if (folder.chain.includes(location)) throw link(path, 'points at a folder it is in');
    judgePath(path, this.#options.limits, 0);
    await this.enter(location, `${path}/`, folder.texts, folder.chain);
  }

  #resolve(location: string, path: string): string {
    if (this.#options.resolveSymlinks !== true)
      throw link(
        path,
        'is not packed',
        'Give --resolve-symlinks to pack what it points at, or rule it out with --ignore.',
      );
    let target: string;
    try {
      target = realpathSync(location);
    } catch (cause) {
      throw link(path, 'points at nothing', undefined, cause);
    }
    if (target === this.#root || target.startsWith(this.#root + sep)) return target;
    throw link(path, 'points out of the folder');
  }

  #readIgnoreFile(
    location: string,
    path: string,
    entries: readonly Dirent<Buffer>[],
    above: ReadonlyMap<string, string>,
  ): ReadonlyMap<string, string> {
    const found = entries.find((entry) => entry.isFile() && entry.name.equals(IGNORE_NAME));
    if (found === undefined) return above;
    const file = join(location, IGNORE_FILE);
    const bytes = attempt(file, () => {
      const { size } = lstatSync(file);
      this.#ignoreBytes += size;
      if (this.#ignoreBytes <= IGNORE_BYTES) return readFileSync(file);
      const why = `makes the ignore files larger than ${IGNORE_BYTES} bytes together`;
      throw new LandfallError('IGNORE_INVALID', `${file} ${why}`);
    });
    const text = utf8(bytes);
    if (text === undefined) throw new LandfallError('IGNORE_INVALID', `${file} is not UTF-8`);
    this.#texts.set(path + IGNORE_FILE, text);
    return new Map([...above, [path + IGNORE_FILE, text]]);
  }
}

const IGNORE_NAME = Buffer.from(IGNORE_FILE);

function nameOf({ name }: Dirent<Buffer>): string {
  const text = utf8(name);
  if (text !== undefined) return text;
  throw new LandfallError('PATH_REFUSED', `file name ${quoteName(name.toString('latin1'))} is not UTF-8`, {
    hint: 'Rename the file.',
  });
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function attempt<T>(location: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof LandfallError ? cause : unreadable(location, cause);
  }
}

const link = (
  path: string,
  why: string,
  hint = 'Replace the link by a copy.',
  cause?: unknown,
): LandfallError =>
  new LandfallError('LINK_REFUSED', `symbolic link ${quoteName(path)} ${why}`, { hint, cause });
