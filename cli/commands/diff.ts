import type { Command } from 'commander';
import type { ListedContent } from '../../shared/event/changes.ts';
import { pull } from '../../shared/reconcile/pull.ts';
import type { CommandContext, ExitCode } from '../command.ts';
import { deadline } from '../options/deadline.ts';
import { parseTarget } from '../options/ref-options.ts';
import {
  addRegistryOptions,
  type OpenRegistry,
  openRegistry,
  type RegistryOptions,
} from '../options/registry-options.ts';
import {
  addUnpackOptions,
  parseLimits,
  parseUnpackFlags,
  type UnpackFlags,
} from '../options/unpack-options.ts';
import { progressBar } from '../terminal/progress.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';
import { listFolder, listingStaging } from '../tree-listing.ts';

export interface ListingDifference {
  readonly added: readonly string[];
  readonly modified: readonly string[];
  readonly removed: readonly string[];
}

/** Path to what stands there, an empty folder's with a slash; the executable bit counts, the other mode bits do not reach an artifact's files. */
const contentOf = ({ files, links, folders }: ListedContent): Map<string, string> =>
  new Map([
    ...files.map(
      ({ path, sha256, mode }) =>
        [path, `${(mode & 0o111) === 0 ? 'file' : 'executable'} ${sha256}`] as const,
    ),
    ...links.map(({ path, target, outside }) => [path, `${outside ? 'outside' : 'link'} ${target}`] as const),
    ...(folders ?? []).map((path) => [`${path}/`, 'folder'] as const),
  ]);

/** Every path that differs, in full: an event collapses long lists, a person who asks wants them. */
export function compareListings(before: ListedContent, after: ListedContent): ListingDifference {
  const [old, fresh] = [contentOf(before), contentOf(after)];
  return {
    added: [...fresh.keys()].filter((path) => !old.has(path)),
    modified: [...fresh]
      .filter(([path, content]) => old.has(path) && old.get(path) !== content)
      .map(([path]) => path),
    removed: [...old.keys()].filter((path) => !fresh.has(path)),
  };
}

interface DiffOptions extends RegistryOptions, UnpackFlags {
  readonly exitCode?: boolean;
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
Each side is oci://… or a folder. Files are compared by their sha256 and whether they are executable, so a rebuild
that changed only dates or annotations shows no difference. Nothing is written to disk.

Examples:
  landfall diff oci://ghcr.io/stefanprodan/manifests/podinfo:6.5.0 oci://ghcr.io/stefanprodan/manifests/podinfo:6.5.1
  landfall diff ./deploy oci://registry.example/team/app:latest --exit-code`;

interface Side {
  readonly text: string;
  readonly options: DiffOptions;
  readonly registry: OpenRegistry;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

async function listSide({ text, options, registry, terminal, signal }: Side): Promise<ListedContent> {
  if (!text.startsWith('oci://')) return listFolder(text);
  const { reference, ref } = parseTarget(text, {});
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
      { registry: registry.client, staging: listingStaging },
    );
    bar.clear();
    for (const note of notes) writeLine(terminal.stderr, `note: ${text}: ${note}`);
    return tree;
  } finally {
    bar.clear();
  }
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Lists the paths that differ between a and b.')
    .option('--exit-code', 'exit 1 when there is a difference')
    .option('--timeout <duration>', 'for everything', '10m')
    .option('--json', 'print {content, added, modified, removed}')
    .addHelpText('after', HELP);
  for (const addOptions of [addUnpackOptions, addRegistryOptions]) addOptions(command);
  command.action((a: string, b: string, options: DiffOptions) =>
    run(options, async (interrupted): Promise<ExitCode> => {
      await using registry = openRegistry(options);
      const side = { options, registry, terminal, signal: deadline(interrupted, options.timeout, 'diff') };
      const [before, after] = [await listSide({ ...side, text: a }), await listSide({ ...side, text: b })];
      const { added, modified, removed } = compareListings(before, after);
      const isEqual = added.length + modified.length + removed.length === 0;
      if (options.json === true) {
        writeJson(terminal.stdout, { content: isEqual ? 'unchanged' : 'changed', added, modified, removed });
      } else {
        const lines = [
          ...added.map((path) => `A ${path}`),
          ...modified.map((path) => `M ${path}`),
          ...removed.map((path) => `D ${path}`),
        ];
        for (const line of lines.sort((left, right) => (left.slice(2) < right.slice(2) ? -1 : 1)))
          writeLine(terminal.stdout, line);
        writeLine(
          terminal.stderr,
          isEqual
            ? 'no difference in content'
            : `${added.length} added, ${modified.length} modified, ${removed.length} removed`,
        );
      }
      return options.exitCode === true && !isEqual ? 1 : 0;
    }),
  );
}
