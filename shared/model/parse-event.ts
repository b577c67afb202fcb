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
  'Source Suspended': other,
  'Source Resumed': other,
  'Deploy Waiting': other,
  'Deploy Decided': other,
  'Deploy Started': other,
  'Deploy Succeeded': other,
  'Deploy Failed': other,
} as const satisfies Readonly<Record<DetailType, z.ZodMiniType>>;

const isDetailType = (value: unknown): value is DetailType =>
  typeof value === 'string' && Object.hasOwn(DETAILS, value);

export const DETAIL_TYPES: readonly DetailType[] = Object.keys(DETAILS).filter(isDetailType);

const envelope = z.object({
  id: z.string(),
  source: z.literal(EVENT_SOURCE),
  'detail-type': z.enum(DETAIL_TYPES),
  detail: z.unknown(),
});

/** The one place where what was read becomes an event: from the log, the queue of a deploy, an outbox. */
export function parseEvent(value: unknown): Matched<EventEnvelope> {
  const outer = matched<z.infer<typeof envelope>>(value, envelope);
  if (!outer.ok) return outer;
  const { 'detail-type': type, detail } = outer.data;
  const inner = matched<unknown>(detail, DETAILS[type]);
  if (!inner.ok) return { ok: false, why: `detail.${inner.why}` };
  // The one cast of an event: its type has more than is asked for.
  return { ok: true, data: value as EventEnvelope };
}

export const isEvent = (value: unknown): value is EventEnvelope => parseEvent(value).ok;
