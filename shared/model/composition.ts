import * as z from 'zod/mini';
import { type Digest, digestOf } from '../oci/digest.ts';
import { digestSchema } from './digest-schema.ts';

const word = z.string().check(z.minLength(1));

/** A source as it was when another was composed of it. */
const part = { source: word, revision: word, digest: digestSchema };

/** `source`: `namespace/name`; `revision`: as in its status. */
export const composedPart = z.readonly(z.object(part));
export type ComposedPart = z.infer<typeof composedPart>;

const included = z.readonly(
  z.object({
    ...part,
    variant: word,
    /** The folder or file of the part that is taken; absent: all of it. */
    from: z.exactOptional(word),
    /** The folder that it is put into, or the path of a file; absent: the root. */
    to: z.exactOptional(word),
  }),
);

const written = z.readonly(
  z.object({
    ...part,
    /** Of the image, without tag and digest. */
    image: word,
    /** `namespace:name` in the markers that name it. */
    marker: z.exactOptional(word),
    /** Of the entry of kustomize's `images`. */
    name: z.exactOptional(word),
    /** The whole image is written with its digest. */
    pinned: z.exactOptional(z.literal(true)),
    /** Only files in this folder are written to. */
    path: z.exactOptional(word),
  }),
);

export const compositionSchema = z.readonly(
  z.object({
    mediaType: z.literal('application/vnd.landfall.composition.v1+json'),
    onClash: z.enum(['refuse', 'last']),
    include: z.readonly(z.array(included)),
    images: z.readonly(z.array(written)),
  }),
);

/** What a source is composed of at one moment: the parts' revisions and the rules. It has what decides the content, and no more. */
export type Composition = z.infer<typeof compositionSchema>;
export type IncludedRevision = z.infer<typeof included>;
export type WrittenRevision = z.infer<typeof written>;

export const COMPOSITION_TYPE = 'application/vnd.landfall.composition.v1+json';

const partOf = ({ source, revision, digest }: ComposedPart) => ({ source, revision, digest });

/** The composition as JSON whose keys stand in one order, without spaces: what is hashed. */
function formatComposition({ onClash, include, images }: Composition): string {
  return JSON.stringify({
    mediaType: COMPOSITION_TYPE,
    onClash,
    include: include.map((each) => ({
      ...partOf(each),
      variant: each.variant,
      from: each.from,
      to: each.to,
    })),
    images: images.map((each) => ({
      ...partOf(each),
      image: each.image,
      marker: each.marker,
      name: each.name,
      pinned: each.pinned,
      path: each.path,
    })),
  });
}

/** The digest that a composed artifact is kept under: the same of the same parts and rules, wherever it is computed. */
export const compositionDigest = (composition: Composition): Digest =>
  digestOf(formatComposition(composition));

/** Each source that it is composed of, once, in the order of the document. */
export const partsOfComposition = ({ include, images }: Composition): readonly ComposedPart[] => [
  ...new Map([...include, ...images].map((each) => [each.source, partOf(each)])).values(),
];
