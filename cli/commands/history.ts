import type { Command } from 'commander';
import { requireStatus } from '../../shared/store/status-store.ts';
import type { CommandContext } from '../command.ts';
import { addStoreCommand, parseSourceId } from '../options/store-options.ts';
import { formatBytes, formatTable, shortDigest } from '../terminal/table.ts';
import { writeLine } from '../terminal/terminal.ts';

const HELP = `
The first line is current. Any other can be gone back to with landfall rollback.

Examples:
  landfall history web/site --store ./store
  landfall rollback web/site --store ./store --to 1.4.2`;

export function define(command: Command, context: CommandContext): void {
  command
    .description('Lists the revisions of a source that are kept, newest first.')
    .addHelpText('after', HELP);
  addStoreCommand(command, context, {
    json: 'print the revisions',
    work: async (store, { argument, signal }) => {
      const { current, history } = await requireStatus(store.objects, parseSourceId(argument), { signal });
      return current === null ? history : [current, ...history];
    },
    write: (revisions, { stdout }) => {
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
      writeLine(stdout, formatTable(head, rows));
    },
  });
}
