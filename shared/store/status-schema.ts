import * as z from 'zod/mini';
import type { EventEnvelope } from '../model/envelope.ts';
import type { SourceId } from '../model/ids.ts';
import { isEvent } from '../model/parse-event.ts';
import type { Status } from '../model/status.ts';
import { verificationSchema } from '../model/verification.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import {
  checkDocument,
  corruptDocument,
  type DocumentKind,
  formatDocument,
  parseDocument,
} from './document.ts';
import { statusKey } from './layout.ts';

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
  verification: z.exactOptional(verificationSchema),
});

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
  outbox: z.array(z.custom<EventEnvelope>(isEvent, 'not an event')),
  suspended: z.nullable(z.object({ by: z.enum(['suspend', 'rollback']), at: time })),
  request: z.nullable(z.object({ requested: z.string(), handled: z.nullable(z.string()) })),
}) satisfies z.ZodMiniType<Status>;

const KIND: DocumentKind<Status> = {
  what: "a source's status",
  schema: statusSchema,
  hint: 'Restore it from a backup, or move it away: the source is then landed anew, from generation 1.',
};

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
  return consistent(checkDocument(KIND, statusKey(id), value), id);
}

function consistent(status: Status, id: SourceId): Status {
  const why = contradiction(status, id);
  if (why === undefined) return status;
  throw corruptDocument(KIND, statusKey(id), why);
}

/** @throws LandfallError STORE_CORRUPT, STORE_VERSION */
export const parseStatus = (bytes: Uint8Array, id: SourceId): Status =>
  consistent(parseDocument(KIND, statusKey(id), bytes), id);

export const formatStatus = (status: Status): Uint8Array => formatDocument(status);
