import { isObject, type JsonObject } from '../../kernel/json.ts';

const MERGE = '<<';

/** The maps that a `<<` names, the one that counts first; undefined: it is no merge. */
function mergedMaps(value: unknown): readonly JsonObject[] | undefined {
  const maps: readonly unknown[] = Array.isArray(value) ? value : [value];
  return maps.every(isObject) ? maps : undefined;
}

function mergedMap(map: JsonObject, made: Map<unknown, unknown>): JsonObject {
  const own = Object.entries(map);
  const from = Object.hasOwn(map, MERGE) ? mergedMaps(map[MERGE]) : undefined;
  const kept = from === undefined ? own : own.filter(([key]) => key !== MERGE);
  // fromEntries keeps the last of a key: what counts more comes later.
  const merged = (from ?? [])
    .toReversed()
    .flatMap((each) => Object.entries(expanded(each, made) as JsonObject));
  return Object.fromEntries([
    ...merged,
    ...kept.map(([key, value]) => [key, expanded(value, made)] as const),
  ]);
}

const UNDER_WAY = Symbol('under way');

/** What several aliases stand for is one object, and stays one: else it would be as many as they multiply to. */
function expanded(value: unknown, made: Map<unknown, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = made.get(value);
  if (known === UNDER_WAY) throw new Error('an alias stands inside of what it stands for');
  if (known !== undefined) return known;
  made.set(value, UNDER_WAY);
  const result = Array.isArray(value)
    ? value.map((each) => expanded(each, made))
    : isObject(value)
      ? mergedMap(value, made)
      : value;
  made.set(value, result);
  return result;
}

/**
 * A document with its merge keys (`<<: *defaults`, or a list of them) filled in, as the readers of Kubernetes do: a
 * key of the map itself counts, then the first map that has it.
 * @throws Error where an alias stands for a map or list that it is in
 * @see https://yaml.org/type/merge.html
 */
export const withMergedKeys = (value: unknown): unknown => expanded(value, new Map());
