import type { Command } from 'commander';
import { systemClock } from '../../shared/clock.ts';
import type { LandfallError } from '../../shared/errors.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { Revision } from '../../shared/model/status.ts';
import { listSources, requireStatus } from '../../shared/store/status-store.ts';
import type { CommandContext } from '../command.ts';
import { reading, secondsOf } from '../lists/listing.ts';
import { parseSince } from '../options/event-options.ts';
import { addNamespaceOption, type NamespaceOptions, namespaceOf } from '../options/namespace-option.ts';
import {
  addOutputOptions,
  type FormatOptions,
  OF_TABLES,
  writeTable,
  wroteDocument,
} from '../options/output-options.ts';
import { parseSourceId } from '../options/source-id.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { ageSince } from '../terminal/age.ts';
import { type Column, formatBytes, shortDigest } from '../terminal/table.ts';
import { type Terminal, writeLine, writeMessage } from '../terminal/terminal.ts';

interface HistoryOptions extends StoreOptions, FormatOptions, NamespaceOptions {
  readonly since?: string;
}

const HELP = `
The first line of a source is current. Any other can be gone back to with landfall rollback.

Examples:
  landfall history web/site --store ./store
  landfall history --since 7d -n web             # of every source of a namespace
  landfall rollback web/site --store ./store --to 1.4.2`;

const SOURCE: Column = { title: 'source' };
const COLUMNS: readonly Column[] = [
  { title: 'gen' },
  { title: 'tag' },
  { title: 'digest', only: 'narrow' },
  { title: 'digest', only: 'wide' },
  { title: 'content', only: 'narrow', rank: 4 },
  { title: 'content', only: 'wide' },
  { title: 'files', rank: 3 },
  { title: 'size', rank: 2 },
  { title: 'age' },
  { title: 'committed', only: 'wide' },
  { title: 'trigger', rank: 1 },
  { title: 'who', only: 'wide' },
  { title: 'reason', only: 'wide' },
];

function rowOf(revision: Revision, now: number): readonly string[] {
  const { generation, tag, digest, contentDigest, files, size, committedAt, trigger, who, reason } = revision;
  const digests = [shortDigest(digest), digest, shortDigest(contentDigest), contentDigest];
  const times = [ageSince(committedAt, now), secondsOf(committedAt)];
  const why = [trigger ?? '-', who ?? '-', reason ?? '-'];
  return [String(generation), tag ?? '-', ...digests, String(files), formatBytes(size), ...times, ...why];
}

/** A source that hides no other. */
function writeUnread({ code, message, hint }: LandfallError, { stderr }: Terminal): void {
  writeMessage(stderr, `note: ${code}: ${message}`);
  if (hint !== undefined) writeLine(stderr, `  next: ${hint}`);
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Lists the revisions of a source, or of all, that are kept, newest first.')
    .option('--since <when>', 'only those committed since then: a duration before now, or a time')
    .addHelpText('after', HELP);
  addNamespaceOption(addStoreOption(addOutputOptions(command, 'print the revisions', OF_TABLES)));
  command.action((text: string | undefined, options: HistoryOptions) =>
    run(options, async (signal) => {
      const namespace = namespaceOf(options);
      const now = systemClock.now();
      const since = options.since === undefined ? undefined : parseSince(options.since, now);
      await using store = await openExistingStore(options);
      const isAsked = (id: SourceId): boolean => namespace === undefined || id.namespace === namespace;
      const ids =
        text === undefined
          ? (await Array.fromAsync(listSources(store.objects, { signal }))).filter(isAsked)
          : [parseSourceId(text, namespace)];
      const kept: { readonly id: SourceId; readonly revision: Revision }[] = [];
      for (const id of ids) {
        const read = await reading(() => requireStatus(store.objects, id, { signal }), { signal });
        if ('error' in read) {
          if (text !== undefined) throw read.error;
          writeUnread(read.error, terminal);
          continue;
        }
        const { current = null, history = [] } = read.value ?? {};
        const revisions = current === null ? history : [current, ...history];
        for (const revision of revisions)
          if (since === undefined || Date.parse(revision.committedAt) >= since) kept.push({ id, revision });
      }
      const documents = kept.map(({ id, revision }) =>
        text === undefined ? Object.assign({ namespace: id.namespace, name: id.name }, revision) : revision,
      );
      if (await wroteDocument(documents, options, terminal)) return;
      const rows = kept.map(({ id, revision }) => [formatSourceId(id), ...rowOf(revision, now)]);
      const table =
        text === undefined
          ? { columns: [SOURCE, ...COLUMNS], rows }
          : { columns: COLUMNS, rows: rows.map((row) => row.slice(1)) };
      writeTable(table, terminal.stdout, { wide: options.output === 'wide' });
    }),
  );
}
