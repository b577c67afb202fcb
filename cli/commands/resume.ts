import type { Command } from 'commander';
import type { Status } from '../../shared/model/status.ts';
import { resume } from '../../shared/reconcile/suspend.ts';
import { requireStatus } from '../../shared/store/status-store.ts';
import type { CommandContext } from '../command.ts';
import { addSaidOptions, type SaidOptions } from '../options/said-options.ts';
import type { StoreOptions } from '../options/store-options.ts';
import { asPerson } from '../person.ts';
import { addSourceCommand } from '../source-command.ts';
import { shortRevision } from '../terminal/table.ts';
import { writeLine } from '../terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      'Ends what suspend or rollback began; where serve runs, the source is reconciled right away.',
    )
    .addHelpText('after', '\nExample:\n  landfall resume web/site --store ./store');
  let skipped: Status['skipped'];
  addSourceCommand<StoreOptions & SaidOptions, Status>(addSaidOptions(command), context, {
    json: 'print the status document',
    // A deployed Landfall sees the changed status at its next poll, within a minute or the source's interval.
    work: async (store, { source, options, signal }) => {
      skipped = (await requireStatus(store.objects, source, { signal })).skipped;
      return asPerson(resume, source, { store, options, signal });
    },
    write: (_, { stdout }, source) => {
      writeLine(stdout, `${source} is followed again`);
      if (skipped !== undefined)
        writeLine(stdout, `it skips ${shortRevision(skipped.revision)} no more: that may land now`);
    },
  });
}
