import { isObject } from '../../kernel/json.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { objectId } from './kinds.ts';

const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** What an object of a deploy's kind reads from the cluster while it is applied. */
function readFrom({ value }: YamlDocument): readonly unknown[] {
  const spec = recordOf(recordOf(value)['spec']);
  return [...listOf(recordOf(spec['postBuild'])['substituteFrom']), ...listOf(spec['valuesFrom'])];
}

/** ConfigMaps and Secrets that deploys read from the cluster: `ConfigMap namespace/name`, and which deploy does. */
export function readInCluster(
  deploys: readonly (readonly [kind: string, document: YamlDocument])[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [kind, document] of deploys) {
    const id = objectId(document);
    const [namespace] = id.split('/');
    for (const { kind: what, name } of readFrom(document).map(recordOf))
      found.set(`${String(what)} ${namespace}/${String(name)}`, `${kind} ${id}`);
  }
  return found;
}

/** What is said of one that is among the documents. */
export const inClusterWords = (what: string, by: string): string =>
  `${what} is read from the cluster, where it has to be, by ${by}; what stands here is not read`;
