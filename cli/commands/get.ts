import type { Command } from 'commander';
import { requireFolderStore } from '../../local/open-store.ts';
import { followEvents, readEvents } from '../../shared/event/read-events.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import { readStatus, requireStatus } from '../../shared/store/status-store.ts';
import type { Store } from '../../shared/store/store.ts';
import type { CommandContext } from '../command.ts';
import { landedEvents } from '../landed-events.ts';
import { type Listing, listArtifacts, listDeploys, listSourceStatuses } from '../listings.ts';
import { addStoreOption, openExistingStore, parseSourceId, type StoreOptions } from '../store-options.ts';
import { formatTable } from '../terminal/table.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface GetOptions extends StoreOptions {
  readonly json?: boolean;
}

interface EventsOptions extends GetOptions {
  readonly follow?: boolean;
  readonly source?: string;
}

const EVENTS_HELP = `
Events are EventBridge envelopes, oldest first; they can be read while serve runs. With --follow --json one a line.
Of a deployed system they are those of the revisions that its bucket still has; all others are on its bus alone.

Examples:
  landfall get events --store ./store --json
  landfall get events --store ./store --follow --source web/site
  landfall get events --store s3://my-landfall-store --source web/site`;

const FOLLOW_NEXT =
  'A deployed Landfall sends them to EventBridge: subscribe to its bus there, or leave --follow out.';

interface Counts {
  readonly added: number;
  readonly modified: number;
  readonly removed: number;
}

const formatCounts = ({ added, modified, removed }: Counts): string => `+${added} ~${modified} -${removed}`;

/** Events of before 2026-12 count links among the files. */
const isNone = (counts: Counts | undefined): counts is undefined =>
  counts === undefined || counts.added + counts.modified + counts.removed === 0;

function whatOf(event: EventEnvelope): string {
  switch (event['detail-type']) {
    case 'Artifact Revision Changed': {
      const { links, ...files } = event.detail.changes;
      return `${formatCounts(files)}${isNone(links) ? '' : `, links ${formatCounts(links)}`}`;
    }
    case 'Source Reconcile Failed':
      return event.detail.code;
    case 'Deploy Failed':
      return event.detail.failure.code;
    case 'Source Recovered':
    case 'Deploy Started':
    case 'Deploy Succeeded':
      return '';
  }
}

function eventLine(event: EventEnvelope): string {
  const { time, detail, 'detail-type': type } = event;
  return [time, type, formatSourceId(detail), detail.revision ?? '', whatOf(event)].join('  ').trimEnd();
}

function show(listing: Listing, options: GetOptions, { stdout }: Terminal): void {
  if (options.json === true) writeJson(stdout, listing.documents);
  else writeLine(stdout, formatTable(listing.head, listing.rows));
}

const isKnown = async (store: Store, source: SourceId): Promise<boolean> =>
  (await readStatus(store.objects, source)) !== undefined;

async function showEvents(options: EventsOptions, terminal: Terminal, signal: AbortSignal): Promise<void> {
  await using store = await openExistingStore(options);
  const source = options.source === undefined ? undefined : parseSourceId(options.source);
  const filter = source && { source };
  if (options.follow === true) {
    const { root } = requireFolderStore(store, 'the log of events', FOLLOW_NEXT);
    if (source !== undefined && !(await isKnown(store, source)))
      writeLine(terminal.stderr, `note: ${formatSourceId(source)} is not in the store yet: waiting for it`);
    for await (const event of followEvents(root, { signal, ...filter })) {
      writeLine(terminal.stdout, options.json === true ? JSON.stringify(event) : eventLine(event));
    }
    return;
  }
  const events =
    store.kind === 's3'
      ? await landedEvents(store, source)
      : await Array.fromAsync(readEvents(store.root, { ...filter }));
  // Of a source that is gone the log may still tell; of one that never was, nothing is no answer.
  if (source !== undefined && events.length === 0) await requireStatus(store.objects, source);
  if (options.json === true) return writeJson(terminal.stdout, events);
  for (const event of events) writeLine(terminal.stdout, eventLine(event));
}

export function add(program: Command, { terminal, run }: CommandContext): void {
  const get = program
    .command('get')
    .summary('list sources, artifacts, events or deploys of a store')
    .description('Lists what a store holds.');
  const list = (name: string, what: string, read: (store: Store) => Promise<Listing>): void => {
    const command = get
      .command(name)
      .description(what)
      .option('--json', 'print an array')
      .addHelpText('after', `\nExample:\n  landfall get ${name} --store ./store`);
    addStoreOption(command).action((options: GetOptions) =>
      run(options, async () => {
        await using store = await openExistingStore(options);
        show(await read(store), options, terminal);
      }),
    );
  };
  list('sources', 'every source that has been looked at, and how it stands', listSourceStatuses);
  list('artifacts', 'every committed artifact', listArtifacts);
  list('deploys', 'what each deploy has applied, and how it stands', listDeploys);
  const events = get
    .command('events')
    .description('the events, oldest first')
    .option('--follow', 'go on as they come')
    .option('--source <source>', 'only of this source')
    .option('--json', 'print an array of EventBridge envelopes')
    .addHelpText('after', EVENTS_HELP);
  addStoreOption(events).action((options: EventsOptions) =>
    run(options, (signal) => showEvents(options, terminal, signal)),
  );
}
