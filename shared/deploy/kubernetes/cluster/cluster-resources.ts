import { isObject } from '../../../kernel/json.ts';
import {
  apiVersionOf,
  type ClusterObject,
  groupOf,
  type ObjectId,
  textAt,
  valueAt,
} from '../cluster-object.ts';
import type { Cluster } from './cluster.ts';
import { clusterRefusal, isSuccess } from './cluster-refusal.ts';

/** How a kind is asked for. */
export interface ClusterResource {
  readonly apiVersion: string;
  /** `deployments`. */
  readonly plural: string;
  readonly isNamespaced: boolean;
}

/** What kinds the API server knows, as it says it; each group's version is asked about once. */
export class ClusterResources {
  readonly #cluster: Cluster;
  readonly #known = new Map<string, Promise<ReadonlyMap<string, ClusterResource>>>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Undefined where the API server has no such kind. @throws LandfallError */
  async find(apiVersion: string, kind: string): Promise<ClusterResource | undefined> {
    const asked = this.#known.get(apiVersion) ?? this.#ask(apiVersion);
    this.#known.set(apiVersion, asked);
    const found = (await asked).get(kind);
    // It may come with a definition that is applied meanwhile.
    if (found === undefined) this.#known.delete(apiVersion);
    return found;
  }

  /** The same by the version the API server likes best, where it has that one no more. */
  async findAny({ group, kind }: ObjectId, version: string): Promise<ClusterResource | undefined> {
    const found = await this.find(apiVersionOf(group, version), kind);
    if (found !== undefined || group === '') return found;
    const answer = await this.#cluster.send({ method: 'GET', path: `/apis/${group}` });
    const preferred = textAt(answer.body, 'preferredVersion', 'groupVersion');
    return preferred === '' ? undefined : this.find(preferred, kind);
  }

  async #ask(apiVersion: string): Promise<ReadonlyMap<string, ClusterResource>> {
    const answer = await this.#cluster.send({ method: 'GET', path: rootOf(apiVersion) });
    if (answer.status === 404) return new Map();
    if (!isSuccess(answer)) throw clusterRefusal(`the kinds of ${apiVersion}`, answer);
    const all = valueAt(answer.body, 'resources');
    return new Map(
      (Array.isArray(all) ? all : [])
        // `deployments/status` is no kind of its own.
        .filter((each) => isObject(each) && !textAt(each, 'name').includes('/'))
        .map((each) => [
          textAt(each, 'kind'),
          { apiVersion, plural: textAt(each, 'name'), isNamespaced: valueAt(each, 'namespaced') === true },
        ]),
    );
  }
}

const rootOf = (apiVersion: string): string =>
  groupOf(apiVersion) === '' ? `/api/${apiVersion}` : `/apis/${apiVersion}`;

export function collectionPath(
  { apiVersion, plural, isNamespaced }: ClusterResource,
  namespace: string,
): string {
  const where = isNamespaced ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${rootOf(apiVersion)}${where}/${plural}`;
}

export const objectPath = (
  resource: ClusterResource,
  { namespace, name }: Pick<ObjectId, 'namespace' | 'name'>,
): string => `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;

/** As kubectl puts it: what is in a namespace and names none is in `default`; what is in none names none. */
export function placed(object: ClusterObject, { isNamespaced }: ClusterResource): ClusterObject {
  const { namespace = 'default', ...metadata } = object.metadata;
  return { ...object, metadata: isNamespaced ? { ...metadata, namespace } : metadata };
}
