import type { Command } from 'commander';
import { suspend } from '../../shared/reconcile/suspend.ts';
import type { CommandContext } from '../command.ts';
import { addSaidOptions, type SaidOptions } from '../options/said-options.ts';
import type { StoreOptions } from '../options/store-options.ts';
import { asPerson } from '../person.ts';
import { addSourceCommand } from '../source-command.ts';
import { writeLine } from '../terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .description('Stops a source from being reconciled until it is resumed, also while serve runs.')
    .addHelpText(
      'after',
      '\nExample:\n  landfall suspend web/site --reason "until the incident is over"    # landfall resume web/site ends it',
    );
  addSourceCommand<StoreOptions & SaidOptions, Awaited<ReturnType<typeof suspend>>>(
    addSaidOptions(command),
    context,
    {
      json: 'print the status document',
      work: (store, { source, options, signal }) => asPerson(suspend, source, { store, options, signal }),
      write: ({ suspended }, { stdout }, source) =>
        writeLine(
          stdout,
          `${source} is suspended since ${suspended?.at}${suspended?.reason === undefined ? '' : `: ${suspended.reason}`}`,
        ),
    },
  );
}
