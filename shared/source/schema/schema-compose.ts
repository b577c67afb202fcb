import * as z from 'zod';
import {
  COMPOSED_NAME_CHARACTERS,
  COMPOSED_PARTS,
  DEFAULT_LIMITS,
  IMAGE_NAME_CHARACTERS,
} from '../../limits.ts';
import { isSourceName, qualifiedSource } from '../../model/ids.ts';
import { parseTypedRepository } from '../../oci/typed-reference.ts';
import { judgePath } from '../../unpack/entry-path.ts';
import { name, type Refusal, refusedWhen, textFor, wanted } from './schema-fields.ts';
import { ref } from './schema-ref.ts';

const isSourceText = (text: string): boolean => {
  const [namespace = '', named = '', ...rest] = qualifiedSource(text).split('/');
  return rest.length === 0 && isSourceName(namespace) && isSourceName(named);
};

const sourceText = z.string().refine(isSourceText, wanted('the name of a source, or namespace/name'));
/** What a source has for itself is part of it alone: what is said of its artifact is said of who is composed of it. */
const includedText = sourceText.refine(
  (text) => !text.includes('.'),
  wanted(
    'the name of a source of the documents; what another has for itself, as app.base, is included by its url',
  ),
);
const path = textFor((text) => judgePath(text, DEFAULT_LIMITS, 0));

const eitherOf = (each: { readonly source?: string; readonly url?: string; readonly ref?: object }) => {
  const isOne = (each.source === undefined) !== (each.url === undefined);
  if (!isOne) return { message: 'wanted source (a source of these documents) or url, one of them' };
  return each.source !== undefined && each.ref !== undefined
    ? { message: 'ref is of a url; which revision a source is at is said where it is written' }
    : undefined;
};

export const include = z
  .array(
    z
      .strictObject({
        source: includedText.exactOptional().meta({ description: 'A source, by name or namespace/name' }),
        url: textFor(parseTypedRepository)
          .exactOptional()
          .meta({ description: 'oci://registry/repository: a source of its own, NAME.<repository>' }),
        ref: ref.exactOptional().meta({ description: 'Which revision of url' }),
        from: path.exactOptional().meta({ description: 'The folder or file that is taken; absent: all' }),
        to: path.exactOptional().meta({ description: 'The folder that it is put into; absent: the root' }),
      })
      .check(refusedWhen(eitherOf)),
  )
  .min(1)
  .max(COMPOSED_PARTS);

const marker = z
  .string()
  .regex(/^[a-z0-9.-]{1,253}:[a-z0-9.-]{1,253}$/, wanted('namespace:name, as markers have it'));

export const images = z
  .array(
    z.strictObject({
      source: sourceText.meta({ description: 'Whose image is written, by name or namespace/name' }),
      marker: marker
        .exactOptional()
        .meta({ description: 'What the markers {"$imagepolicy": "…"} call it; absent: as the source' }),
      name: z
        .string()
        .min(1)
        .max(IMAGE_NAME_CHARACTERS)
        .exactOptional()
        .meta({ description: "The name of an entry of kustomize's images" }),
      digest: z
        .boolean()
        .exactOptional()
        .meta({ description: 'Whether a whole image is written with its digest; default false' }),
      path: path.exactOptional().meta({ description: 'Only files in this folder' }),
    }),
  )
  .min(1)
  .max(COMPOSED_PARTS);

export const onClash = z.enum(['refuse', 'last']);

export const accessFrom = z.array(z.union([name, z.literal('*')])).max(COMPOSED_PARTS);

interface Given {
  readonly name: string;
  readonly url?: string;
  readonly include?: readonly { readonly url?: string }[];
  readonly images?: readonly object[];
  readonly onClash?: string;
  readonly ref: object;
  readonly unpack: { readonly mode: string };
  readonly layers: unknown;
  readonly links: string;
  readonly platform?: string;
  readonly ignore?: string;
}

/** What is said of a url, where there is none. */
const ofUrl = ({ ref: chosen, unpack, layers, links, platform, ignore }: Given): readonly string[] => [
  ...(Object.keys(chosen).length > 0 ? ['ref'] : []),
  ...(unpack.mode !== 'files' ? ['unpack'] : []),
  ...(layers !== 'auto' ? ['layers'] : []),
  ...(links !== 'record' ? ['links'] : []),
  ...(platform !== undefined ? ['platform'] : []),
  ...(ignore !== undefined ? ['ignore'] : []),
];

/** Combinations that would do nothing, or not what they say. */
export function conflictInComposed(given: Given): Refusal | undefined {
  const { url, include: parts, images: written, unpack } = given;
  const isComposed = parts !== undefined || written !== undefined;
  if (!isComposed) {
    if (url === undefined) return { message: 'wanted url, or include: what the source is made of' };
    return given.onClash === undefined
      ? undefined
      : { message: 'onClash is for a source that has include, and this one has none' };
  }
  if (url === undefined && parts === undefined)
    return { message: 'images writes into the files of url or include, and there is neither' };
  const hasParts = url !== undefined || parts?.some((each) => each.url !== undefined);
  if (hasParts && given.name.length > COMPOSED_NAME_CHARACTERS)
    return {
      message: `name is ${given.name.length} characters, and each url is followed as NAME.…: wanted at most ${COMPOSED_NAME_CHARACTERS}`,
    };
  if (unpack.mode !== 'files')
    return { message: `unpack: { mode: ${unpack.mode} } leaves no files to be composed` };
  const [stray] = url === undefined ? ofUrl(given) : [];
  return stray === undefined
    ? undefined
    : { message: `${stray} is of a url, and this source has none: write it in the source that is included` };
}
