import type { Command } from 'commander';
import { type KeptRun, readRuns } from '../../shared/deploy/visit/run-history.ts';
import { LandfallError } from '../../shared/errors.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { CommandContext } from '../command.ts';
import { ledgersOf } from '../deploys/deploy-ledgers.ts';
import { addStoreCommand, parseSourceId, type StoreOptions } from '../options/store-options.ts';
import { writeLine } from '../terminal/terminal.ts';

interface LogsOptions extends StoreOptions {
  readonly source?: string;
  readonly last: string;
}

type RunOf = KeptRun & { readonly deploy: string; readonly source: string };

function parseLast(text: string): number {
  const last = Number(text);
  if (Number.isInteger(last) && last > 0) return last;
  throw new LandfallError('USAGE', `--last ${JSON.stringify(text)}, wanted a whole number from 1`);
}

const headOf = ({ generation, revision, uses = [], attempt, state, since, ended }: KeptRun): string =>
  `${[revision, ...uses.map((used) => `${used.source} ${used.revision}`)].join(' with ')}, generation ${generation}, try ${attempt}: ${state}, ${since} – ${ended ?? 'now'}`;

export function define(command: Command, context: CommandContext): void {
  command
    .description('Prints what the last runs of a deploy said, oldest first.')
    .option('--source <source>', 'of this source, where the deploy has several')
    .option('--last <count>', 'so many runs', '1')
    .addHelpText('after', '\nExample:\n  landfall logs live --last 3 --store ./store');
  addStoreCommand<LogsOptions, readonly RunOf[]>(command, context, {
    json: 'print the runs',
    work: async ({ objects }, { argument: deploy, options, signal }) => {
      const last = parseLast(options.last);
      const source = options.source === undefined ? undefined : parseSourceId(options.source);
      const runs = (await ledgersOf({ deploy, source }, objects, { signal })).map(
        async ({ namespace, name, deploy: of }) => {
          const id = { namespace, name };
          const kept = (await readRuns(objects, of, id, { signal })).slice(-last);
          if (kept.length === 0)
            writeLine(context.terminal.stderr, `note: ${of} of ${formatSourceId(id)} has not run yet`);
          return kept.map((run) => ({ deploy: of, source: formatSourceId(id), ...run }));
        },
      );
      return (await Promise.all(runs)).flat();
    },
    write: (runs, { stdout }) => {
      for (const run of runs) {
        writeLine(stdout, `${run.deploy} of ${run.source}, ${headOf(run)}`);
        for (const { at, line } of run.log) writeLine(stdout, `${at}  ${line}`);
      }
    },
  });
}
