import * as z from 'zod/mini';
import { LandfallError } from '../shared/errors.ts';
import { EVENT_SOURCE, type EventEnvelope } from '../shared/event/envelope.ts';
import { matched } from '../shared/store/matched.ts';

/** What a message of a deploy's queue is. */
export type DeployMessage =
  | { readonly kind: 'event'; readonly event: EventEnvelope }
  /** The schedule: see whether what is current is applied. */
  | { readonly kind: 'look' };

const REVISION_CHANGED = 'Artifact Revision Changed';

/** As much of the detail as a deploy goes by: what is current it reads itself. */
const detailSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  url: z.string(),
  labels: z.record(z.string(), z.string()),
  generation: z.int().check(z.positive()),
  artifact: z.object({ bucket: z.string() }),
  trigger: z.string(),
});

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
  const read = matched(detail, detailSchema);
  if (read.ok) return { kind: 'event', event: message as unknown as EventEnvelope };
  throw malformed(`an event without its detail: ${read.why}`);
}
