import { isObject, type JsonObject } from '../../../kernel/json.ts';

/** Later ones win, mapping by mapping; lists and all else are taken whole, and `null` takes a default of the chart away. */
export function mergedValues(below: JsonObject, above: JsonObject): JsonObject {
  const merged = Object.entries(above).map(([key, value]) => {
    const other = Object.hasOwn(below, key) ? below[key] : undefined;
    return [key, isObject(value) && isObject(other) ? mergedValues(other, value) : value] as const;
  });
  return Object.fromEntries([...Object.entries(below), ...merged]);
}

/** Go's reader of YAML takes these for line breaks, or not at all; JSON leaves them as they are. */
const UNREADABLE = /[\u007f-\u009f\u2028\u2029\ufeff]/g;

/** Values as a file that helm reads to the same: JSON, which is YAML. */
export const formatValues = (values: JsonObject): string =>
  JSON.stringify(values).replace(
    UNREADABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** The first number that is not what was written, as JavaScript cannot hold it; undefined: none. */
export function inexactNumber(value: unknown, path = ''): string | undefined {
  if (typeof value === 'bigint') return path;
  if (typeof value === 'number')
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
      ? undefined
      : path;
  const entries = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  for (const [key, each] of entries) {
    const found = inexactNumber(each, path === '' ? String(key) : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
