import type { CallOptions } from '../kernel/call-options.ts';
import type { DetailType } from './detail-type.ts';
import type { Detail } from './event-schema.ts';

export const EVENT_SOURCE = 'landfall';

/**
 * EventBridge's envelope, the same on one machine (account `000000000000`, region `local`).
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
export interface Envelope<Type extends DetailType> {
  readonly version: '0';
  /** Stable across redelivery; equals detail.id. */
  readonly id: string;
  readonly 'detail-type': Type;
  readonly source: typeof EVENT_SOURCE;
  readonly account: string;
  /** RFC 3339. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Detail<Type>;
}

/** Any event of ours: its detail-type says what its detail is. What comes from outside is read by parse-event.ts. */
export type EventEnvelope = { [Type in DetailType]: Envelope<Type> }[DetailType];

export type RevisionChangedEvent = Envelope<'Artifact Revision Changed'>;

/** Where events go. Resolving means the bus has them all; a rejected entry rejects the call with EMIT_FAILED. One
 * that ended with its signal may have put some there. */
export interface Bus {
  emit(events: readonly EventEnvelope[], options?: CallOptions): Promise<void>;
}
