import type { Command } from 'commander';
import { requireFolderStore } from '../../local/store/open-store.ts';
import { machineFolderOf, servedHere } from '../../local/store/state-folder.ts';
import { systemClock } from '../../shared/clock.ts';
import { LandfallError } from '../../shared/errors.ts';
import { type EventFilter, passesFilter } from '../../shared/event/event-filter.ts';
import { followEvents, readEvents } from '../../shared/event/read-events.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { printableLine } from '../../shared/printable.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import { listSources, readStatus, requireStatus } from '../../shared/store/status-store.ts';
import type { CommandContext } from '../command.ts';
import { addEventOptions, type EventOptions, eventFilter } from '../options/event-options.ts';
import { addOutputOptions, type FormatOptions } from '../options/output-options.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { arrayWriter } from '../terminal/json-list.ts';
import { LineWriter } from '../terminal/line-writer.ts';
import { shortRevision } from '../terminal/table.ts';
import { type Terminal, writeJsonLine, writeLine, writeMessage, writeText } from '../terminal/terminal.ts';
import { landedEvents } from './landed-events.ts';
import { secondsOf } from './listing.ts';

interface EventsOptions extends StoreOptions, EventOptions, FormatOptions {
  readonly follow?: boolean;
}

const HELP = `
Events are EventBridge envelopes, oldest first; they can be read while serve runs. With --follow --json one a line.
Of a deployed system they are those of the revisions that its bucket still has; all others are on its bus alone.

Examples:
  landfall events --store ./store --json
  landfall events --store ./store --since 2h --type "deploy-*"
  landfall events --store ./store -n 20
  landfall events --store ./store --follow --source "web/*"
  landfall events --store s3://my-landfall-store --source web/site`;

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
      const { changes, reason, trigger } = event.detail;
      const { links, ...files } = changes;
      const counts = `${formatCounts(files)}${isNone(links) ? '' : `, links ${formatCounts(links)}`}`;
      return trigger === 'rollback' ? withReason(`${counts}, rolled back`, reason) : counts;
    }
    case 'Source Reconcile Failed':
      return event.detail.code;
    case 'Deploy Failed':
      return event.detail.failure.code;
    case 'Deploy Waiting':
      return event.detail.waitsFor;
    case 'Deploy Decided':
      return withReason(`${event.detail.decision} by ${event.detail.by}`, event.detail.reason);
    case 'Source Suspended':
    case 'Source Resumed':
      return withReason(event.detail.by === null ? '' : `by ${event.detail.by}`, event.detail.reason);
    case 'Source Recovered':
    case 'Deploy Started':
    case 'Deploy Succeeded':
      return '';
  }
}

const withReason = (what: string, reason: string | null | undefined): string =>
  reason ? `${what}: ${reason}` : what;

/** Whose it is, where the source has several. */
const deployOf = (detail: EventEnvelope['detail']): string => ('deploy' in detail ? detail.deploy : '');

/** On a terminal an event of today has its time alone, so that a line fits. */
function timeIn(time: string, isNarrow: boolean): string {
  const shown = secondsOf(time);
  const today = new Date(systemClock.now()).toISOString().slice(0, 'YYYY-MM-DDT'.length);
  return isNarrow && shown.startsWith(today) ? shown.slice(today.length) : shown;
}

/** How each event is written. */
type EventFormat = (event: EventEnvelope) => string;

const lineIn =
  ({ output }: FormatOptions, { isTTY }: Terminal['stdout']): EventFormat =>
  ({ time, id, ...event }) => {
    const { detail, 'detail-type': type } = event;
    const what = [deployOf(detail), whatOf({ time, id, ...event } as EventEnvelope)]
      .filter(Boolean)
      .join(': ');
    const revision = detail.revision ?? '';
    const cells =
      output === 'wide'
        ? [time, type, formatSourceId(detail), revision, what, id]
        : [timeIn(time, isTTY === true), type, formatSourceId(detail), shortRevision(revision), what];
    return printableLine(cells.join('  ').trimEnd());
  };

async function eventFormat(options: FormatOptions, stdout: Terminal['stdout']): Promise<EventFormat> {
  if (options.output === 'name') return ({ id }) => printableLine(id);
  if (options.output !== 'yaml') return lineIn(options, stdout);
  const { yamlText } = await import('../../shared/source/file/yaml-text.ts');
  return (event) => yamlText([event]);
}

async function follow(options: EventsOptions, terminal: Terminal, signal: AbortSignal): Promise<void> {
  await using store = await openExistingStore(options);
  const filter = eventFilter(options, systemClock.now());
  const root = (await servedHere(store)) ?? requireFolderStore(store, 'the log of events', FOLLOW_NEXT).root;
  const { source } = filter;
  if (source !== undefined && (await readStatus(store.objects, source, { signal })) === undefined)
    writeLine(terminal.stderr, `note: ${formatSourceId(source)} is not in the store yet: waiting for it`);
  const onFault = (error: Error | undefined): void =>
    writeLine(
      terminal.stderr,
      error === undefined ? 'note: it can be read again' : `note: ${error.message}; waiting`,
    );
  const format = await eventFormat(options, terminal.stdout);
  for await (const event of followEvents(root, { signal, onFault, ...filter })) {
    if (options.json === true) writeJsonLine(terminal.stdout, event);
    else writeText(terminal.stdout, format(event));
  }
}

/** @throws LandfallError SOURCE_NOT_FOUND where no source is what was asked for */
async function requireSource(
  { source, isOfSource }: EventFilter,
  objects: ObjectStore,
  options: CallOptions,
): Promise<void> {
  if (source !== undefined) await requireStatus(objects, source, options);
  if (isOfSource === undefined) return;
  for await (const id of listSources(objects, options)) if (isOfSource(id)) return;
  throw new LandfallError(
    'SOURCE_NOT_FOUND',
    'no source in this store is of that namespace, or matches that glob',
    {
      hint: 'See: landfall get sources',
    },
  );
}

interface Printing {
  readonly options: EventsOptions;
  readonly signal: AbortSignal;
  /** Where it rejects, nothing is printed. */
  readonly onNone: () => Promise<void>;
}

/** Prints each event as it is read: a log may be larger than memory. */
async function print(
  events: AsyncIterable<EventEnvelope> | readonly EventEnvelope[],
  stdout: Terminal['stdout'],
  { options, signal, onNone }: Printing,
): Promise<void> {
  const lines = new LineWriter(stdout, signal);
  const array = options.json === true ? arrayWriter(lines) : undefined;
  const format = await eventFormat(options, stdout);
  let count = 0;
  try {
    for await (const event of events) {
      count += 1;
      await (array?.add(event) ?? lines.add(format(event)));
    }
    if (count === 0) await onNone();
    await array?.end();
  } finally {
    lines.end();
  }
}

async function showEvents(options: EventsOptions, terminal: Terminal, signal: AbortSignal): Promise<void> {
  if (options.follow === true) return follow(options, terminal, signal);
  await using store = await openExistingStore(options);
  const filter = eventFilter(options, systemClock.now());
  const { source, last } = filter;
  let damaged = 0;
  const onDamaged = (): void => {
    damaged += 1;
  };
  const onUnreadable = ({ code, message }: LandfallError): void =>
    writeMessage(terminal.stderr, `note: ${code}: ${message}`);
  const isLogged = store.kind === 'directory' || (await servedHere(store)) !== undefined;
  const events = isLogged
    ? readEvents(machineFolderOf(store), { ...filter, onDamaged })
    : (await landedEvents(store, { source, onUnreadable, signal }))
        .filter((event) => passesFilter(event, filter))
        .slice(-(last ?? 0));
  // Of a source that is gone the log may still tell; of one that never was, nothing is no answer.
  const onNone = (): Promise<void> => requireSource(filter, store.objects, { signal });
  await print(events, terminal.stdout, { options, signal, onNone });
  if (damaged > 0)
    writeLine(
      terminal.stderr,
      `note: ${damaged} damaged lines of the log were left out; landfall fsck names them`,
    );
}

/** `events`, and `get events`. */
export function addEventsCommand(
  command: Command,
  name: 'events' | 'get events',
  { terminal, run }: CommandContext,
): void {
  command
    .description('Prints the events, oldest first.')
    .option('--follow', 'go on as they come')
    .addHelpText('after', HELP.replaceAll('landfall events', `landfall ${name}`));
  addStoreOption(addEventOptions(addOutputOptions(command, 'print an array of EventBridge envelopes')));
  command.action((options: EventsOptions) => run(options, (signal) => showEvents(options, terminal, signal)));
}
