import { LandfallError } from '../shared/errors.ts';
import { EVENT_SOURCE, type EventEnvelope } from '../shared/event/envelope.ts';
import { DETAIL_SCHEMAS } from '../shared/event/schema.ts';

/** What a message of a deploy's queue is. */
export type DeployMessage =
  | { readonly kind: 'event'; readonly event: EventEnvelope }
  /** The schedule: see whether what is current is applied. */
  | { readonly kind: 'look' };

const REVISION_CHANGED = 'Artifact Revision Changed';

const malformed = (why: string): LandfallError =>
  new LandfallError('WEBHOOK_MALFORMED', `a message of the deploy's queue is ${why}`, {
    hint: 'Look at it in the dead-letter queue, and at who may send to the queue.',
  });

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(body) as unknown;
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    throw malformed(`not JSON, in ${body.length} characters`);
  }
  throw malformed('no JSON object');
}

/** @throws LandfallError WEBHOOK_MALFORMED */
export function readDeployMessage(body: string): DeployMessage {
  const message = parse(body);
  const { source, 'detail-type': type, detail } = message;
  if (source === 'aws.events' && type === 'Scheduled Event') return { kind: 'look' };
  if (source !== EVENT_SOURCE || type !== REVISION_CHANGED) throw malformed('no event of a new revision');
  const parsed = DETAIL_SCHEMAS[REVISION_CHANGED].safeParse(detail);
  if (parsed.success) return { kind: 'event', event: message as unknown as EventEnvelope };
  const [issue] = parsed.error.issues;
  throw malformed(`an event without its detail: ${issue?.path.join('.')}: ${issue?.message}`);
}
