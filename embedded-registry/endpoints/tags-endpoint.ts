import type { RegistryRequest } from '../registry-request.ts';
import { refuse, replyJson } from '../reply.ts';
import type { Answer, EndpointDeps } from './endpoint.ts';

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** `n` as asked, never above the page size. Undefined: not a number. */
function pageLength(asked: string | null, pageSize: number): number | undefined {
  if (asked === null) return pageSize;
  return /^[0-9]{1,9}$/.test(asked) ? Math.min(Number(asked), pageSize) : undefined;
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags */
export function answerTags(request: RegistryRequest, repository: string, deps: EndpointDeps): Answer {
  if (request.method !== 'GET') return refuse(405, 'UNSUPPORTED', `${request.method} is not for tags`);
  const content = deps.content.repository(repository);
  if (content === undefined) {
    return refuse(404, 'NAME_UNKNOWN', `repository name not known to registry: ${repository}`);
  }
  const length = pageLength(request.query.get('n'), deps.pageSize);
  if (length === undefined) return refuse(400, 'UNSUPPORTED', 'n is not a number of tags');
  const last = request.query.get('last');
  const rest = [...content.tags.keys()].sort(byCodeUnit).filter((tag) => last === null || tag > last);
  const tags = rest.slice(0, length);
  const end = tags.at(-1);
  const more = end !== undefined && rest.length > tags.length;
  const next = `/v2/${repository}/tags/list?last=${encodeURIComponent(end ?? '')}&n=${length}`;
  return replyJson(200, { name: repository, tags }, more ? { Link: `<${next}>; rel="next"` } : {});
}
