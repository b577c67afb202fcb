import { createHash } from 'node:crypto';
import { EVENT_LABELS_BYTES } from '../limits.ts';
import { DETAIL_VERSION, type DetailType } from '../model/detail-type.ts';
import { type Envelope, EVENT_SOURCE } from '../model/envelope.ts';
import type { Detail } from '../model/event-schema.ts';
import type { SourceId } from '../model/ids.ts';
import { capStrings } from './fit.ts';

/** Where and when an event is made: on one machine account `000000000000`, region `local`. */
export interface EventOrigin {
  /** RFC 3339. Taken from the status write, so that a repeat is the same event. */
  readonly time: string;
  readonly account: string;
  readonly region: string;
}

/** What every event says of its source. */
export interface SourceFacts extends SourceId {
  readonly url: string;
  readonly labels: Readonly<Record<string, string>>;
}

export const LOCAL_ORIGIN = { account: '000000000000', region: 'local' } as const;

/** `<namespace>.<name>.<generation>.<suffix>`: readable, and the same for the same fact. */
export const eventId = (
  { namespace, name }: SourceId,
  generation: number,
  ...suffix: readonly string[]
): string => [namespace, name, generation, ...suffix].join('.');

/** Twelve hex characters that stand for `parts`. */
export const shortHash = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12);

/** The fields every detail begins with. */
export const identityOf = (source: SourceFacts, id: string) => ({
  version: DETAIL_VERSION as typeof DETAIL_VERSION,
  id,
  namespace: source.namespace,
  name: source.name,
  url: source.url,
  labels: capStrings(source.labels, EVENT_LABELS_BYTES),
});

/** Puts a detail into EventBridge's envelope. */
export function composeEvent<T extends DetailType>(
  type: T,
  detail: Detail<T>,
  resources: readonly string[],
  { time, account, region }: EventOrigin,
): Envelope<T> {
  return {
    version: '0',
    id: detail.id,
    'detail-type': type,
    source: EVENT_SOURCE,
    account,
    time,
    region,
    resources,
    detail,
  };
}
