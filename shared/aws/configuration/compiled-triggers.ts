import { isObject, parseObject } from '../../kernel/json.ts';
import type { ReceiverEntry } from '../../source/receiver-entry.ts';
import type { Source } from '../../source/source.ts';

/** Raised where functions of before would misread what is compiled: it is then made anew from the documents. */
export const COMPILED_VERSION = 2;

type TriggeredSource = Pick<Source, 'namespace' | 'name' | 'repository' | 'ref' | 'intervalMs' | 'suspend'>;

/** The part that poll and receive read: small, so that their start is. */
export interface CompiledTriggers {
  readonly formatVersion: typeof COMPILED_VERSION;
  readonly sources: readonly TriggeredSource[];
  readonly receivers: readonly ReceiverEntry[];
}

/** Entries as the schema of documents made them: held to what names them, since that schema is too large for a start. */
export const entriesNamed =
  <T>(...names: readonly (keyof T & string)[]) =>
  (value: unknown): value is readonly T[] =>
    Array.isArray(value) &&
    value.every((each) => isObject(each) && names.every((name) => typeof each[name] === 'string'));

const areSources = entriesNamed<TriggeredSource>('namespace', 'name');
const areReceivers = entriesNamed<ReceiverEntry>('name');

/** As parseDerived, and by hand: what zod has for it is 0.6 kB of every start of receive. */
export function parseTriggers(bytes: Uint8Array): CompiledTriggers | undefined {
  const { formatVersion, sources, receivers } = parseObject(bytes) ?? {};
  return formatVersion === COMPILED_VERSION && areSources(sources) && areReceivers(receivers)
    ? { formatVersion, sources, receivers }
    : undefined;
}
