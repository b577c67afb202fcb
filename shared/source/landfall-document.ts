import { toCredential, toDeploy, toReceiver, toSource } from './entries.ts';
import {
  EMPTY_FRAGMENT,
  type Fragment,
  type Placed,
  type RefusedSource,
  refusedFragment,
} from './fragment.ts';
import { problemsOf } from './issue.ts';
import { keysOf } from './json-schema.ts';
import { formatPath, formatPlace } from './problem.ts';
import { programNotice } from './program-notice.ts';
import { documentSchema } from './schema.ts';
import type { YamlDocument } from './yaml-document.ts';

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const isName = (value: unknown): value is string => typeof value === 'string' && NAME.test(value);

function refusedSource(entry: unknown, at: number, file: string): readonly RefusedSource[] {
  if (!isMap(entry)) return [];
  const { namespace = 'default', name, url } = entry;
  if (!isName(namespace) || !isName(name)) return [];
  const path = formatPath(['sources', at]);
  return [{ namespace, name, file, path, url: typeof url === 'string' && !url.includes('@') ? url : '' }];
}

/**
 * The document without the sources that are refused, where nothing else is wrong with it: one source that turned bad
 * is not to take the others with it.
 */
function withoutSources(
  document: YamlDocument,
  issues: readonly { readonly path: readonly PropertyKey[] }[],
): { readonly document: YamlDocument; readonly refused: readonly RefusedSource[] } | undefined {
  const { value, file } = document;
  if (!isMap(value) || !Array.isArray(value['sources'])) return undefined;
  if (issues.some(({ path: [list, at] }) => list !== 'sources' || typeof at !== 'number')) return undefined;
  const entries: readonly unknown[] = value['sources'];
  const bad = new Set(issues.map(({ path }) => path[1]));
  const kept = [...entries.keys()].filter((at) => !bad.has(at));
  const placed = (path: readonly PropertyKey[]): readonly PropertyKey[] =>
    path[0] === 'sources' && typeof path[1] === 'number'
      ? ['sources', kept[path[1]] ?? path[1], ...path.slice(2)]
      : path;
  return {
    document: {
      file,
      value: { ...value, sources: kept.map((at) => entries[at]) },
      placeOf: (path) => document.placeOf(placed(path)),
      placeOfKey: (path, key) => document.placeOfKey(placed(path), key),
    },
    refused: [...entries.keys()]
      .filter((at) => bad.has(at))
      .flatMap((at) => refusedSource(entries[at], at, file)),
  };
}

/** Reads a document of our own form. Never throws: what is wrong is in the fragment. */
export function readLandfallDocument(document: YamlDocument): Fragment {
  const { file } = document;
  const result = documentSchema.safeParse(document.value);
  if (!result.success) {
    const { issues } = result.error;
    const problems = issues.flatMap((issue) =>
      problemsOf(issue, document, (path) => keysOf(documentSchema, path)),
    );
    const sound = withoutSources(document, issues);
    if (sound === undefined) return refusedFragment(problems);
    return { ...readLandfallDocument(sound.document), problems, refused: sound.refused };
  }
  const { sources, credentials, receivers, deploys } = result.data;
  const placed = <In, Out>(list: string, entries: readonly In[], convert: (entry: In) => Out) =>
    entries.map((entry, at): Placed<Out> => {
      const path = [list, at];
      return { entry: convert(entry), place: document.placeOf(path), path: formatPath(path) };
    });
  return {
    ...EMPTY_FRAGMENT,
    sources: placed('sources', sources, toSource),
    credentials: credentials.map((entry, at) =>
      toCredential(entry, file, formatPlace(document.placeOf(['credentials', at]))),
    ),
    receivers: placed('receivers', receivers, (entry) => toReceiver(entry, file)),
    deploys: placed('deploys', deploys, (entry) => toDeploy(entry, file)),
    notices: deploys.flatMap((entry, at) => {
      const message = programNotice(entry);
      return message === undefined
        ? []
        : [{ place: formatPlace(document.placeOf(['deploys', at, 'command'])), message }];
    }),
  };
}
