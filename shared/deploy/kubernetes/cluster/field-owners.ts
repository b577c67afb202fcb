import { isObject, type JsonObject } from '../../../kernel/json.ts';
import { textAt, valueAt } from '../cluster-object.ts';

/** Whoever applied the object before: what they said is ours to say from here on, and to take back. People's edits are not. */
const APPLIERS: readonly (readonly [manager: string, operation: string])[] = [
  ['kubectl-client-side-apply', 'Update'],
  ['kubectl', 'Apply'],
  ['before-first-apply', 'Update'],
  ['kustomize-controller', 'Apply'],
  ['landfall', 'Update'],
];

const isApplier = (entry: JsonObject): boolean =>
  textAt(entry, 'subresource') === '' &&
  APPLIERS.some(
    ([manager, operation]) =>
      textAt(entry, 'manager') === manager && textAt(entry, 'operation') === operation,
  );

const isOwn = (entry: JsonObject): boolean =>
  textAt(entry, 'manager') === 'landfall' &&
  textAt(entry, 'operation') === 'Apply' &&
  textAt(entry, 'subresource') === '';

/** Sets of fields are trees of keys. */
const united = (a: unknown, b: unknown): unknown => {
  if (!isObject(a) || !isObject(b)) return isObject(a) ? a : b;
  return Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => [key, united(a[key], b[key])]),
  );
};

/**
 * The owners of an object's fields with those of earlier appliers made ours; undefined where there are none. Without it what
 * an artifact has no longer would stay, as somebody else's. Pure.
 * @see https://github.com/kubernetes/kubernetes/issues/99003
 */
export function withOwnFields(live: JsonObject): readonly JsonObject[] | undefined {
  const all = valueAt(live, 'metadata', 'managedFields');
  const entries = Array.isArray(all) ? all.filter(isObject) : [];
  const before = entries.filter(isApplier);
  const [first] = before;
  if (first === undefined) return undefined;
  const own = entries.find(isOwn) ?? { ...first, manager: 'landfall', operation: 'Apply' };
  const fieldsV1 = [...before, own].map((entry) => entry['fieldsV1']).reduce(united);
  return [...entries.filter((entry) => !isApplier(entry) && !isOwn(entry)), { ...own, fieldsV1 }];
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What makes them so, of the object as it was read: a JSON patch that fails where somebody was faster. */
export function fieldOwnersPatch(
  live: JsonObject,
  managedFields: readonly JsonObject[],
): readonly JsonObject[] {
  const pointer = `/metadata/annotations/${LAST_APPLIED.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const isAnnotated = textAt(live, 'metadata', 'annotations', LAST_APPLIED) !== '';
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: textAt(live, 'metadata', 'resourceVersion') },
    { op: 'replace', path: '/metadata/managedFields', value: managedFields },
    ...(isAnnotated ? [{ op: 'remove', path: pointer }] : []),
  ];
}
