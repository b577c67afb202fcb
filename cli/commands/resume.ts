import type { Command } from 'commander';
import { resume } from '../../shared/reconcile/suspend.ts';
import type { CommandContext } from '../command.ts';
import { addSaidOptions, type SaidOptions } from '../options/said-options.ts';
import { addSourceCommand } from '../options/source-command.ts';
import type { StoreOptions } from '../options/store-options.ts';
import { asPerson } from '../person.ts';
import { writeLine } from '../terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      'Ends what suspend or rollback began; where serve runs, the source is reconciled right away.',
    )
    .addHelpText('after', '\nExample:\n  landfall resume web/site --store ./store');
  addSourceCommand<StoreOptions & SaidOptions, Awaited<ReturnType<typeof resume>>>(
    addSaidOptions(command),
    context,
    {
      json: 'print the status document',
      // A deployed Landfall sees the changed status at its next poll, within a minute or the source's interval.
      work: (store, { source, options, signal }) => asPerson(resume, source, { store, options, signal }),
      write: (_, { stdout }, source) => writeLine(stdout, `${source} is followed again`),
    },
  );
}
