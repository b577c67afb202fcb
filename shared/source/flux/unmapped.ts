import { isObject } from '../../kernel/json.ts';
import { FLUX_VALUES } from '../../limits.ts';
import { shownUrl } from '../../shown-url.ts';
import type { YamlDocument } from '../file/yaml-document.ts';

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

const SOURCE = 'to watch that, write it as the url of a source, or of an OCIRepository';

/** Of kinds that stand for something Landfall has under another name. */
const INSTEAD: Readonly<Record<string, string>> = {
  Receiver: 'webhooks arrive at entries of receivers: write one with the registry that calls',
};

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
  if (String(apiVersion).startsWith('kustomize.config.k8s.io/')) return KUSTOMIZE;
  const what = `${kind.slice(0, 64)} ${id} is not mapped`;
  const instead = INSTEAD[kind];
  if (instead !== undefined) return `${what}; ${instead}`;
  const value = isObject(document.value) ? document.value['spec'] : undefined;
  const registry = registryIn(value);
  return registry === undefined ? what : `${what}, and it names ${registry}; ${SOURCE}`;
}
