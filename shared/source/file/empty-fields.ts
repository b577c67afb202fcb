import { isObject } from '../../kernel/json.ts';

/**
 * What holds a null that means something: a value of a chart, a patch. And `verify`, which whoever wrote the key asked
 * for: it is never taken for absent.
 */
const KEPT: ReadonlySet<string> = new Set(['values', 'patchesStrategicMerge', 'patchesJson6902', 'verify']);

/** A template leaves a namespace empty that nobody gave a value, and to Kubernetes and Flux it is none. */
const isEmpty = (key: string, value: unknown): boolean =>
  value === null || (key === 'namespace' && value === '');

function pruned(value: unknown, made: Map<unknown, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = made.get(value);
  if (known !== undefined) return known;
  const result = Array.isArray(value)
    ? value.map((each) => pruned(each, made))
    : isObject(value)
      ? Object.fromEntries(
          Object.entries(value).flatMap(([key, each]) => {
            if (KEPT.has(key)) return [[key, each]];
            return isEmpty(key, each) ? [] : [[key, pruned(each, made)]];
          }),
        )
      : value;
  made.set(value, result);
  return result;
}

/**
 * An object as a cluster that has its definition keeps it: a field that is null is not there, nor is an empty
 * namespace. An entry of a list stays.
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting-and-nullable
 */
export const withoutEmptyFields = (value: unknown): unknown => pruned(value, new Map());
