import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileWriter, StagedTree } from '../../shared/model/artifact-store.ts';
import { pull } from '../../shared/reconcile/pull.ts';
import { stageOutput } from '../../shared/store/directory/output-directory.ts';
import { parseTarget } from '../options/ref-options.ts';
import type { OpenRegistry } from '../options/registry-options.ts';
import { parseLimits, parseUnpackFlags, type UnpackFlags } from '../options/unpack-options.ts';
import { progressBar } from '../terminal/progress.ts';
import { type Terminal, writeMessage } from '../terminal/terminal.ts';
import type { DiffSide } from './side.ts';

const NOWHERE: FileWriter = { write: () => {}, close: () => {} };

/** A staging that keeps nothing: unpack hashes as it goes, and the list is all that is wanted. */
const listingStaging: StagedTree = {
  create: () => NOWHERE,
  copy: async () => {},
  remove: async () => {},
  discard: async () => {},
};

export interface RegistrySideDeps {
  readonly options: UnpackFlags;
  /** Files will be opened: they are kept in a temporary folder until the side is disposed of. */
  readonly keepFiles: boolean;
  readonly registry: OpenRegistry;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

async function pullInto(url: string, staging: StagedTree, deps: RegistrySideDeps) {
  const { options, registry, terminal, signal } = deps;
  const { reference, ref } = parseTarget(url, {});
  const bar = progressBar(terminal, 'read');
  try {
    const { tree, notes } = await pull(
      {
        repository: reference,
        ref,
        unpack: parseUnpackFlags(options),
        limits: parseLimits(options),
        signal,
        onProgress: bar.update,
      },
      { registry: registry.client, staging },
    );
    bar.clear();
    for (const note of notes) writeMessage(terminal.stderr, `note: ${url}: ${note}`);
    return tree;
  } finally {
    bar.clear();
  }
}

/** An artifact as its registry has it. */
export async function registrySide(url: string, deps: RegistrySideDeps): Promise<DiffSide> {
  const folder = deps.keepFiles ? await mkdtemp(join(tmpdir(), 'landfall-diff-')) : undefined;
  const dispose = async (): Promise<void> => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  const root = join(folder ?? '', 'files');
  try {
    const staging =
      folder === undefined ? undefined : await stageOutput(root, { force: false, signal: deps.signal });
    const content = await pullInto(url, staging ?? listingStaging, deps);
    await staging?.commit(content.folders ?? []);
    return {
      content,
      open: async (path) => createReadStream(join(root, path)),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
