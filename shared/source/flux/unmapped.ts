import { isObject } from '../../kernel/json.ts';
import { FLUX_VALUES } from '../../limits.ts';
import { shownUrl } from '../../shown-url.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { formatPlace } from '../problem.ts';
import type { Notice } from '../source.ts';
import type { KubernetesObject } from './kinds.ts';

/** The first registry that an object names anywhere, as it may be shown. */
function registryIn(value: unknown): string | undefined {
  const left: unknown[] = [value];
  for (let seen = 0; seen < FLUX_VALUES; seen += 1) {
    const next = left.shift();
    if (next === undefined && left.length === 0) return undefined;
    if (typeof next === 'string' && /^oci:\/\//i.test(next)) return shownUrl(next).slice(0, 200);
    if (typeof next === 'object' && next !== null) left.push(...Object.values(next));
  }
  return undefined;
}

const registryOf = ({ value }: YamlDocument): string | undefined =>
  registryIn(isObject(value) ? value['spec'] : undefined);

const SOURCE = 'to watch that, write it as the url of a source, or of an OCIRepository';

/** Of kinds that stand for something Landfall has under another name. */
const INSTEAD: Readonly<Record<string, string>> = {
  ArtifactGenerator: 'a source with include: [{ source, from, to }] is composed of others',
  ImageUpdateAutomation:
    'nothing is committed to Git: a source with images: [{ marker: "ns:name", source: ns/name }] writes what the ImagePolicy chose where {"$imagepolicy": "ns:name"} stands in its files, as a revision of its own',
};

const isKustomize = (apiVersion: string): boolean => apiVersion.startsWith('kustomize.config.k8s.io/');

/** Whether nothing is said of an object but that it is left out. */
export const isForeign = (object: Pick<KubernetesObject, 'document' | 'kind'>): boolean =>
  object.kind !== '' && INSTEAD[object.kind] === undefined && registryOf(object.document) === undefined;

/** It has the kind of Flux's own, and no name. */
const KUSTOMIZE = "is kustomize's own file, for whoever builds its folder; left out";

/** Why an object is left out, and what to do where it speaks of a registry all the same. */
export function unmappedWords({
  document,
  kind,
  id,
}: {
  readonly document: YamlDocument;
  readonly kind: string;
  readonly id: string;
}): string {
  const apiVersion = isObject(document.value) ? document.value['apiVersion'] : undefined;
  if (isKustomize(String(apiVersion))) return KUSTOMIZE;
  const what = `${kind.slice(0, 64)} ${id} is not mapped`;
  const instead = INSTEAD[kind];
  if (instead !== undefined) return `${what}; ${instead}`;
  const registry = registryOf(document);
  return registry === undefined ? what : `${what}, and it names ${registry}; ${SOURCE}`;
}

/**
 * A folder of manifests holds hundreds of objects that say nothing of a registry: each kind of them is told once, where
 * its first one stands.
 */
export function foreignNotices(objects: readonly KubernetesObject[]): readonly Notice[] {
  const byKind = Map.groupBy(objects, ({ apiVersion, kind }) => `${apiVersion} ${kind}`);
  return [...byKind.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const { document, apiVersion, kind, id } = first;
    const count = more.length === 1 ? 'is one' : `are ${more.length}`;
    const others = more.length === 0 ? '' : `, nor ${count} more of its kind (${apiVersion.slice(0, 64)})`;
    const message = isKustomize(apiVersion)
      ? `${KUSTOMIZE}${more.length === 0 ? '' : `, as ${count} more`}`
      : `${kind.slice(0, 64)} ${id} is not mapped${others}`;
    return [{ place: formatPlace(document.placeOf([])), message }];
  });
}
