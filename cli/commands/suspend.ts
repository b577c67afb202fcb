import type { Command } from 'commander';
import { systemClock } from '../../shared/clock.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { suspend } from '../../shared/reconcile/suspend.ts';
import type { CommandContext } from '../command.ts';
import { addStoreCommand, parseSourceId } from '../options/store-options.ts';
import { writeLine } from '../terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .description('Stops a source from being reconciled until it is resumed, also while serve runs.')
    .addHelpText(
      'after',
      '\nExample:\n  landfall suspend web/site --store ./store    # landfall resume web/site ends it',
    );
  addStoreCommand(command, context, {
    json: 'print the status document',
    work: (store, { argument, signal }) =>
      suspend(parseSourceId(argument), { ...store, clock: systemClock, signal }),
    write: (status, { stdout }) =>
      writeLine(stdout, `${formatSourceId(status)} is suspended since ${status.suspended?.at}`),
  });
}
