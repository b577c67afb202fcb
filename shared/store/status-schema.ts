import * as z from 'zod/mini';
import { LandfallError } from '../errors.ts';
import type { EventEnvelope } from '../event/envelope.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { refuseNewer } from './artifact-record-schema.ts';
import { type SourceId, statusKey } from './layout.ts';
import { matched } from './matched.ts';
import type { Status } from './status.ts';

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'not a digest');
const count = z.int().check(z.nonnegative());
const time = z.string().check(z.minLength(1));

const revision = z.object({
  revision: z.string().check(z.minLength(1)),
  tag: z.nullable(z.string()),
  digest,
  variant: z.string().check(z.minLength(1)),
  contentDigest: digest,
  mediaType: z.string(),
  artifactType: z.nullable(z.string()),
  annotations: z.record(z.string(), z.string()),
  files: count,
  links: z.exactOptional(count),
  folders: z.exactOptional(count),
  leftOut: z.exactOptional(count),
  size: count,
  generation: z.int().check(z.positive()),
  committedAt: time,
  trigger: z.exactOptional(z.enum(['webhook', 'schedule', 'request', 'rollback'])),
});

const isEnvelope = (value: unknown): value is EventEnvelope =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'detail-type' in value &&
  'detail' in value &&
  typeof value.detail === 'object';

const statusSchema = z.object({
  formatVersion: z.literal(1),
  namespace: z.string(),
  name: z.string(),
  url: z.string(),
  labels: z.record(z.string(), z.string()),
  generation: count,
  current: z.nullable(revision),
  history: z.array(revision),
  conditions: z.array(
    z.object({
      type: z.enum(['Ready', 'Stalled']),
      status: z.enum(['True', 'False']),
      reason: z.string(),
      message: z.string(),
      lastTransitionTime: time,
    }),
  ),
  failure: z.nullable(
    z.object({
      code: z.string(),
      message: z.string(),
      hint: z.nullable(z.string()),
      kind: z.enum(['permanent', 'transient']),
      subject: z.string(),
      attempts: z.int().check(z.positive()),
      since: time,
      at: time,
    }),
  ),
  specDigest: z.string(),
  outbox: z.array(z.custom<EventEnvelope>(isEnvelope, 'not an event envelope')),
  suspended: z.nullable(z.object({ by: z.enum(['suspend', 'rollback']), at: time })),
  request: z.nullable(z.object({ requested: z.string(), handled: z.nullable(z.string()) })),
}) satisfies z.ZodMiniType<Status>;

const corrupt = (key: string, why: string, cause?: unknown): LandfallError =>
  new LandfallError('STORE_CORRUPT', `store: ${key} is not a source's status: ${why}`, {
    cause,
    hint: `Restore it from a backup, or move it away: the source is then landed anew, from generation 1.`,
  });

/** What two fields say about the same thing, which no schema sees. */
function contradiction(status: Status, { namespace, name }: SourceId): string | undefined {
  if (status.namespace !== namespace || status.name !== name)
    return `it is that of ${status.namespace}/${status.name}`;
  if ((status.current?.generation ?? 0) !== status.generation)
    return `generation ${status.generation} is not that of current, ${status.current?.generation ?? 0}`;
  return undefined;
}

/** Checks a status before it is written and after it is read. @throws LandfallError STORE_CORRUPT, STORE_VERSION */
export function checkStatus(value: unknown, id: SourceId): Status {
  const key = statusKey(id);
  refuseNewer(value, key);
  const parsed = matched(value, statusSchema);
  if (!parsed.ok) throw corrupt(key, parsed.why);
  const why = contradiction(parsed.data, id);
  if (why !== undefined) throw corrupt(key, why);
  return parsed.data;
}

/** @throws LandfallError STORE_CORRUPT, STORE_VERSION */
export function parseStatus(bytes: Uint8Array, id: SourceId): Status {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  } catch (cause) {
    throw corrupt(statusKey(id), 'it is not JSON', cause);
  }
  return checkStatus(value, id);
}

export const formatStatus = (status: Status): Uint8Array =>
  Buffer.from(`${JSON.stringify(status, null, 2)}\n`);
