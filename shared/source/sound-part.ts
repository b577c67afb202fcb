import { isObject } from '../kernel/json.ts';
import type { SourceId } from '../model/ids.ts';
import { composedUrl } from './composed/composed.ts';
import type { YamlDocument } from './file/yaml-document.ts';
import type { OnRefused, RefusedList, RefusedSource } from './fragment.ts';
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
  readonly refusedLists: readonly RefusedList[];
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
  problems: readonly Problem[],
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
    },
  ];
}

const isList = (step: PropertyKey | undefined): step is RefusedList['list'] =>
  step === 'receivers' || step === 'deploys' || step === 'notify';

function withoutEntries(document: YamlDocument, bad: ReadonlySet<PropertyKey>, left: object): YamlDocument {
  const value = document.value as Readonly<Record<string, unknown>>;
  const entries = Array.isArray(value['sources']) ? (value['sources'] as readonly unknown[]) : [];
  const kept = [...entries.keys()].filter((at) => !bad.has(at));
  const placed = (path: readonly PropertyKey[]): readonly PropertyKey[] =>
    path[0] === 'sources' && typeof path[1] === 'number'
      ? ['sources', kept[path[1]] ?? path[1], ...path.slice(2)]
      : path;
  const sources = 'sources' in value ? { sources: kept.map((at) => entries[at]) } : {};
  return {
    ...document,
    value: { ...left, ...sources },
    placeOf: (path) => document.placeOf(placed(path)),
    placeOfKey: (path, key) => document.placeOfKey(placed(path), key),
  };
}

/**
 * The document without its sources, receivers and deploys that are refused, where nothing else is wrong with it: one
 * source that turned bad is not to take the others with it. Undefined where who knows what the rest says.
 */
export function soundPart(
  document: YamlDocument,
  located: readonly LocatedProblems[],
): SoundPart | undefined {
  const { value, file } = document;
  if (!isObject(value)) return undefined;
  const isOfSource = ({ path: [list, at] }: LocatedProblems): boolean =>
    list === 'sources' && typeof at === 'number';
  if (!located.every((each) => isOfSource(each) || isList(each.path[0]))) return undefined;
  const problemsAt = (wanted: (path: readonly PropertyKey[]) => boolean): readonly Problem[] =>
    located.filter(({ path }) => wanted(path)).flatMap(({ problems }) => problems);
  const bad = new Set(
    located.filter(isOfSource).flatMap(({ path: [, at] }) => (at === undefined ? [] : [at])),
  );
  const lists = new Set(located.map(({ path }) => path[0]).filter(isList));
  const left = Object.fromEntries(Object.entries(value).filter(([key]) => !(isList(key) && lists.has(key))));
  const entries: readonly unknown[] = Array.isArray(value['sources']) ? value['sources'] : [];
  return {
    document: withoutEntries(document, bad, left),
    refused: [...bad].flatMap((at) =>
      refusedSource(
        entries[Number(at)],
        document,
        problemsAt((path) => path[0] === 'sources' && path[1] === at),
      ),
    ),
    refusedLists: [...lists].map((list) => ({
      file,
      list,
      problems: problemsAt((path) => path[0] === list),
    })),
  };
}
