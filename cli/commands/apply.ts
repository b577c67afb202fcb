import { basename, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { openDocumentBucket, requireBucket } from '../../local/documents/bucket-documents.ts';
import type { SecretLocation } from '../../shared/credentials/credential-entry.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { printableLines } from '../../shared/printable.ts';
import { holdsDocuments, parseDocuments } from '../../shared/source/document.ts';
import { readFiles } from '../../shared/source/file/files.ts';
import type { YamlFile } from '../../shared/source/file/yaml-document.ts';
import { namedFiles, namedSecrets } from '../../shared/source/named-secrets.ts';
import type { Configuration } from '../../shared/source/source.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import type { CommandContext } from '../command.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface ApplyOptions {
  readonly file: readonly string[];
  readonly store: string;
  readonly prune?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const HELP = `
Checks the documents as validate does, together with those that are in the bucket already, and puts them there. The
deployed functions then take them up and look at what changed, without a deploy. Nothing is put where one is refused.

Examples:
  landfall apply -f sources.yaml --store s3://my-landfall-store
  landfall apply -f ./sources --store s3://my-landfall-store --prune --dry-run`;

/** Documents by their names in the bucket: of a file its own, under a folder the path from there. */
async function readNamed(paths: readonly string[]): Promise<readonly YamlFile[]> {
  const named = new Map<string, YamlFile>();
  for (const path of paths) {
    for (const read of (await readFiles([path])).filter(holdsDocuments)) {
      const { file } = read;
      const name = relative(resolve(path), resolve(file)).replaceAll('\\', '/') || basename(file);
      if (named.has(name)) {
        throw new LandfallError(
          'USAGE',
          `two documents would be ${name} in the bucket; the second is ${file}`,
          {
            hint: 'Give the folder above both, or rename one.',
          },
        );
      }
      named.set(name, { ...read, file: name });
    }
  }
  if (named.size > 0) return [...named.values()];
  throw new LandfallError(
    'CONFIG_UNREADABLE',
    `found no *.yaml, *.yml or *.json in ${paths.join(', ') || 'no path'}`,
  );
}

const kindOf = (secret: SecretLocation): string | undefined => {
  if ('file' in secret) return 'file';
  return 'env' in secret ? 'variable' : undefined;
};

/** @throws LandfallError CONFIG_INVALID where the functions could not read what the documents name */
function refuseUnreachable(configuration: Configuration): void {
  const placed = [
    ...namedSecrets(configuration).map(([where, secret]) => [where, kindOf(secret)] as const),
    ...namedFiles(configuration).map(([where]) => [where, 'file'] as const),
  ];
  const problems = placed.flatMap(([where, kind]) =>
    kind === undefined ? [] : [`${where} is in a ${kind}, and functions on AWS have none of yours`],
  );
  if (problems.length === 0) return;
  throw new LandfallError('CONFIG_INVALID', printableLines(problems), {
    hint: 'Keep it in Secrets Manager or SSM: { secretsManager: NAME } or { ssm: NAME }.',
  });
}

/** A bucket's functions are built by the CDK; one alone runs what documents add, and that as a role. */
const unbuilt = (name: string, kind: string): string =>
  `deploy ${name} (${kind}) names no role: it runs and changes with cdk deploy alone, see docs/deploys.md`;

/** What a stack tells it tells by a function that it need not have. */
const untold = (name: string): string =>
  `notify ${name}: it is told by a stack that was deployed with a function for that, see docs/notify.md#on-aws`;

interface Applied {
  readonly put: readonly string[];
  readonly unchanged: readonly string[];
  readonly pruned: readonly string[];
}

/** @throws LandfallError CONFIG_INVALID where the given documents do not go together with those in the bucket */
async function applyTo(
  objects: ObjectStore,
  given: readonly YamlFile[],
  { prune = false, dryRun = false, signal }: ApplyOptions & CallOptions,
): Promise<Applied> {
  const bucket = await import('../../shared/aws/configuration/source-bucket.ts');
  const { compileDocuments } = await import('../../shared/aws/configuration/compile-documents.ts');
  const there = await bucket.readBucketDocuments(objects, { signal });
  const names = new Set(given.map(({ file }) => file));
  const others = there.filter(({ file }) => !names.has(file));
  const kept = prune ? [] : others;
  const known = new Set(compileDocuments(there).problems);
  const problems = compileDocuments([...kept, ...given]).problems.filter((problem) => !known.has(problem));
  if (problems.length > 0) throw new LandfallError('CONFIG_INVALID', printableLines(problems));
  const before = new Map(there.map(({ file, text }) => [file, text]));
  const changed = given.filter(({ file, text }) => before.get(file) !== text);
  const pruned = prune ? others.map(({ file }) => file) : [];
  if (!dryRun) {
    for (const document of changed) await bucket.putDocument(document, objects, { signal });
    if (pruned.length > 0) await bucket.deleteDocuments(pruned, objects, { signal });
  }
  return {
    put: changed.map(({ file }) => file),
    unchanged: given.filter(({ file, text }) => before.get(file) === text).map(({ file }) => file),
    pruned,
  };
}

function report({ put, unchanged, pruned }: Applied, dryRun: boolean, { stdout }: Terminal): void {
  const would = dryRun ? 'would ' : '';
  for (const name of put) writeLine(stdout, `${would}put ${name}`);
  for (const name of pruned) writeLine(stdout, `${would}remove ${name}`);
  writeLine(stdout, `${put.length} changed, ${pruned.length} removed, ${unchanged.length} unchanged`);
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Checks source documents and puts them into the bucket of a deployed system.')
    .requiredOption(
      '-f, --file <path>',
      'source document or folder; repeatable',
      (path: string, before: readonly string[] | undefined) => [...(before ?? []), path],
    )
    .requiredOption(
      '--store <url>',
      's3://BUCKET of the deployed system',
      process.env['LANDFALL_STORE'] || undefined,
    )
    .option('--prune', 'remove documents from the bucket that are not given')
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'print what was done')
    .addHelpText('after', HELP)
    .action((options: ApplyOptions) =>
      run(options, async (signal) => {
        requireBucket(options.store);
        const given = await readNamed(options.file);
        const configuration = parseDocuments(given);
        refuseUnreachable(configuration);
        for (const { place, message } of configuration.notices)
          writeLine(terminal.stderr, `${place}: note: ${message}`);
        for (const { name, kind } of configuration.deploys.filter(({ role }) => role === undefined))
          writeLine(terminal.stderr, `note: ${unbuilt(name, kind)}`);
        for (const { name } of configuration.notify) writeLine(terminal.stderr, `note: ${untold(name)}`);
        const objects = await openDocumentBucket(options.store);
        const applied = await applyTo(objects, given, { ...options, signal });
        if (options.json === true)
          writeJson(terminal.stdout, { ...applied, dryRun: options.dryRun === true });
        else report(applied, options.dryRun === true, terminal);
      }),
    );
}
