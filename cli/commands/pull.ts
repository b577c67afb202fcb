import type { Command } from 'commander';
import { type Pulled, pull } from '../../shared/reconcile/pull.ts';
import { stageOutput } from '../../shared/store/directory/output-directory.ts';
import type { CommandContext } from '../command.ts';
import { deadline } from '../options/deadline.ts';
import { addRefOptions, parseTarget, type RefOptions } from '../options/ref-options.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import {
  addUnpackOptions,
  parseLimits,
  parseUnpackFlags,
  type UnpackFlags,
} from '../options/unpack-options.ts';
import { progressBar } from '../terminal/progress.ts';
import { besideFiles, formatBytes } from '../terminal/table.ts';
import { type Terminal, writeJson, writeLine, writeMessage } from '../terminal/terminal.ts';

interface PullOptions extends RefOptions, RegistryOptions, UnpackFlags {
  readonly output: string;
  readonly force?: boolean;
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
The folder appears whole or not at all: files are put together beside it and moved in place once every digest is proven.

Examples:
  landfall pull oci://ghcr.io/stefanprodan/manifests/podinfo:6.5.0 -o podinfo
  landfall pull oci://ghcr.io/stefanprodan/charts/podinfo --semver "^6" -o chart
  landfall pull oci://localhost:5000/team/app:latest -o app --plain-http --force --json`;

const documentOf = ({ tree, artifactType, annotations, ...pulled }: Pulled): Record<string, unknown> => ({
  ...pulled,
  artifactType,
  annotations,
  files: tree.files.length,
  links: tree.links.length,
  folders: tree.folders?.length ?? 0,
  leftOut: tree.leftOut ?? 0,
  size: tree.size,
});

function writePulled({ stdout }: Terminal, { revision, tree }: Pulled, output: string): void {
  const { files, links, folders = [], leftOut = 0, size } = tree;
  const beside = besideFiles({ links: links.length, folders: folders.length, leftOut });
  const copied = links.length > 0 ? ' (--links materialize copies links that stay inside)' : '';
  const skipped = beside === '' ? '' : `; ${beside}${copied}`;
  writeLine(stdout, revision);
  writeLine(stdout, `${files.length} files, ${formatBytes(size)} in ${output}${skipped}`);
}

async function pullInto(
  url: string,
  options: PullOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { reference, ref } = parseTarget(url, options);
  const unpack = parseUnpackFlags(options);
  const bounded = deadline(signal, options.timeout, url);
  await using registry = openRegistry(options);
  const bar = progressBar(terminal, 'pull');
  const staging = await stageOutput(options.output, { force: options.force === true, signal: bounded });
  try {
    const pulled = await pull(
      {
        repository: reference,
        ref,
        unpack,
        limits: parseLimits(options),
        signal: bounded,
        onProgress: bar.update,
      },
      { registry: registry.client, staging },
    );
    await staging.commit(pulled.tree.folders ?? []);
    bar.clear();
    for (const note of pulled.notes) writeMessage(terminal.stderr, `note: ${note}`);
    if (options.json === true) writeJson(terminal.stdout, documentOf(pulled));
    else writePulled(terminal, pulled, options.output);
  } finally {
    bar.clear();
    await staging.discard();
  }
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description(
      'Fetches what oci://host/repository[:tag][@digest] points at, verifies every digest and unpacks it into a folder.',
    )
    .requiredOption('-o, --output <dir>', 'the folder; it must be empty or not there yet')
    .option('--force', 'replace what the folder holds')
    .option('--timeout <duration>', 'for everything, e.g. 10m', '10m')
    .option('--json', 'print what was pulled as JSON')
    .addHelpText('after', HELP);
  for (const addOptions of [addRefOptions, addUnpackOptions, addRegistryOptions]) addOptions(command);
  command.action((url: string, options: PullOptions) =>
    run(options, (signal) => pullInto(url, options, terminal, signal)),
  );
}
