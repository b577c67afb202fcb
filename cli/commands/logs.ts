import type { Command } from 'commander';
import { type KeptRun, readRuns } from '../../shared/deploy/visit/run-history.ts';
import { LandfallError } from '../../shared/errors.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { CommandContext } from '../command.ts';
import { ledgersOf } from '../deploy-ledgers.ts';
import { addStoreOption, openExistingStore, parseSourceId, type StoreOptions } from '../store-options.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

interface LogsOptions extends StoreOptions {
  readonly source?: string;
  readonly last: string;
  readonly json?: boolean;
}

function parseLast(text: string): number {
  const last = Number(text);
  if (Number.isInteger(last) && last > 0) return last;
  throw new LandfallError('USAGE', `--last ${JSON.stringify(text)}, wanted a whole number from 1`);
}

const headOf = ({ generation, revision, attempt, state, since, ended }: KeptRun): string =>
  `${revision}, generation ${generation}, try ${attempt}: ${state}, ${since} – ${ended ?? 'now'}`;

export function add(program: Command, { terminal, run }: CommandContext): void {
  const command = program
    .command('logs <deploy>')
    .summary('what the last runs of a deploy said')
    .description('Prints what the last runs of a deploy said, oldest first.')
    .option('--source <source>', 'of this source, where the deploy has several')
    .option('--last <count>', 'so many runs', '1')
    .option('--json', 'print the runs')
    .addHelpText('after', '\nExample:\n  landfall logs live --last 3 --store ./store');
  addStoreOption(command).action((deploy: string, options: LogsOptions) =>
    run(options, async (signal) => {
      const last = parseLast(options.last);
      await using store = await openExistingStore(options);
      const source = options.source === undefined ? undefined : parseSourceId(options.source);
      const ledgers = await ledgersOf({ deploy, source }, store.objects, { signal });
      const runs = await Promise.all(
        ledgers.map(async ({ namespace, name }) => ({
          source: formatSourceId({ namespace, name }),
          runs: (await readRuns(store.objects, deploy, { namespace, name }, { signal })).slice(-last),
        })),
      );
      if (options.json === true)
        return writeJson(
          terminal.stdout,
          runs.flatMap(({ source: of, runs: each }) => each.map((one) => ({ deploy, source: of, ...one }))),
        );
      for (const { source: of, runs: each } of runs) {
        if (each.length === 0) writeLine(terminal.stderr, `note: ${deploy} of ${of} has not run yet`);
        for (const one of each) {
          writeLine(terminal.stdout, `${deploy} of ${of}, ${headOf(one)}`);
          for (const { at, line } of one.log) writeLine(terminal.stdout, `${at}  ${line}`);
        }
      }
    }),
  );
}
