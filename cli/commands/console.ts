import type { Command } from 'commander';
import { createLog } from '../../shared/log.ts';
import type { CommandContext } from '../command.ts';
import { openConsole } from '../console/open-console.ts';
import { parseListen } from '../options/listen-option.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { untilAborted } from '../options/until-aborted.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

interface ConsoleOptions extends StoreOptions {
  readonly listen: string;
  readonly queue?: string;
  readonly json?: boolean;
}

const HELP = `
Shows sources with their history and what changed, deploys with their runs and logs, and events, in a browser. It reads the store
with your own rights: nothing has to run beside it. Whoever reaches its address can read. Buttons work on this machine alone;
where LANDFALL_CONSOLE_TOKEN is set, from anywhere by that token, and no more without it. serve --console shows the same.

Examples:
  landfall console --store ./store
  landfall console --store s3://my-store --queue https://sqs.eu-central-1.amazonaws.com/…/landfall.fifo`;

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Shows a store in the browser.')
    .option('--listen <host:port>', 'where; port 0 picks one', '127.0.0.1:5081')
    .option('--queue <url>', 'the queue of a deployed Landfall, for its button "Reconcile"')
    .option('--json', 'print {url}')
    .addHelpText('after', HELP);
  addStoreOption(command).action((options: ConsoleOptions) =>
    run(options, async (signal) => {
      const address = parseListen('--listen', options.listen);
      await using store = await openExistingStore(options);
      const log = createLog({
        format: 'text',
        level: 'info',
        now: Date.now,
        write: (line) => writeLine(terminal.stderr, line),
      });
      await using opened = await openConsole({ store, address, queue: options.queue, log, signal });
      if (options.json === true) writeJson(terminal.stdout, { url: opened.url });
      else writeLine(terminal.stdout, `console at ${opened.url}`);
      await untilAborted(signal);
    }),
  );
}
