import type { Command } from 'commander';
import { systemClock } from '../../shared/clock.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { suspend } from '../../shared/reconcile/suspend.ts';
import type { CommandContext } from '../command.ts';
import {
  addStoreOption,
  openExistingStore,
  parseSourceId,
  type StoreOptions,
} from '../options/store-options.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

interface SuspendOptions extends StoreOptions {
  readonly json?: boolean;
}

export function add(program: Command, { terminal, run }: CommandContext): void {
  const command = program
    .command('suspend <source>')
    .summary('stop reconciling a source; what is current stays')
    .description('Stops a source from being reconciled until it is resumed, also while serve runs.')
    .option('--json', 'print the status document')
    .addHelpText(
      'after',
      '\nExample:\n  landfall suspend web/site --store ./store    # landfall resume web/site ends it',
    );
  addStoreOption(command).action((source: string, options: SuspendOptions) =>
    run(options, async (signal) => {
      await using store = await openExistingStore(options);
      const status = await suspend(parseSourceId(source), { ...store, clock: systemClock, signal });
      if (options.json === true) return writeJson(terminal.stdout, status);
      writeLine(terminal.stdout, `${formatSourceId(status)} is suspended since ${status.suspended?.at}`);
    }),
  );
}
