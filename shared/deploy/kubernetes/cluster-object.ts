import { isObject, type JsonObject } from '../../kernel/json.ts';

/** An object as the API takes and gives it. What the schema of its kind says is the API server's to hold. */
export interface ClusterObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
}

interface ObjectMetadata extends JsonObject {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What an object is known by in a cluster, whatever the version it is written in. */
export interface ObjectId {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Empty where it is in none. */
  readonly namespace: string;
  readonly name: string;
}

export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : '';

export const versionIn = (apiVersion: string): string => apiVersion.split('/').at(-1) ?? '';

export const apiVersionOf = (group: string, version: string): string =>
  group === '' ? version : `${group}/${version}`;

export const idOf = ({ apiVersion, kind, metadata }: ClusterObject): ObjectId => ({
  group: groupOf(apiVersion),
  kind,
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});

/** One text for each object: `apps Deployment web podinfo`. No part of it has a space. */
export const keyOf = ({ group, kind, namespace, name }: ObjectId): string =>
  `${group} ${kind} ${namespace} ${name}`;

/** As people know it: `Deployment/web/podinfo`, `Namespace/web`. */
export const shownObject = ({ kind, namespace, name }: ObjectId): string =>
  [kind, namespace, name].filter((part) => part !== '').join('/');

/** What is at a path of keys; undefined where there is nothing. */
export function valueAt(value: unknown, ...keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) {
    if (!isObject(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

export const textAt = (value: unknown, ...keys: readonly string[]): string => {
  const found = valueAt(value, ...keys);
  return typeof found === 'string' ? found : '';
};

export const numberAt = (value: unknown, ...keys: readonly string[]): number | undefined => {
  const found = valueAt(value, ...keys);
  return typeof found === 'number' ? found : undefined;
};

/** Whether a mark of Landfall or of Flux stands in its labels or annotations: `landfall/prune: disabled`. */
export function isMarked(object: unknown, mark: string, value: string): boolean {
  return ['landfall', 'kustomize.toolkit.fluxcd.io'].some((prefix) =>
    ['labels', 'annotations'].some(
      (where) => textAt(object, 'metadata', where, `${prefix}/${mark}`).toLowerCase() === value.toLowerCase(),
    ),
  );
}
