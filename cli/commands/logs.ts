import type { Command } from 'commander';
import type { OpenedStore } from '../../local/store/open-store.ts';
import { systemClock } from '../../shared/clock.ts';
import { type LedgerId, readLedger } from '../../shared/deploy/ledger/ledger.ts';
import { readRuns } from '../../shared/deploy/visit/run-history.ts';
import { type StandingRun, standingRuns } from '../../shared/deploy/visit/standing-runs.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { CommandContext } from '../command.ts';
import { ledgersOf } from '../deploys/deploy-ledgers.ts';
import { addNamespaceOption, type NamespaceOptions, namespaceOf } from '../options/namespace-option.ts';
import {
  addOutputOptions,
  type FormatOptions,
  OF_DOCUMENTS,
  wroteDocument,
} from '../options/output-options.ts';
import { parseSourceId } from '../options/source-id.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { shortRevision } from '../terminal/table.ts';
import { type Terminal, writeJsonLine, writeLine } from '../terminal/terminal.ts';

interface LogsOptions extends StoreOptions, FormatOptions, NamespaceOptions {
  readonly source?: string;
  readonly last: string;
  readonly follow?: boolean;
}

type RunOf = StandingRun & { readonly deploy: string; readonly source: string };

const HELP = `
Examples:
  landfall logs live --last 3 --store ./store
  landfall logs live --follow
  landfall logs live --store s3://my-landfall-store`;

const FOLLOW_MS = 500;
/** A request each: S3 wants money for them. */
const FOLLOW_S3_MS = 5_000;

function parseLast(text: string): number {
  const last = Number(text);
  if (Number.isInteger(last) && last > 0) return last;
  throw new LandfallError('USAGE', `--last ${JSON.stringify(text)}, wanted a whole number from 1`);
}

/** With what it has of other sources. */
const revisionsOf = ({ revision, uses = [] }: StandingRun): string =>
  [shortRevision(revision), ...uses.map((used) => `${used.source} ${shortRevision(used.revision)}`)].join(
    ' with ',
  );

const headOf = (run: RunOf): string => {
  const { deploy, source, generation, attempt, state, since, ended } = run;
  return `${deploy} of ${source}, ${revisionsOf(run)}, generation ${generation}, try ${attempt}: ${state}, ${since} – ${ended ?? (state === 'CutOff' ? '?' : 'now')}`;
};

function writeRun(run: RunOf, { stdout }: Terminal): void {
  writeLine(stdout, headOf(run));
  for (const { at, line } of run.log) writeLine(stdout, `${at}  ${line}`);
}

interface Asked extends CallOptions {
  /** Of a deploy over several clusters there is one for each. */
  readonly ids: readonly LedgerId[];
}

async function runsOf({ objects }: OpenedStore, { ids, signal }: Asked): Promise<readonly RunOf[]> {
  const all = ids.map(async (id) => {
    const { ledger } = await readLedger(objects, id.deploy, id, { signal });
    const runs = standingRuns(await readRuns(objects, id.deploy, id, { signal }), ledger, systemClock);
    return runs.map((run) => ({ deploy: id.deploy, source: formatSourceId(id), ...run }));
  });
  return (await Promise.all(all)).flat();
}

/** The last so many of each source. */
const lastOf = (runs: readonly RunOf[], last: number): readonly RunOf[] => {
  const byLedger = Map.groupBy(runs, ({ deploy, source }) => `${deploy} ${source}`);
  return [...byLedger.values()].flatMap((each) => each.slice(-last));
};

/** The lines behind those that were written already. */
const newLines = ({ log }: RunOf, before: RunOf | undefined): RunOf['log'] => {
  const written = before?.log.at(-1);
  if (written === undefined) return log;
  return log.slice(log.findLastIndex(({ at, line }) => at === written.at && line === written.line) + 1);
};

/** Writes what is new of runs, until the signal aborts. */
async function follow(
  store: OpenedStore,
  asked: Asked & { readonly signal: AbortSignal; readonly from: readonly RunOf[] },
  { json, terminal }: { readonly json: boolean; readonly terminal: Terminal },
): Promise<void> {
  const { signal, from } = asked;
  const seen = new Map(from.map((run) => [run.id, run]));
  const everyMs = store.kind === 's3' ? FOLLOW_S3_MS : FOLLOW_MS;
  while (!signal.aborted) {
    await systemClock.sleep(everyMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    for (const run of await runsOf(store, asked)) {
      const before = seen.get(run.id);
      seen.set(run.id, run);
      const { deploy, source, id } = run;
      const isTold = before === undefined || before.state !== run.state;
      const lines = newLines(run, before);
      if (json) for (const line of lines) writeJsonLine(terminal.stdout, { deploy, source, id, ...line });
      else {
        if (before === undefined) writeLine(terminal.stdout, headOf(run));
        for (const { at, line } of lines) writeLine(terminal.stdout, `${at}  ${line}`);
        if (before !== undefined && isTold) writeLine(terminal.stdout, headOf(run));
      }
    }
  }
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Prints what the last runs of a deploy said, oldest first.')
    .option('--source <source>', 'of this source, where the deploy has several')
    .option('--last <count>', 'so many runs', '1')
    .option('--follow', 'go on as lines come')
    .addHelpText('after', HELP);
  addNamespaceOption(addStoreOption(addOutputOptions(command, 'print the runs', OF_DOCUMENTS)));
  command.action((deploy: string, options: LogsOptions) =>
    run(options, async (signal) => {
      const last = parseLast(options.last);
      const namespace = namespaceOf(options);
      const source = options.source === undefined ? undefined : parseSourceId(options.source, namespace);
      await using store = await openExistingStore(options);
      const isAsked = (id: SourceId): boolean => namespace === undefined || id.namespace === namespace;
      const ids = (await ledgersOf({ deploy, source }, store.objects, { signal })).filter(isAsked);
      const all = await runsOf(store, { ids, signal });
      const runs = lastOf(all, last);
      for (const id of ids)
        if (!runs.some((each) => each.deploy === id.deploy && each.source === formatSourceId(id)))
          writeLine(terminal.stderr, `note: ${id.deploy} of ${formatSourceId(id)} has not run yet`);
      if (options.follow === true) {
        if (options.json !== true) for (const each of runs) writeRun(each, terminal);
        return await follow(store, { ids, signal, from: all }, { json: options.json === true, terminal });
      }
      if (await wroteDocument(runs, options, terminal)) return;
      for (const each of runs) writeRun(each, terminal);
    }),
  );
}
