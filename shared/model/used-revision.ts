import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { type Digest, parseDigest } from '../oci/digest.ts';
import { digestSchema as digest } from './digest-schema.ts';

/** What a deploy uses of another source, beside the revision of its own: that which was current as it began. */
export const usedRevision = z.object({
  /** `namespace/name`. */
  source: z.string(),
  revision: z.string(),
  /** Null: the source follows a digest. */
  tag: z.nullable(z.string()),
  digest,
  /** Of its artifact; absent where an earlier Landfall wrote it. */
  variant: z.optional(z.string()),
});

export type UsedRevision = z.infer<typeof usedRevision>;

/** Whatever says what it uses; absent: of no other source. */
export interface Using {
  readonly uses?: readonly UsedRevision[] | undefined;
}

const textOf = ({ uses = [] }: Using): string =>
  uses.map(({ source, revision }) => `${source} ${revision}`).join('\n');

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Whether two use the same of the same sources. */
export const isSameUse = (one: Using, other: Using): boolean => textOf(one) === textOf(other);

/** What is kept of it: nothing where nothing is used. */
export const usesOf = ({ uses = [] }: Using): { readonly uses?: UsedRevision[] } =>
  uses.length === 0 ? {} : { uses: [...uses] };

/** What a person decides of: the revision's digest, or one over that and all that is used beside it. */
export const decidedDigest = ({ digest: own, ...using }: Using & { readonly digest: Digest }): Digest => {
  const text = textOf(using);
  return text === '' ? own : parseDigest(`sha256:${hashOf(`${own}\n${text}`)}`);
};

const SPEC_HASH_LENGTH = 12;

/** The document of a deploy, with what it uses: what failed under one may be right under another. */
export const specUsing = (spec: string, using: Using): string => {
  const text = textOf(using);
  return text === '' ? spec : `${spec}-${hashOf(text).slice(0, SPEC_HASH_LENGTH)}`;
};
