import { requireFolderStore } from '../local/open-store.ts';
import { systemClock } from '../shared/clock.ts';
import type { LandfallError } from '../shared/errors.ts';
import { passesFilter } from '../shared/event/event-filter.ts';
import { followEvents, readEvents } from '../shared/event/read-events.ts';
import type { EventEnvelope } from '../shared/model/envelope.ts';
import { formatSourceId } from '../shared/model/ids.ts';
import { readStatus, requireStatus } from '../shared/store/status-store.ts';
import { landedEvents } from './landed-events.ts';
import { type EventOptions, eventFilter } from './options/event-options.ts';
import { openExistingStore, type StoreOptions } from './options/store-options.ts';
import { arrayWriter, type Terminal, writeJsonLine, writeLine, writeNext } from './terminal/terminal.ts';

export interface EventsOptions extends StoreOptions, EventOptions {
  readonly follow?: boolean;
  readonly json?: boolean;
}

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
    case 'Deploy Waiting':
      return event.detail.waitsFor;
    case 'Deploy Decided':
      return `${event.detail.decision} by ${event.detail.by}`;
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

async function follow(options: EventsOptions, terminal: Terminal, signal: AbortSignal): Promise<void> {
  await using store = await openExistingStore(options);
  const filter = eventFilter(options, systemClock.now());
  const { root } = requireFolderStore(store, 'the log of events', FOLLOW_NEXT);
  const { source } = filter;
  if (source !== undefined && (await readStatus(store.objects, source, { signal })) === undefined)
    writeLine(terminal.stderr, `note: ${formatSourceId(source)} is not in the store yet: waiting for it`);
  const onFault = (error: Error | undefined): void =>
    writeLine(
      terminal.stderr,
      error === undefined ? 'note: it can be read again' : `note: ${error.message}; waiting`,
    );
  for await (const event of followEvents(root, { signal, onFault, ...filter })) {
    if (options.json === true) writeJsonLine(terminal.stdout, event);
    else writeLine(terminal.stdout, eventLine(event));
  }
}

/** Prints each event as it is read: a log may be larger than memory. */
export async function showEvents(
  options: EventsOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  if (options.follow === true) return follow(options, terminal, signal);
  await using store = await openExistingStore(options);
  const filter = eventFilter(options, systemClock.now());
  const { source, last } = filter;
  let damaged = 0;
  const onDamaged = (): void => {
    damaged += 1;
  };
  const onUnreadable = ({ code, message }: LandfallError): void =>
    writeLine(terminal.stderr, `note: ${code}: ${message}`);
  const events =
    store.kind === 's3'
      ? (await landedEvents(store, { source, onUnreadable, signal }))
          .filter((event) => passesFilter(event, filter))
          .slice(-(last ?? 0))
      : readEvents(store.root, { ...filter, onDamaged });
  const array = options.json === true ? arrayWriter(terminal.stdout, signal) : undefined;
  let count = 0;
  for await (const event of events) {
    count += 1;
    await (array?.add(event) ?? writeNext(terminal.stdout, eventLine(event), signal));
  }
  if (damaged > 0)
    writeLine(
      terminal.stderr,
      `note: ${damaged} damaged lines of the log were left out; landfall fsck names them`,
    );
  // Of a source that is gone the log may still tell; of one that never was, nothing is no answer.
  if (source !== undefined && count === 0) await requireStatus(store.objects, source, { signal });
  await array?.end();
}
