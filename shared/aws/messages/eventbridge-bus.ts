import type { Clock } from '../../clock.ts';
import { isLandfallError, LandfallError } from '../../errors.ts';
import { BACKOFF, backoffMs } from '../../kernel/backoff.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { EVENT_BYTES } from '../../limits.ts';
import type { Bus, EventEnvelope } from '../../model/envelope.ts';
import { AwsFailure, failureFacts, failureOf, formatFailure } from '../request/failure.ts';
import type { SdkAccess } from '../sdk/call.ts';
import type { PutEvents } from '../sdk/eventbridge.ts';
import { traceHeader } from './trace-header.ts';

export interface EventBridgeBusOptions {
  /** Name or ARN. */
  readonly bus: string;
  /** Default: as the SDK finds it. */
  readonly sdk?: SdkAccess;
  readonly clock: Clock;
  readonly random?: () => number;
}

/** One call's share: EventBridge takes no more entries in one, and counts their bytes together. */
export const BATCH_ENTRIES = 10;
export const BATCH_BYTES = EVENT_BYTES;
/** Times entries are sent that were refused one by one; the client tries whole calls again itself. */
export const ENTRY_ATTEMPTS = 4;

interface Entry {
  readonly Time: Date;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly Resources: string[];
  readonly EventBusName: string;
  readonly TraceHeader: string | undefined;
}

/** EventBridge puts its own id and account on the envelope; what is stable across redelivery is `detail.id`. */
const entryOf = (event: EventEnvelope, bus: string): Entry => ({
  Time: new Date(event.time),
  Source: event.source,
  DetailType: event['detail-type'],
  Detail: JSON.stringify(event.detail),
  Resources: [...event.resources],
  EventBusName: bus,
  TraceHeader: traceHeader(),
});

/** 14 bytes for the time, then the UTF-8 of each text. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
const bytesOf = ({ Source, DetailType, Detail, Resources }: Entry): number =>
  14 + [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), 0);

/** Entries in order, in batches that one call takes. An entry too large for any is one alone, and refused by the service. */
function putsOf(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const batches: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = bytesOf(entry);
    const last = batches.at(-1);
    if (last !== undefined && last.length < BATCH_ENTRIES && bytes + size <= BATCH_BYTES) {
      last.push(entry);
      bytes += size;
    } else {
      batches.push([entry]);
      bytes = size;
    }
  }
  return batches;
}

const failed = (failure: AwsFailure, count: number, bus: string): LandfallError =>
  new LandfallError(
    'EMIT_FAILED',
    `event bus ${bus}: ${count} of the events were not taken: ${formatFailure(failure)}`,
    failureFacts(failure),
  );

interface Refused {
  readonly entry: Entry;
  readonly failure: AwsFailure;
}

/** What a 200 refused: it answers entry by entry, in their order. An answer that is not whole refuses what it leaves out. */
const refusedOf = (batch: readonly Entry[], answer: Awaited<ReturnType<PutEvents>>): readonly Refused[] =>
  batch.flatMap((entry, at) => {
    const { EventId, ErrorCode: code = 'no answer for it', ErrorMessage } = answer.Entries?.[at] ?? {};
    if (EventId !== undefined) return [];
    return [{ entry, failure: new AwsFailure({ code, ...(ErrorMessage && { message: ErrorMessage }) }) }];
  });

/** Entries that will be refused for what they are, however often they are sent. */
const PERMANENT = new Set(['MalformedDetail', 'InvalidArgument', 'NotAuthorizedForSourceException']);

/**
 * Puts events on a custom bus, in order as far as EventBridge keeps one. What a 200 refuses is sent again, and that
 * alone; an event whose answer was lost may be on the bus twice, with the same `detail.id`.
 */
export function eventBridgeBus(options: EventBridgeBusOptions): Bus {
  const { bus, clock, random = Math.random } = options;
  const { sdk = { clock } } = options;
  let opened: Promise<PutEvents> | undefined;

  async function put(
    batch: readonly Entry[],
    signal: AbortSignal | undefined,
  ): Promise<readonly Refused[] | AwsFailure> {
    opened ??= import('../sdk/eventbridge.ts').then(({ openEventBridge }) => openEventBridge(sdk));
    try {
      return refusedOf(batch, await (await opened)(batch, signal));
    } catch (error) {
      throwIfCancelled('emit', signal);
      if (isLandfallError(error)) throw error;
      return failureOf(error);
    }
  }

  async function putAll(
    batch: readonly Entry[],
    signal: AbortSignal | undefined,
  ): Promise<readonly Refused[]> {
    let left = batch;
    for (let attempt = 1; ; attempt += 1) {
      const result = await put(left, signal);
      // A whole call that came to nothing has been tried again already.
      if (result instanceof AwsFailure) return left.map((entry) => ({ entry, failure: result }));
      const isHopeless = result.every(({ failure }) => PERMANENT.has(failure.code));
      if (isHopeless || attempt >= ENTRY_ATTEMPTS) return result;
      left = result.map(({ entry }) => entry);
      const wait = backoffMs(BACKOFF.awsEntry, attempt, random());
      await clock.sleep(wait, signal).catch(() => undefined);
      throwIfCancelled('emit', signal);
    }
  }

  return {
    emit: async (events, { signal } = {}) => {
      throwIfCancelled('emit', signal);
      const refused: Refused[] = [];
      for (const batch of putsOf(events.map((event) => entryOf(event, bus)))) {
        refused.push(...(await putAll(batch, signal)));
      }
      const [first] = refused;
      if (first !== undefined) throw failed(first.failure, refused.length, bus);
    },
  };
}
