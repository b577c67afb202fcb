import type { Command } from 'commander';
import { postRequest } from '../../local/request-inbox.ts';
import { systemClock } from '../../shared/clock.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { resume } from '../../shared/reconcile/suspend.ts';
import { isServing } from '../../shared/store/directory/serve-lock.ts';
import type { CommandContext } from '../command.ts';
import {
  addStoreOption,
  openExistingStore,
  parseSourceId,
  type StoreOptions,
} from '../options/store-options.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

interface ResumeOptions extends StoreOptions {
  readonly json?: boolean;
}

export function add(program: Command, { terminal, run }: CommandContext): void {
  const command = program
    .command('resume <source>')
    .summary('reconcile a suspended or rolled-back source again')
    .description(
      'Ends what suspend or rollback began; where serve runs, the source is reconciled right away.',
    )
    .option('--json', 'print the status document')
    .addHelpText('after', '\nExample:\n  landfall resume web/site --store ./store');
  addStoreOption(command).action((source: string, options: ResumeOptions) =>
    run(options, async (signal) => {
      await using store = await openExistingStore(options);
      const status = await resume(parseSourceId(source), { ...store, clock: systemClock, signal });
      // A deployed Landfall sees the changed status at its next poll, within a minute or the source's interval.
      if (store.kind === 'directory' && (await isServing(store.root))) await postRequest(store.root, status);
      if (options.json === true) return writeJson(terminal.stdout, status);
      writeLine(terminal.stdout, `${formatSourceId(status)} is followed again`);
    }),
  );
}
