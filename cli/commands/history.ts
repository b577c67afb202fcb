import type { Command } from 'commander';
import { requireStatus } from '../../shared/store/status-store.ts';
import type { CommandContext } from '../command.ts';
import {
  addStoreOption,
  openExistingStore,
  parseSourceId,
  type StoreOptions,
} from '../options/store-options.ts';
import { formatBytes, formatTable, shortDigest } from '../terminal/table.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

interface HistoryOptions extends StoreOptions {
  readonly json?: boolean;
}

const HELP = `
The first line is current. Any other can be gone back to with landfall rollback.

Examples:
  landfall history web/site --store ./store
  landfall rollback web/site --store ./store --to 1.4.2`;

export function add(program: Command, { terminal, run }: CommandContext): void {
  const command = program
    .command('history <source>')
    .summary('the revisions of a source that are still in the store, newest first')
    .description('Lists the revisions of a source that are kept, newest first.')
    .option('--json', 'print the revisions')
    .addHelpText('after', HELP);
  addStoreOption(command).action((source: string, options: HistoryOptions) =>
    run(options, async (signal) => {
      await using store = await openExistingStore(options);
      const { current, history } = await requireStatus(store.objects, parseSourceId(source), { signal });
      const revisions = current === null ? history : [current, ...history];
      if (options.json === true) return writeJson(terminal.stdout, revisions);
      const rows = revisions.map(({ generation, tag, digest, contentDigest, files, size, committedAt }) => [
        String(generation),
        tag ?? '-',
        shortDigest(digest),
        shortDigest(contentDigest),
        String(files),
        formatBytes(size),
        committedAt,
      ]);
      const head = ['generation', 'tag', 'digest', 'content', 'files', 'size', 'committed'];
      writeLine(terminal.stdout, formatTable(head, rows));
    }),
  );
}
