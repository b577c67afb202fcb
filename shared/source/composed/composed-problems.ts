import { formatSourceId, parseQualified } from '../../model/ids.ts';
import type { Placed } from '../fragment.ts';
import { nearest } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import type { Source } from '../source.ts';
import { type Composed, partNames } from './composed.ts';

type ComposedSource = Source & { readonly composed: Composed };

const isComposed = (source: Source): source is ComposedSource => source.composed !== undefined;

/** The way from a source back to itself, as `web/a → web/b → web/a`; undefined: there is none. */
function wayRound(start: string, partsOf: ReadonlyMap<string, readonly string[]>): string | undefined {
  const seen = new Set<string>();
  const from = (id: string, way: readonly string[]): string | undefined => {
    for (const part of partsOf.get(id) ?? []) {
      if (part === start) return [...way, part].join(' → ');
      if (seen.has(part)) continue;
      seen.add(part);
      const found = from(part, [...way, part]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return from(start, [start]);
}

const isOpenTo = ({ namespace, accessFrom = [] }: Source, { namespace: other }: Source): boolean =>
  namespace === other || accessFrom.includes(other) || accessFrom.includes('*');

const isOfNamespace = (name: string, { namespace }: Source): boolean =>
  parseQualified(name).namespace === namespace;

function whyNot(part: Source, source: ComposedSource): string | undefined {
  const id = formatSourceId(part);
  if (!isOpenTo(part, source))
    return `${id} is of another namespace, and does not let ${source.namespace} in: it needs accessFrom: [${source.namespace}]`;
  const isIncluded = source.composed.include.some((each) => each.source === id);
  if (isIncluded && part.unpack.mode === 'none')
    return `${id} is followed and not unpacked (unpack: { mode: none }): it has no files to include`;
  const isImage = source.composed.images.some((each) => each.source === id);
  if (isImage && isComposed(part)) return `${id} is composed: no registry has it, so it is no image`;
  return undefined;
}

/**
 * What only shows once all documents are together: parts that are not there, may not be taken, or lead back to the
 * source itself. Each stands at the source that it keeps from being composed, by `namespace/name`. Pure.
 * @param isWhole false where documents are refused: then a part that is missing may be in one of them
 * @param last the sources that were in force before, which count for what is missing then; absent: nothing is to be in force
 */
export function composedProblems(
  placed: readonly Placed<Source>[],
  { isWhole, last }: { readonly isWhole: boolean; readonly last?: ReadonlyMap<string, Source> },
): ReadonlyMap<string, Problem> {
  const byId = new Map([
    ...(isWhole || last === undefined ? [] : last),
    ...placed.map(({ entry }) => [formatSourceId(entry), entry] as const),
  ]);
  const partsOf = new Map(
    [...byId].flatMap(([id, source]) =>
      isComposed(source) ? [[id, partNames(source.composed)] as const] : [],
    ),
  );
  const why = (source: ComposedSource): string | undefined => {
    const id = formatSourceId(source);
    for (const name of partsOf.get(id) ?? []) {
      const part = byId.get(name);
      if (part === undefined && !isWhole) {
        if (last === undefined || isOfNamespace(name, source)) continue;
        return `${name} is in no document that can be read: it cannot be seen whether it lets ${source.namespace} in`;
      }
      const near = nearest(name, [...byId.keys()]);
      const refused =
        part === undefined
          ? `source "${name}" is not in these documents${near === undefined ? '' : `; did you mean "${near}"?`}`
          : whyNot(part, source);
      if (refused !== undefined) return refused;
    }
    const way = wayRound(id, partsOf);
    return way === undefined ? undefined : `is composed of itself: ${way}`;
  };
  const problems = new Map<string, Problem>();
  for (const { entry, place, path } of placed) {
    const message = isComposed(entry) ? why(entry) : undefined;
    if (message !== undefined)
      problems.set(formatSourceId(entry), { ...place, path, message, code: 'CONFIG_INVALID' });
  }
  return problems;
}
