import { formatSourceId, NAME_CHARACTERS, type SourceId } from '../../model/ids.ts';
import { parseRepository } from '../../oci/reference.ts';
import { toSource } from '../entries.ts';
import type { OnRefused } from '../fragment.ts';
import type { SourceDocument } from '../schema/schema-source.ts';
import type { Source } from '../source.ts';
import { type Composed, composedUrl, type IncludedPart, type WrittenImage } from './composed.ts';

type FollowedDocument = SourceDocument & { readonly url: string };

/** RFC 2606 keeps this name from ever being one of a host. */
const NO_REGISTRY = 'landfall.invalid';

const isFollowed = (entry: SourceDocument): entry is FollowedDocument =>
  entry.url !== undefined && entry.include === undefined && entry.images === undefined;

/** Of a part that a source has for itself. The part's name says what it is: no document can take it. */
const partName = ({ name }: Pick<SourceId, 'name'>, of: string): string =>
  `${name}.${of.slice(0, NAME_CHARACTERS - 1 - name.length)}`.replace(/-+$/, '');

/** The last component of a repository, as a name. */
function nameOfRepository(url: string): string {
  const last = parseRepository(url).repository.split('/').at(-1) ?? '';
  const plain = last.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return plain === '' ? 'part' : plain;
}

/** In the namespace of who says it, where it says none. */
const sourceFrom = (text: string, { namespace }: Pick<SourceId, 'namespace'>): string =>
  text.includes('/') ? text : `${namespace}/${text}`;

interface Parts {
  readonly own: readonly FollowedDocument[];
  readonly include: readonly IncludedPart[];
}

function partsIn(entry: SourceDocument): Parts {
  const own: FollowedDocument[] = [];
  const { include: included, images: _, onClash: _clash, verify, labels: _labels, ...rest } = entry;
  const taken = new Set<string>();
  const add = (of: string, document: FollowedDocument): string => {
    let name = partName(entry, of);
    for (let at = 2; taken.has(name); at += 1) name = partName(entry, `${at}-${of}`);
    taken.add(name);
    own.push({ ...document, name });
    return `${entry.namespace}/${name}`;
  };
  const shared = { ...rest, labels: {}, accessFrom: [] };
  const include: IncludedPart[] = [];
  if (entry.url !== undefined)
    include.push({
      source: add('base', { ...shared, url: entry.url, ...(verify !== undefined && { verify }) }),
    });
  for (const { source, url, ref = {}, from, to } of included ?? []) {
    // Only what is said of all of it holds for a part with a url of its own.
    const { platform: _p, ignore: _i, ...bare } = shared;
    const plain = { layers: 'auto', links: 'record', unpack: { mode: 'files' } } as const;
    const named =
      url === undefined
        ? sourceFrom(source ?? '', entry)
        : add(nameOfRepository(url), { ...bare, ...plain, url, ref });
    include.push({ source: named, ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
  }
  return { own, include };
}

function imagesIn(entry: SourceDocument): readonly WrittenImage[] {
  return (entry.images ?? []).map(({ source: text, marker, name, digest, path }): WrittenImage => {
    const source = sourceFrom(text, entry);
    const called = marker ?? (name === undefined ? source.replace('/', ':') : undefined);
    return {
      source,
      ...(called !== undefined && { marker: called }),
      ...(name !== undefined && { name }),
      ...(digest === true && { pinned: true }),
      ...(path !== undefined && { path }),
    };
  });
}

/**
 * The sources that an entry comes to: itself; or, where it is composed, itself without a registry, and before it a source
 * for each url of its own, which is followed, verified and woken like any other.
 */
export function toSources(
  entry: SourceDocument,
  file: string,
  byDefault: OnRefused = 'stall',
): readonly Source[] {
  if (isFollowed(entry)) return [toSource(entry, file, byDefault)];
  const { own, include } = partsIn(entry);
  const { platform: _, ignore: _ignore, verify, url: _url, ...rest } = entry;
  const id = formatSourceId(entry);
  const composed: Composed = {
    include,
    images: imagesIn(entry),
    onClash: entry.onClash ?? 'refuse',
    ...(verify !== undefined && { isVerified: true }),
  };
  const bare = toSource({ ...rest, ref: {}, url: `oci://${NO_REGISTRY}/${id}` }, file, byDefault);
  return [
    ...own.map((part) => toSource(part, file, byDefault)),
    { ...bare, url: composedUrl(entry), composed },
  ];
}
