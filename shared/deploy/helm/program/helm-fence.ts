/** What helm may ask an API server for beside its kinds. */
export interface HelmFence {
  readonly namespaces: readonly string[];
  /** Plurals of kinds that are in no namespace. */
  readonly clusterResources: readonly string[];
}

/** What is no object: which kinds and versions there are. */
const DISCOVERY = /^\/(version|healthz|api(\/v1)?|apis(\/[^/]+(\/[^/]+)?)?|openapi\/.*)\/?$/;

const decodedParts = (path: string): readonly string[] | undefined => {
  try {
    const parts = path.replace(/\/$/, '').split('/').slice(1).map(decodeURIComponent);
    return parts.some((part) => ['', '.', '..'].includes(part) || part.includes('/')) ? undefined : parts;
  } catch {
    return undefined;
  }
};

/**
 * Why a request is outside of a fence; undefined where it is within. Pure.
 * @param path without its query: `/apis/apps/v1/namespaces/web/deployments/podinfo`
 */
export function outsideFence(path: string, { namespaces, clusterResources }: HelmFence): string | undefined {
  if (DISCOVERY.test(path) && !path.includes('..')) return undefined;
  const parts = decodedParts(path);
  const rest = parts?.[0] === 'api' ? parts.slice(2) : parts?.[0] === 'apis' ? parts.slice(3) : undefined;
  if (rest === undefined || rest.length === 0) return `${path} is no object`;
  const [first = '', namespace, resource] = rest;
  if (first === 'namespaces' && namespace !== undefined && resource !== undefined)
    return namespaces.includes(namespace)
      ? undefined
      : `${resource} in namespace ${namespace} are outside the fence of the deploy`;
  return clusterResources.includes(first)
    ? undefined
    : `${first} of the whole cluster are outside the fence of the deploy`;
}
