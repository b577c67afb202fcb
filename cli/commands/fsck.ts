import type { Command } from 'commander';
import { checkBeside } from '../../local/fsck-folder.ts';
import { parseLedger } from '../../shared/deploy/ledger/ledger.ts';
import { checkLedgerPlace } from '../../shared/deploy/ledger/ledger-place.ts';
import { parseSiteManifest } from '../../shared/deploy/site/site-manifest.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { type FsckReport, fsck, type NamedRevision } from '../../shared/store/fsck/fsck.ts';
import type { CheckedDocuments } from '../../shared/store/fsck/fsck-documents.ts';
import { DEPLOYS_PREFIX, SITES_PREFIX } from '../../shared/store/layout.ts';
import type { CommandContext } from '../command.ts';
import { type LandedAgain, landAgain } from '../land-again.ts';
import { problemsAfterRepair } from '../lists/fsck-problems.ts';
import { deadline } from '../options/deadline.ts';
import { addPolicyOption, type PolicyOptions } from '../options/policy-options.ts';
import { addRegistryOptions, type RegistryOptions } from '../options/registry-options.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { formatBytes } from '../terminal/table.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

/** What deploys keep in the store, for `fsck`. */
export const DEPLOY_DOCUMENTS: readonly CheckedDocuments[] = [
  {
    prefix: DEPLOYS_PREFIX,
    kind: 'ledger-invalid',
    what: "a deploy's ledger",
    parse: (key, bytes) => checkLedgerPlace(key, parseLedger(key, bytes)),
  },
  {
    prefix: SITES_PREFIX,
    kind: 'site-invalid',
    what: "a list of a site's files",
    parse: (key, bytes) => checkLedgerPlace(key, parseSiteManifest(key, bytes)),
  },
];

interface FsckOptions extends PolicyOptions, StoreOptions, RegistryOptions {
  readonly repair?: boolean;
  readonly file: readonly string[];
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
Reads every file of every committed artifact and compares its size and sha256 with the commit record; then checks
that every status names only committed artifacts, and reads the ledgers of deploys, the lists of sites, the log of
events and the inbox. Exits 1 when something is not as it should be.

With --repair broken artifacts are removed, and what a status names, its history too, is landed again by its digest:
by serve, where it runs, or here with -f; else by the next reconcile. What the registry has no more is said to be lost.
What else is wrong stays for a person, and then the exit code is 1 all the same.

Examples:
  landfall fsck --store ./store --repair
  landfall fsck --store ./store --repair -f sources.yaml    # where no serve runs`;

const named = (revision: NamedRevision): string => `${formatSourceId(revision)} ${revision.revision}`;

function writeRepair(
  { repaired, toLand }: FsckReport,
  again: LandedAgain | undefined,
  { stdout }: Terminal,
): void {
  const next =
    again === undefined && toLand.length > 0
      ? '; the next reconcile lands again, by digest, what a status names and the registry still has'
      : '';
  writeLine(stdout, `${repaired.length} artifacts removed${next}`);
  if (again === undefined) for (const each of toLand) writeLine(stdout, `to land again: ${named(each)}`);
  for (const each of again?.landed ?? []) writeLine(stdout, `landed again: ${named(each)}`);
  for (const each of again?.lost ?? []) {
    const what = each.isCurrent ? 'what is current cannot be read' : 'it cannot be rolled back to';
    writeLine(stdout, `lost: ${named(each)}: ${what}`);
  }
  for (const each of again?.late ?? [])
    writeLine(stdout, `not landed in time: ${named(each)}: run it again, with a longer --timeout`);
}

const FOREIGN_SHOWN = 20;

function writeForeign({ foreign, foreignTotal }: FsckReport, { stderr }: Terminal): void {
  if (foreignTotal === 0) return;
  const more = foreignTotal > FOREIGN_SHOWN ? `, and ${foreignTotal - FOREIGN_SHOWN} more` : '';
  const keys = foreign.slice(0, FOREIGN_SHOWN).join(', ');
  const are = foreignTotal === 1 ? '1 name is' : `${foreignTotal} names are`;
  writeLine(stderr, `note: ${are} none of Landfall's, and are passed over: ${keys}${more}`);
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Verifies every artifact and status of a store.')
    .option('--repair', 'remove what is broken, so that it is landed again')
    .option(
      '-f, --file <path>',
      'source document or folder, where nobody serves; repeatable',
      (path, before: string[]) => [...before, path],
      [],
    )
    .option('--timeout <duration>', 'with --repair: how long landing again may take', '5m')
    .option('--json', 'print the report')
    .addHelpText('after', HELP);
  addPolicyOption(addRegistryOptions(addStoreOption(command))).action((options: FsckOptions) =>
    run(options, async (signal) => {
      await using store = await openExistingStore(options);
      const isTerminal = terminal.stderr.isTTY === true;
      const report = await fsck(store, {
        signal,
        repair: options.repair === true,
        documents: DEPLOY_DOCUMENTS,
        ...(store.kind === 'directory' && { beside: () => checkBeside(store.root) }),
        onProgress: ({ artifacts, files, bytes }) => {
          if (isTerminal)
            terminal.stderr.write(
              `\r\u001b[2Kfsck: ${artifacts} artifacts, ${files} files, ${formatBytes(bytes)}`,
            );
        },
      });
      if (isTerminal) terminal.stderr.write('\r\u001b[2K');
      writeForeign(report, terminal);
      const bounded = deadline(signal, options.timeout, 'landing again');
      const again =
        report.toLand.length > 0 && store.kind === 'directory'
          ? await landAgain(report.toLand, { store, options, terminal, signal: bounded, interrupted: signal })
          : undefined;
      const problems = options.repair === true ? problemsAfterRepair(report, again) : report.problems;
      const exitCode =
        again !== undefined && again.lost.length + again.late.length > 0
          ? 1
          : report.ok || (options.repair === true && report.forPerson === 0)
            ? 0
            : 1;
      if (options.json === true) {
        writeJson(terminal.stdout, Object.assign({}, report, again, { problems }));
        return exitCode;
      }
      for (const { kind, key, wanted, got, hint } of problems) {
        writeLine(terminal.stdout, `${kind}: ${key}: wanted ${wanted}, got ${got}`);
        writeLine(terminal.stdout, `  next: ${hint}`);
      }
      const { artifacts, files, bytes, sources, problemsTotal } = report;
      writeLine(
        terminal.stdout,
        `${artifacts} artifacts, ${files} files, ${formatBytes(bytes)}, ${sources} sources: ${problemsTotal} problems`,
      );
      if (options.repair === true && !report.ok) writeRepair(report, again, terminal);
      return exitCode;
    }),
  );
}
