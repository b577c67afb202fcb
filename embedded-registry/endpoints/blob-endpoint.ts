import { type Digest, isDigest } from '../../shared/oci/digest.ts';
import type { RegistryRequest } from '../registry-request.ts';
import { type Reply, refuse, reply } from '../reply.ts';
import { parseByteRange } from './byte-range.ts';
import type { Answer, EndpointDeps } from './endpoint.ts';

interface Target {
  readonly repository: string;
  readonly digest: string;
}

/** Blobs have no media type of their own; registries serve them as this. */
export const BLOB_TYPE = 'application/octet-stream';

function readOne(request: RegistryRequest, digest: Digest, bytes: Buffer): Reply {
  const headers = {
    'Content-Type': BLOB_TYPE,
    'Docker-Content-Digest': digest,
    'Accept-Ranges': 'bytes',
    ETag: `"${digest}"`,
  };
  if (request.headers['if-none-match'] === headers.ETag) return reply(304, headers);
  const range = parseByteRange(request.headers.range, bytes.length);
  if (range === 'unsatisfiable') {
    const size = { 'Content-Range': `bytes */${bytes.length}` };
    return refuse(416, 'SIZE_INVALID', `blob has ${bytes.length} bytes`, size);
  }
  if (range === undefined || request.method === 'HEAD') return reply(200, headers, bytes);
  const part = { 'Content-Range': `bytes ${range.first}-${range.last}/${bytes.length}` };
  return reply(206, { ...headers, ...part }, bytes.subarray(range.first, range.last + 1));
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs */
export function answerBlob(request: RegistryRequest, target: Target, deps: EndpointDeps): Answer {
  const { repository, digest } = target;
  if (!isDigest(digest)) return refuse(400, 'DIGEST_INVALID', `not a digest: ${digest}`);
  const blobs = deps.content.repository(repository)?.blobs;
  const bytes = blobs?.get(digest);
  if (blobs === undefined || bytes === undefined) {
    return refuse(404, 'BLOB_UNKNOWN', `blob unknown to registry: ${digest}`);
  }
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return readOne(request, digest, bytes);
    case 'DELETE':
      blobs.delete(digest);
      deps.notify({ action: 'delete', repository, digest }, request);
      return reply(202);
    default:
      return refuse(405, 'UNSUPPORTED', `${request.method} is not for blobs`);
  }
}
