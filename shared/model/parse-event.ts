import * as z from 'zod/mini';
import { type Matched, matched } from '../kernel/matched.ts';
import type { DetailType } from './detail-type.ts';
import { EVENT_SOURCE, type EventEnvelope } from './envelope.ts';

/** What Landfall itself goes by. More is in an event, and not asked for: an older or later version made it. */
const identity = { namespace: z.string(), name: z.string() };

const revisionChanged = z.object({
  ...identity,
  url: z.string(),
  labels: z.record(z.string(), z.string()),
  generation: z.int().check(z.positive()),
  artifact: z.object({ bucket: z.string() }),
  trigger: z.string(),
});

const other = z.object(identity);

const DETAILS = {
  'Artifact Revision Changed': revisionChanged,
  'Source Reconcile Failed': other,
  'Source Recovered': other,
  'Deploy Waiting': other,
  'Deploy Decided': other,
  'Deploy Started': other,
  'Deploy Succeeded': other,
  'Deploy Failed': other,
} as const satisfies Readonly<Record<DetailType, z.ZodMiniType>>;

export const DETAIL_TYPES = Object.keys(DETAILS) as readonly DetailType[];

const envelope = z.object({
  id: z.string(),
  source: z.literal(EVENT_SOURCE),
  'detail-type': z.enum(Object.keys(DETAILS) as [DetailType, ...DetailType[]]),
  detail: z.unknown(),
});

/** The one place where what was read becomes an event: from the log, the queue of a deploy, an outbox. */
export function parseEvent(value: unknown): Matched<EventEnvelope> {
  const outer = matched(value, envelope);
  if (!outer.ok) return outer;
  const inner = matched(outer.data.detail, DETAILS[outer.data['detail-type']] as z.ZodMiniType<unknown>);
  if (!inner.ok) return { ok: false, why: `detail.${inner.why}` };
  return { ok: true, data: value as EventEnvelope };
}

export const isEvent = (value: unknown): value is EventEnvelope => parseEvent(value).ok;
