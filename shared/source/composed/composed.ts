import { formatSourceId, type SourceId } from '../../model/ids.ts';
import type { Repository } from '../../oci/reference.ts';

/** A source whose files are taken. */
export interface IncludedPart {
  /** `namespace/name`. */
  readonly source: string;
  /** Absent: all of it. */
  readonly from?: string;
  /** Absent: the root. */
  readonly to?: string;
}

/** A source whose image is written into files. */
export interface WrittenImage {
  /** `namespace/name`. */
  readonly source: string;
  /** What markers call it, `namespace:name`; absent: only an entry of kustomize's `images` is written. */
  readonly marker?: string;
  /** The entry of kustomize's `images` that is written, by its name. */
  readonly name?: string;
  /** The whole image has its digest, too. */
  readonly pinned?: true;
  /** Only files in this folder; absent: all. */
  readonly path?: string;
}

/** What a source is composed of: other sources, and the rules. */
export interface Composed {
  readonly include: readonly IncludedPart[];
  readonly images: readonly WrittenImage[];
  /** Two parts with the same path: neither is taken, or that of the later one. */
  readonly onClash: 'refuse' | 'last';
  /** Each part has to be verified: the document wants to know who signed what lands. */
  readonly isVerified?: true;
}

/** What status and events call a source that no registry has. */
export const composedUrl = (id: SourceId): string => `landfall://${formatSourceId(id)}`;

/** `namespace/name` of each part, once. */
export const partNames = ({ include, images }: Composed): readonly string[] => [
  ...new Set([...include, ...images].map(({ source }) => source)),
];

/** Who is asked for a source; undefined: nobody, as it is composed. */
export const hostOfSource = (
  source: { readonly composed?: Composed; readonly repository: Repository } | undefined,
): string | undefined => (source?.composed === undefined ? source?.repository.registry : undefined);

type MaybeComposed = SourceId & { readonly composed?: Composed };

/** Which sources are composed of each, by the `namespace/name` of the part. */
export function composedByPart<T extends MaybeComposed>(
  sources: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const byPart = new Map<string, T[]>();
  for (const source of sources)
    for (const part of source.composed === undefined ? [] : partNames(source.composed))
      byPart.set(part, [...(byPart.get(part) ?? []), source]);
  return byPart;
}

/** All that a source is in, also by way of others. */
export function composedOf<T extends MaybeComposed>(sources: readonly T[]): (part: SourceId) => readonly T[] {
  const byPart = composedByPart(sources);
  return (part) => {
    const found = new Set<T>();
    const add = (id: string): void => {
      for (const each of byPart.get(id) ?? []) {
        if (found.has(each)) continue;
        found.add(each);
        add(formatSourceId(each));
      }
    };
    add(formatSourceId(part));
    return [...found];
  };
}
