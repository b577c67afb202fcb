import { stat as statOf } from 'node:fs/promises';
import type { Command } from 'commander';
import { type ContentChange, contentDiff, type PathContent } from '../../shared/diff/content-diff.ts';
import { LandfallError } from '../../shared/errors.ts';
import { correctedReference } from '../../shared/oci/typed-reference.ts';
import { shownUrl } from '../../shared/shown-url.ts';
import type { CommandContext, ExitCode } from '../command.ts';
import { folderSide } from '../diff/folder-side.ts';
import { patchOf } from '../diff/patch.ts';
import { type RegistrySideDeps, registrySide } from '../diff/registry-side.ts';
import type { DiffSide } from '../diff/side.ts';
import { storeSide } from '../diff/store-side.ts';
import { deadline } from '../options/deadline.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import { openExistingStore } from '../options/store-options.ts';
import { addUnpackOptions, type UnpackFlags } from '../options/unpack-options.ts';
import { formatBytes } from '../terminal/table.ts';
import { type Terminal, writeJson, writeLine, writeText } from '../terminal/terminal.ts';

interface DiffOptions extends RegistryOptions, UnpackFlags {
  readonly unified?: boolean;
  readonly stat?: boolean;
  readonly store?: string;
  readonly exitCode?: boolean;
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
Each side is oci://… or a folder; with --store also a source, at what is current, or SOURCE@REVISION of its history. Files are
compared by their sha256 and whether they are executable, so a rebuild that changed only dates or annotations shows no
difference. -u shows the lines that differ; of what is no text, the sizes.

Examples:
  landfall diff oci://ghcr.io/stefanprodan/manifests/podinfo:6.5.0 oci://ghcr.io/stefanprodan/manifests/podinfo:6.5.1 -u
  landfall diff ./deploy oci://registry.example/team/app:latest --exit-code
  landfall diff --store ./store web/site@1.4.0 web/site`;

const isFolder = (path: string): Promise<boolean> =>
  statOf(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

interface SideDeps extends RegistrySideDeps {
  readonly store: string | undefined;
}

/** A folder that is there is meant as one, unless it is written as a source of the store. */
async function openSide(text: string, { store, ...deps }: SideDeps): Promise<DiffSide> {
  const isPath = /^[./~]|\\/.test(text);
  if (store !== undefined && !isPath && /^[a-z0-9-]+(?:\/[a-z0-9-]+)?(?:@.*)?$/.test(text)) {
    const opened = await openExistingStore({ store });
    try {
      const side = await storeSide(text, opened, deps.signal);
      return { ...side, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
    } catch (error) {
      await opened[Symbol.asyncDispose]();
      throw error;
    }
  }
  if (await isFolder(text)) return folderSide(text);
  if (!isPath && correctedReference(text) !== undefined) return registrySide(text, deps);
  const source = /^[a-z0-9-]+(?:\/[a-z0-9-]+)?(?<revision>@[A-Za-z0-9._:@-]+)?$/.exec(text);
  const what = source?.groups?.['revision'] === undefined ? 'a source' : 'a revision of a source';
  throw new LandfallError(
    'USAGE',
    `${source === null ? shownUrl(text) : text} is neither oci://… nor a folder`,
    {
      ...(source !== null && { hint: `For ${what}, say in which store: --store ./store` }),
    },
  );
}

const sizeOf = (content: PathContent | null): string | undefined =>
  content !== null && 'size' in content ? formatBytes(content.size) : undefined;

const LETTER = { added: 'A', modified: 'M', removed: 'D' } as const;

function lineOf({ path, change, before, after }: ContentChange, { stat }: DiffOptions): string {
  if (stat !== true) return `${LETTER[change]} ${path}`;
  const sizes = [sizeOf(before), sizeOf(after)].filter((size) => size !== undefined);
  return `${LETTER[change]} ${path}${sizes.length > 0 ? `  (${[...new Set(sizes)].join(' → ')})` : ''}`;
}

const pathsOf = (changes: readonly ContentChange[], wanted: ContentChange['change']): readonly string[] =>
  changes.filter(({ change }) => change === wanted).map(({ path }) => path);

function tell(changes: readonly ContentChange[], { stderr }: Terminal): void {
  const count = (wanted: ContentChange['change']): number => pathsOf(changes, wanted).length;
  writeLine(
    stderr,
    changes.length === 0
      ? 'no difference in content'
      : `${count('added')} added, ${count('modified')} modified, ${count('removed')} removed`,
  );
}

async function write(
  changes: readonly ContentChange[],
  sides: readonly [DiffSide, DiffSide],
  options: DiffOptions,
  terminal: Terminal,
): Promise<void> {
  const { stdout } = terminal;
  const { unified, stat, json } = options;
  if (json === true) {
    const documents = [];
    for (const change of changes)
      documents.push(unified === true ? { ...change, patch: await patchOf(change, sides) } : change);
    return writeJson(stdout, {
      content: changes.length === 0 ? 'unchanged' : 'changed',
      added: pathsOf(changes, 'added'),
      modified: pathsOf(changes, 'modified'),
      removed: pathsOf(changes, 'removed'),
      ...((unified === true || stat === true) && { changes: documents }),
    });
  }
  for (const change of changes)
    if (unified === true) writeText(stdout, await patchOf(change, sides));
    else writeLine(stdout, lineOf(change, options));
  tell(changes, terminal);
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Lists the paths that differ between a and b.')
    .option('-u, --unified', 'show the lines that differ, as diff -u does')
    .option('--stat', 'show the sizes, too')
    .option('--store <where>', 'the store whose sources <a> and <b> may name')
    .option('--exit-code', 'exit 1 when there is a difference')
    .option('--timeout <duration>', 'for everything', '10m')
    .option('--json', 'print {content, added, modified, removed}, with -u or --stat also changes')
    .addHelpText('after', HELP);
  for (const addOptions of [addUnpackOptions, addRegistryOptions]) addOptions(command);
  command.action((a: string, b: string, options: DiffOptions) =>
    run(options, async (interrupted): Promise<ExitCode> => {
      await using registry = openRegistry(options);
      const signal = deadline(interrupted, options.timeout, 'diff');
      const keepFiles = options.unified === true;
      const deps = { options, keepFiles, registry, terminal, signal, store: options.store };
      await using before = await openSide(a, deps);
      await using after = await openSide(b, deps);
      const changes = contentDiff(before.content, after.content);
      await write(changes, [before, after], options, terminal);
      return options.exitCode === true && changes.length > 0 ? 1 : 0;
    }),
  );
}
