import * as z from 'zod';
import { HOLDS } from './deploy-holds.ts';
import { DETAIL_VERSION, type DetailType, type Trigger } from './detail-type.ts';

const TRIGGERS = ['webhook', 'schedule', 'request', 'rollback'] as const satisfies readonly Trigger[];

const digest = z.string().regex(/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/);
const count = z.int().nonnegative();
const instant = z.iso.datetime();
const strings = z.record(z.string(), z.string());
const trigger = z.enum(TRIGGERS);

const identity = {
  version: z.literal(DETAIL_VERSION),
  id: z.string().min(1).describe('Stable across redelivery: drop what you have seen.'),
  namespace: z.string(),
  name: z.string(),
  url: z.string().regex(/^oci:\/\//),
  labels: strings,
};

const revision = {
  generation: count.describe('Counts up by one with each new current revision of the source.'),
  revision: z.string().describe('<tag>@<digest>, or the digest alone.'),
  tag: z.string().nullable(),
  digest,
  contentDigest: digest.describe('Equal to the previous one: nothing to deploy.'),
  mediaType: z.string(),
  artifactType: z.string().nullable(),
  annotations: strings.describe('Of the manifest; the commit record has those left out for length.'),
};

const artifact = z.object({
  bucket: z.string().describe('S3 bucket, or the directory of the store on one machine.'),
  prefix: z.string().describe("Key prefix of the artifact's files."),
  record: z.string().describe('Key of the commit record, artifact.json.'),
  layout: z
    .literal('pack')
    .exactOptional()
    .describe('Files lie in a few objects under the prefix, as the record says. Absent: they are a tree.'),
  files: count.describe('Files that are stored under prefix.'),
  links: count.describe('Symbolic links, which are recorded and not stored.'),
  size: count.describe('Bytes.'),
});

const paths = z
  .array(z.string())
  .describe('Changed paths in byte order; "dir/" stands for anything under dir, "/" for anything at all.');

const changes = z.object({
  added: count,
  modified: count,
  removed: count,
  content: z.enum(['changed', 'unchanged']),
  paths,
  links: z
    .object({ added: count, modified: count, removed: count, paths })
    .describe('The same of symbolic links, which are recorded and not stored.'),
});

const error = {
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
  kind: z.enum(['permanent', 'transient']),
};

const deploy = {
  ...identity,
  deploy: z.string(),
  kind: z.string(),
  generation: count,
  revision: z.string(),
  digest,
  uses: z
    .array(z.object({ source: z.string(), revision: z.string(), tag: z.string().nullable(), digest }))
    .exactOptional()
    .describe('Of other sources, whose images the deploy has. Absent: none.'),
};

const rolledBack = z.boolean().describe('The target is back at what it had.');

const text = z.string().nullable();
/** What a person did with a source. */
const suspension = {
  ...identity,
  generation: count.describe('Of what is current, which stays; 0 before the first.'),
  revision: text,
  by: text.describe('Who, as the machine knows them, or as they said; null where nobody said.'),
  reason: text,
};
const verification = z.object({
  provider: z.enum(['cosign', 'notation', 'several']),
  policy: digest.describe('Of the policy, with the keys that it had.'),
  signatures: z.array(
    z.object({
      key: text.describe('Digest of the public key.'),
      issuer: text,
      subject: text,
      signedAt: instant.nullable().describe('As a transparency log says.'),
      logIndex: text,
    }),
  ),
});

/** The detail of every detail-type: the one truth for types and JSON Schema. */
export const DETAIL_SCHEMAS = {
  'Artifact Revision Changed': z.object({
    ...identity,
    ...revision,
    previous: z.object(revision).nullable(),
    artifact,
    changes,
    trigger,
    by: text.describe('Of a rollback: who did it, as the machine knows them, or as they said.'),
    reason: text.describe('Of a rollback: why.'),
    verification: verification
      .nullable()
      .describe('Null where the source has no policy, or one that proves nothing.'),
  }),
  'Source Reconcile Failed': z.object({
    ...identity,
    generation: count.describe('Of the last good revision, which stays in place; 0 before the first.'),
    revision: z.string().nullable(),
    ...error,
    since: instant,
    attempts: count,
    trigger,
  }),
  'Source Recovered': z.object({
    ...identity,
    generation: count,
    revision: z.string().nullable(),
    failure: z.object({ code: z.string(), since: instant, attempts: count }),
    trigger,
  }),
  'Source Suspended': z.object(suspension),
  'Source Resumed': z.object(suspension),
  'Deploy Waiting': z.object({
    ...deploy,
    waitsFor: z.enum(HOLDS),
    message: z.string(),
    next: instant.nullable().describe('When it is looked at again, where that is known.'),
    plan: z
      .object({ summary: z.string(), changes: count })
      .nullable()
      .describe('What it would do, where that was asked.'),
  }),
  'Deploy Decided': z.object({
    ...deploy,
    decision: z.enum(['approved', 'rejected', 'skipped', 'unskipped']),
    by: z.string().describe('Who: as the machine knows them, or as they said.'),
    reason: z.string().nullable(),
  }),
  'Deploy Started': z.object({ ...deploy, attempt: count }),
  'Deploy Succeeded': z.object({ ...deploy, attempt: count, durationMs: count }),
  'Deploy Failed': z.object({
    ...deploy,
    attempt: count,
    durationMs: count,
    failure: z.object(error),
    rolledBack,
  }),
} as const satisfies Record<DetailType, z.ZodObject>;

export type Detail<T extends DetailType> = z.infer<(typeof DETAIL_SCHEMAS)[T]>;
export type RevisionChangedDetail = Detail<'Artifact Revision Changed'>;
export type RevisionDetail = NonNullable<RevisionChangedDetail['previous']>;

/** JSON Schema of one detail, draft 2020-12. Unknown keys are allowed: fields may be added within a version. */
export function detailJsonSchema(type: DetailType): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(DETAIL_SCHEMAS[type], {
    target: 'draft-2020-12',
    io: 'input',
  });
  return { $schema, title: `detail of ${type}`, ...schema };
}

/** `artifact-revision-changed` for `Artifact Revision Changed`. */
export const schemaName = (type: DetailType): string => type.toLowerCase().replaceAll(' ', '-');
