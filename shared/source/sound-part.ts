import { isObject } from '../kernel/json.ts';
import type { SourceId } from '../model/ids.ts';
import { composedUrl } from './composed/composed.ts';
import type { YamlDocument } from './file/yaml-document.ts';
import type { OnRefused, RefusedEntry, RefusedSource } from './fragment.ts';
import type { Problem } from './problem.ts';

/** Problems that one issue with a document came to, and where the issue is. */
export interface LocatedProblems {
  readonly path: readonly PropertyKey[];
  readonly problems: readonly Problem[];
}

/** A document without what is wrong with it, and what that was. */
export interface SoundPart {
  readonly document: YamlDocument;
  readonly refused: readonly RefusedSource[];
  readonly refusedEntries: readonly RefusedEntry[];
}

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const isName = (value: unknown): value is string => typeof value === 'string' && NAME.test(value);

const onRefusedOf = (value: unknown): OnRefused | undefined =>
  value === 'keep' || value === 'stall' ? value : undefined;

/** What status and events call it; empty where that cannot be known. */
function urlOf({ url, include, images }: Readonly<Record<string, unknown>>, id: SourceId): string {
  if (include !== undefined || images !== undefined) return composedUrl(id);
  return typeof url === 'string' && !url.includes('@') ? url : '';
}

function refusedSource(
  entry: unknown,
  { file, value }: YamlDocument,
  { problems, isOfFile }: Pick<RefusedSource, 'problems'> & { readonly isOfFile: boolean },
): readonly RefusedSource[] {
  if (!isObject(entry)) return [];
  const { namespace = 'default', name, onRefused } = entry;
  if (!isName(namespace) || !isName(name)) return [];
  const byDefault = isObject(value) ? onRefusedOf(value['onRefused']) : undefined;
  return [
    {
      namespace,
      name,
      file,
      problems,
      url: urlOf(entry, { namespace, name }),
      onRefused: onRefusedOf(onRefused) ?? byDefault ?? 'stall',
      ...(isOfFile && { isOfFile }),
    },
  ];
}

const ENTRY_LISTS = ['credentials', 'receivers', 'deploys', 'notify'] as const;
const LISTS: readonly PropertyKey[] = ['sources', ...ENTRY_LISTS];

const isEntry = ({ path: [, at] }: LocatedProblems): boolean => typeof at === 'number';

/** A name that an entry gives itself; not a credential's, which has none. */
const nameOf = (entry: unknown): { readonly name?: string } =>
  isObject(entry) && isName(entry['name']) ? { name: entry['name'] } : {};

const entriesOf = (value: Readonly<Record<string, unknown>>, list: PropertyKey): readonly unknown[] => {
  const entries = value[String(list)];
  return Array.isArray(entries) ? entries : [];
};

/** The document with those entries of its lists that are sound, at the places where they stand. */
function withoutEntries(
  document: YamlDocument,
  value: Readonly<Record<string, unknown>>,
  isSound: (list: PropertyKey, at: number) => boolean,
): YamlDocument {
  const kept = new Map(
    LISTS.map(
      (list) => [list, [...entriesOf(value, list).keys()].filter((at) => isSound(list, at))] as const,
    ),
  );
  const placed = ([list, at, ...rest]: readonly PropertyKey[]): readonly PropertyKey[] =>
    list === undefined
      ? []
      : [
          list,
          ...(at === undefined ? [] : [typeof at === 'number' ? (kept.get(list)?.[at] ?? at) : at]),
          ...rest,
        ];
  const { onRefused } = value;
  const lists = LISTS.map((list) => [list, (kept.get(list) ?? []).map((at) => entriesOf(value, list)[at])]);
  return {
    ...document,
    value: { ...Object.fromEntries(lists), ...(onRefusedOf(onRefused) && { onRefused }) },
    placeOf: (path) => document.placeOf(placed(path)),
    placeOfKey: (path, key) => document.placeOfKey(placed(path), key),
    writtenAt: (path) => document.writtenAt(placed(path)),
  };
}

/**
 * The document without its entries that are refused: one that turned bad is not to take the others with it. Where it is no
 * entry that is wrong, who knows what the rest says: then none of them is sound.
 */
export function soundPart(
  document: YamlDocument,
  located: readonly LocatedProblems[],
): SoundPart | undefined {
  const { value, file } = document;
  if (!isObject(value)) return undefined;
  const isOfFile = located.some(({ path: [list] }) => list === undefined || !LISTS.includes(list));
  const isOfList = (list: PropertyKey): boolean =>
    isOfFile || located.some((each) => each.path[0] === list && !isEntry(each));
  /** What is wrong with an entry, or with what it stands in; without `at`, with any entry. */
  const problemsAt = (list: PropertyKey, at?: number): readonly Problem[] =>
    located
      .filter(
        (each) =>
          isOfFile || (each.path[0] === list && (at === undefined || each.path[1] === at || !isEntry(each))),
      )
      .flatMap(({ problems }) => problems);
  const isBad = (list: PropertyKey, at: number): boolean =>
    isOfList(list) || located.some(({ path }) => path[0] === list && path[1] === at);
  const bad = (list: PropertyKey) => [...entriesOf(value, list).entries()].filter(([at]) => isBad(list, at));
  return {
    document: withoutEntries(document, value, (list, at) => !isBad(list, at)),
    refused: bad('sources').flatMap(([at, entry]) =>
      refusedSource(entry, document, { problems: problemsAt('sources', at), isOfFile }),
    ),
    refusedEntries: isOfFile
      ? []
      : ENTRY_LISTS.flatMap((list): readonly RefusedEntry[] =>
          isOfList(list)
            ? [{ file, list, problems: problemsAt(list) }]
            : bad(list).map(([at, entry]) => ({
                file,
                list,
                ...nameOf(entry),
                problems: problemsAt(list, at),
              })),
        ),
  };
}
