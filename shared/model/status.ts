import * as z from 'zod/mini';
import { composedPart } from './composition.ts';
import { digestSchema } from './digest-schema.ts';
import type { EventEnvelope } from './envelope.ts';
import { isEvent } from './parse-event.ts';
import { verificationSchema } from './verification.ts';

const count = z.int().check(z.nonnegative());
const positive = z.int().check(z.positive());
const word = z.string().check(z.minLength(1));
/** RFC 3339. */
const time = word;
const strings = z.readonly(z.record(z.string(), z.string()));
const list = <T>(schema: z.ZodMiniType<T>) => z.readonly(z.array(schema));

/** Who did something, as their machine knows them, and why. Absent where nobody said. */
const said = { who: z.exactOptional(z.string()), reason: z.exactOptional(z.string()) };

const revision = z.readonly(
  z.object({
    /** `<tag>@<digest>`, or the digest alone. */
    revision: word,
    tag: z.nullable(z.string()),
    digest: digestSchema,
    variant: word,
    contentDigest: digestSchema,
    mediaType: z.string(),
    artifactType: z.nullable(z.string()),
    annotations: strings,
    files: count,
    /** Symbolic links, which are recorded and not stored. Absent where there are none, like the two after it. */
    links: z.exactOptional(count),
    /** Empty folders. */
    folders: z.exactOptional(count),
    /** Devices, named pipes and AUFS's own files of a container image. */
    leftOut: z.exactOptional(count),
    /** Bytes. */
    size: count,
    generation: positive,
    committedAt: time,
    /** What asked for the reconcile that found it. Absent where an older version wrote it. */
    trigger: z.exactOptional(z.enum(['webhook', 'schedule', 'request', 'rollback'])),
    /** Of a rollback. */
    ...said,
    /** What it was composed of; absent where a registry holds it. */
    parts: z.exactOptional(list(composedPart)),
    /** Who signed it, where its source has a policy. */
    verification: z.exactOptional(verificationSchema),
  }),
);

/** What a source is at: one committed revision. */
export type Revision = z.infer<typeof revision>;

const condition = z.readonly(
  z.object({
    type: z.enum(['Ready', 'Stalled']),
    status: z.enum(['True', 'False']),
    /** `Succeeded`, `Suspended`, or an ErrorCode. */
    reason: z.string(),
    message: z.string(),
    lastTransitionTime: time,
  }),
);

/** `Ready` says whether the last reconcile succeeded; `Stalled` that only a change can help. */
export type Condition = z.infer<typeof condition>;
export type ConditionType = Condition['type'];

const failure = z.readonly(
  z.object({
    code: z.string(),
    message: z.string(),
    hint: z.nullable(z.string()),
    kind: z.enum(['permanent', 'transient']),
    /** What failed: `<spec digest>` or `<spec digest> <manifest digest>`. The same again is not tried again while permanent. */
    subject: z.string(),
    attempts: positive,
    since: time,
    at: time,
  }),
);

/** The failure being lived with. Cleared by the next success. */
export type Failure = z.infer<typeof failure>;

const request = z.readonly(z.object({ requested: z.string(), handled: z.nullable(z.string()) }));

/** A request by a person (`landfall reconcile`), handled when `handled` equals `requested`. */
export type StatusRequest = z.infer<typeof request>;

const suspension = z.readonly(
  z.object({
    by: z.enum(['suspend', 'rollback']),
    at: time,
    ...said,
  }),
);

const skipped = z.readonly(
  z.object({
    revision: word,
    tag: z.nullable(z.string()),
    digest: digestSchema,
    at: time,
    ...said,
  }),
);

export const statusSchema = z.readonly(
  z.object({
    formatVersion: z.literal(1),
    namespace: z.string(),
    name: z.string(),
    url: z.string(),
    /** The document's labels when the current revision was committed: a rollback's event carries them too. */
    labels: strings,
    /** Counts up by one with each new current revision; 0 before the first. */
    generation: count,
    current: z.nullable(revision),
    /** Earlier revisions, newest first, at most retain.revisions - 1. */
    history: list(revision),
    conditions: list(condition),
    failure: z.nullable(failure),
    /** Digest of the parts of the source document that decide what is landed. */
    specDigest: z.string(),
    /** Digest of the policies of who has to sign, as the last reconcile had them; null: there were none. Absent as null. */
    policy: z.exactOptional(z.nullable(digestSchema)),
    /** Events committed but perhaps not yet sent, oldest first. */
    outbox: list(z.custom<EventEnvelope>(isEvent, 'not an event')),
    /** Set by `suspend` and `rollback`; a document's own `suspend: true` is not copied here. */
    suspended: z.nullable(suspension),
    /** Left out after a rollback: the registry may be at it, and it does not land before something else is. Absent: none. */
    skipped: z.exactOptional(skipped),
    request: z.nullable(request),
  }),
);

/** `status.json`: the one mutable object of a source, replaced by compare-and-swap. */
export type Status = z.infer<typeof statusSchema>;
