import { type Clock, steadyNow } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { type JsonObject, parseObject } from '../../kernel/json.ts';
import type { ReceiverEntry } from '../../source/receiver-entry.ts';
import type { Source } from '../../source/source.ts';
import { TRIGGERS_KEY } from '../../store/layout.ts';
import type { BucketReader } from '../s3/bucket-reader.ts';

/** Raised where functions of before would misread what is compiled: it is then made anew from the documents. */
export const TRIGGERS_VERSION = 2;

type TriggeredSource = Pick<Source, 'namespace' | 'name' | 'repository' | 'ref' | 'intervalMs' | 'suspend'>;

/** The part that poll and receive read: small, so that their start is. */
export interface CompiledTriggers {
  readonly formatVersion: typeof TRIGGERS_VERSION;
  readonly sources: readonly TriggeredSource[];
  readonly receivers: readonly ReceiverEntry[];
}

/** Entries as the schema of documents made them: held to their names, since that schema is too large for a start. */
export const areNamed = <T extends { readonly name: string }>(value: unknown): value is readonly T[] =>
  Array.isArray(value) && value.every((each) => typeof each?.name === 'string');

const areTriggers = (value: JsonObject | undefined): value is JsonObject & CompiledTriggers =>
  value?.['formatVersion'] === TRIGGERS_VERSION && areNamed(value['sources']) && areNamed(value['receivers']);

/** As parseDerived, and by hand: what zod has for it is 0.6 kB of every start of receive. */
export function parseTriggers(bytes: Uint8Array): CompiledTriggers | undefined {
  const value = parseObject(bytes);
  return areTriggers(value) ? value : undefined;
}

export interface TriggersInForce {
  readonly triggers: CompiledTriggers;
  /** Unlike any other content's. */
  readonly version: string;
}

/** A changed document is in force in functions that keep running within it. */
export const CONFIGURATION_TTL_MS = 10_000;

/**
 * Reads what poll and receive need, downloaded only where it changed and asked about at most every ten seconds,
 * whatever came of it: each webhook of a stranger wants to know.
 * undefined: there is none yet, or one of another version; whoever asks has the documents read again.
 * @throws LandfallError STORE_UNAVAILABLE, STORE_DENIED where nothing is known yet; later the last known goes on
 */
export function triggersReader({
  reader,
  clock,
}: {
  readonly reader: Pick<BucketReader, 'getIfChanged'>;
  readonly clock: Pick<Clock, 'now' | 'steady'>;
}): (options?: CallOptions) => Promise<TriggersInForce | undefined> {
  let known: TriggersInForce | undefined;
  let until = 0;
  return async (options) => {
    if (steadyNow(clock) < until) return known;
    try {
      const read = await reader.getIfChanged(TRIGGERS_KEY, known?.version, options);
      if (read !== 'unchanged') {
        const triggers = read && parseTriggers(read.bytes);
        known = triggers && read && { triggers, version: read.version };
      }
    } catch (error) {
      if (known === undefined || !(error instanceof LandfallError)) throw error;
    }
    until = steadyNow(clock) + CONFIGURATION_TTL_MS;
    return known;
  };
}
