import type { Command } from 'commander';
import { postRequest } from '../../local/request-inbox.ts';
import { systemClock } from '../../shared/clock.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { resume } from '../../shared/reconcile/suspend.ts';
import { isServing } from '../../shared/store/directory/serve-lock.ts';
import type { CommandContext } from '../command.ts';
import { addStoreCommand, parseSourceId } from '../options/store-options.ts';
import { writeLine } from '../terminal/terminal.ts';

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      'Ends what suspend or rollback began; where serve runs, the source is reconciled right away.',
    )
    .addHelpText('after', '\nExample:\n  landfall resume web/site --store ./store');
  addStoreCommand(command, context, {
    json: 'print the status document',
    work: async (store, { argument, signal }) => {
      const status = await resume(parseSourceId(argument), { ...store, clock: systemClock, signal });
      // A deployed Landfall sees the changed status at its next poll, within a minute or the source's interval.
      if (store.kind === 'directory' && (await isServing(store.root))) await postRequest(store.root, status);
      return status;
    },
    write: (status, { stdout }) => writeLine(stdout, `${formatSourceId(status)} is followed again`),
  });
}
