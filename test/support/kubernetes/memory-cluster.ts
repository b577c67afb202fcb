import type {
  Cluster,
  ClusterAnswer,
  ClusterRequest,
} from '../../../shared/deploy/kubernetes/cluster/cluster.ts';
import { textAt } from '../../../shared/deploy/kubernetes/cluster-object.ts';
import type { JsonObject } from '../../../shared/kernel/json.ts';

const KINDS = { ConfigMap: 'configmaps', Secret: 'secrets' } as const;

const answer = (status: number, body: JsonObject): ClusterAnswer => ({ status, body, warnings: [] });
const isSelected = (object: JsonObject, selector: string): boolean =>
  selector.split(',').every((each) => {
    const [label = '', value] = each.split('=');
    return selector === '' || textAt(object, 'metadata', 'labels', label) === value;
  });

/** An API server that knows ConfigMaps and Secrets, and takes all that it is told. */
export class MemoryCluster implements Cluster {
  /** By their paths: `/api/v1/namespaces/default/configmaps/a`. */
  readonly objects = new Map<string, JsonObject>();

  async send({ method, path, query = {}, body }: ClusterRequest): Promise<ClusterAnswer> {
    if (path === '/api/v1') {
      const resources = Object.entries(KINDS).map(([kind, name]) => ({ kind, name, namespaced: true }));
      return answer(200, { resources });
    }
    const found = this.objects.get(path);
    if (method === 'GET' && /\/(configmaps|secrets)$/.test(path)) {
      const items = [...this.objects]
        .filter(([at, each]) => at.startsWith(`${path}/`) && isSelected(each, query['labelSelector'] ?? ''))
        .map(([, each]) => each);
      return answer(200, { items });
    }
    if (method === 'GET') return found === undefined ? answer(404, {}) : answer(200, found);
    if (method === 'DELETE') this.objects.delete(path);
    else if (query['dryRun'] === undefined) this.objects.set(path, body as JsonObject);
    return answer(200, method === 'DELETE' ? {} : (body as JsonObject));
  }
}
