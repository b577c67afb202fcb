import { isDigest } from '../../shared/oci/digest.ts';
import { DOCKER_LIST, OCI_INDEX } from '../../shared/oci/media-types.ts';
import { type Quirk, withHeader } from '../quirk.ts';
import type { RegistryRequest } from '../registry-request.ts';
import { refuse } from '../reply.ts';

const MANIFEST = /^\/v2\/(.+)\/manifests\/([^/]+)$/;

const takesIndexes = ({ headers }: RegistryRequest): boolean =>
  [OCI_INDEX, DOCKER_LIST].some((type) => headers.accept?.includes(type));

/**
 * Docker Hub: to whoever does not name an index in Accept it gives the first child in its place; a GET of a manifest
 * is a pull and counts, a HEAD is not; `pulls` of them, then 429 without a time to wait.
 * @see https://docs.docker.com/docker-hub/usage/pulls/
 */
export function dockerHub(pulls = Number.POSITIVE_INFINITY): Quirk {
  let left = pulls;
  const limit = { 'ratelimit-limit': '100;w=21600', 'docker-ratelimit-source': '203.0.113.7' };
  return {
    read: (request, { content }) => {
      const [, name = '', tag = ''] = MANIFEST.exec(request.path) ?? [];
      const digest = isDigest(tag) ? tag : content.repository(name)?.tags.get(tag);
      const document =
        digest === undefined ? undefined : content.repository(name)?.manifests.get(digest)?.document;
      const [child] = document?.manifests ?? [];
      if (child === undefined || takesIndexes(request)) return request;
      return { ...request, path: `/v2/${name}/manifests/${child.digest}` };
    },
    answer: ({ method, path, headers }) => {
      if (method !== 'GET' || !MANIFEST.test(path) || headers.authorization === undefined) return undefined;
      left -= 1;
      if (left >= 0) return undefined;
      const said =
        'You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit';
      return refuse(429, 'TOOMANYREQUESTS', said, { ...limit, 'ratelimit-remaining': '0;w=21600' });
    },
    alter: (given, { path }) =>
      MANIFEST.test(path) && given.status === 200
        ? withHeader(given, { ...limit, 'ratelimit-remaining': `${Math.min(left, 100)};w=21600` })
        : given,
  };
}
