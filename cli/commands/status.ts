import type { Command } from 'commander';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { Status } from '../../shared/model/status.ts';
import { readStatus, requireStatus } from '../../shared/store/status-store.ts';
import type { CommandContext } from '../command.ts';
import {
  addStoreOption,
  openExistingStore,
  parseSourceId,
  type StoreOptions,
} from '../options/store-options.ts';
import { besideFiles, formatBytes } from '../terminal/table.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';
import { verifiedLines } from '../verified-lines.ts';
import { watchedOf, watchLine } from '../watched.ts';

interface StatusOptions extends StoreOptions {
  readonly json?: boolean;
}

/** What the one who is woken at night needs, in the order it is needed. */
function linesOf(status: Status, watch: string | undefined): readonly string[] {
  const { current, failure, suspended, outbox } = status;
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  const lines = [`${status.namespace}/${status.name}  ${status.url}`];
  lines.push(
    ready === undefined
      ? 'not looked at yet'
      : `Ready=${ready.status} (${ready.reason}) since ${ready.lastTransitionTime}`,
  );
  if (watch !== undefined) lines.push(`  ${watch}`);
  if (ready?.status === 'False' && ready.reason !== failure?.code) lines.push(`  ${ready.message}`);
  if (failure !== null) {
    lines.push(`failing: ${failure.code}: ${failure.message}`);
    if (failure.hint !== null) lines.push(`  next: ${failure.hint}`);
    lines.push(`  ${failure.kind}, ${failure.attempts} times since ${failure.since}, last ${failure.at}`);
  }
  if (suspended !== null)
    lines.push(`suspended by ${suspended.by} at ${suspended.at}; landfall resume ends it`);
  if (current === null) lines.push('nothing landed yet');
  else {
    lines.push(`at ${current.revision}`);
    lines.push(
      `  generation ${current.generation}, ${current.files} files, ${formatBytes(current.size)}, committed ${current.committedAt}`,
    );
    const beside = besideFiles(current);
    if (beside !== '') lines.push(`  beside the files: ${beside}`);
    lines.push(`  content ${current.contentDigest}`, ...verifiedLines(status).map((line) => `  ${line}`));
  }
  if (outbox.length > 0) lines.push(`${outbox.length} events not sent yet: the next run sends them first`);
  return lines;
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Shows the status of a source, name or namespace/name.')
    .option('--json', 'print the status document')
    .addHelpText('after', '\nExample:\n  landfall status web/site --store ./store');
  addStoreOption(command).action((source: string, options: StatusOptions) =>
    run(options, async (signal) => {
      await using store = await openExistingStore(options);
      const id = parseSourceId(source);
      const watched = await watchedOf(store);
      for (const note of watched.notes) writeLine(terminal.stderr, `note: ${note}`);
      const watch = watchLine(watched, formatSourceId(id));
      const isAwaited = options.json !== true && watched.heartbeat?.sources.has(formatSourceId(id)) === true;
      const status = isAwaited
        ? (await readStatus(store.objects, id, { signal }))?.status
        : await requireStatus(store.objects, id, { signal });
      if (status === undefined)
        return writeLine(terminal.stdout, `${formatSourceId(id)}  not looked at yet: ${watch}`);
      if (options.json === true) return writeJson(terminal.stdout, status);
      for (const line of linesOf(status, watch)) writeLine(terminal.stdout, line);
    }),
  );
}
