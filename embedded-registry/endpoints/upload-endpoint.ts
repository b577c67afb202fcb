import { algorithmOf, type Digest, digestOf, isDigest } from '../../shared/oci/digest.ts';
import type { RegistryRequest } from '../registry-request.ts';
import { type Reply, refuse, reply } from '../reply.ts';
import { BLOB_TYPE } from './blob-endpoint.ts';
import type { Answer, EndpointDeps } from './endpoint.ts';

interface Upload {
  readonly repository: string;
  readonly session: string;
}

const CONTENT_RANGE = /^([0-9]+)-([0-9]+)$/;

/** The `_state` makes clients add `digest` to a query that is there already, as they must with other registries. */
const locationOf = ({ repository, session }: Upload): string =>
  `/v2/${repository}/blobs/uploads/${session}?_state=${session.slice(0, 8)}`;

/** `Range` counts from 0 to the last byte received, and is `0-0` before the first. */
const progress = (upload: Upload, size: number): Record<string, string> => ({
  Location: locationOf(upload),
  Range: `0-${Math.max(0, size - 1)}`,
  'Docker-Upload-UUID': upload.session,
});

const tooLarge = (limit: number): Reply =>
  refuse(413, 'SIZE_INVALID', `blob is over ${limit} bytes`, { Connection: 'close' });

function created(repository: string, digest: Digest): Reply {
  const headers = { Location: `/v2/${repository}/blobs/${digest}`, 'Docker-Content-Digest': digest };
  return reply(201, headers);
}

/** Appends the request's body. Undefined: done; else what to answer instead. */
async function append(
  request: RegistryRequest,
  upload: Upload,
  deps: EndpointDeps,
): Promise<Reply | undefined> {
  const size = deps.uploads.size(upload.repository, upload.session) ?? 0;
  const range = request.headers['content-range'];
  const [, first] = (range === undefined ? null : CONTENT_RANGE.exec(range)) ?? [];
  if (range !== undefined && (first === undefined || Number(first) !== size)) {
    const wanted = `chunk ${range} does not start at ${size}`;
    return refuse(416, 'BLOB_UPLOAD_INVALID', wanted, progress(upload, size));
  }
  const chunk = await request.body(deps.blobBytes - size);
  if (chunk === undefined) return tooLarge(deps.blobBytes);
  deps.uploads.append(upload.repository, upload.session, chunk);
  return undefined;
}

async function finish(request: RegistryRequest, upload: Upload, deps: EndpointDeps): Promise<Reply> {
  const digest = request.query.get('digest') ?? '';
  if (!isDigest(digest)) return refuse(400, 'DIGEST_INVALID', `not a digest: ${digest}`);
  const refused = await append(request, upload, deps);
  if (refused !== undefined) return refused;
  const bytes = deps.uploads.take(upload.repository, upload.session);
  const got = digestOf(bytes, algorithmOf(digest));
  if (got !== digest) return refuse(400, 'DIGEST_INVALID', `blob has digest ${got}, not ${digest}`);
  const { repository } = upload;
  deps.content.addBlob(repository, bytes, digest);
  deps.notify({ action: 'push', repository, mediaType: BLOB_TYPE, digest, size: bytes.length }, request);
  return created(repository, digest);
}

/** Undefined where the other repository does not have it: then an ordinary upload starts. */
function mount(request: RegistryRequest, repository: string, deps: EndpointDeps): Reply | undefined {
  const digest = request.query.get('mount') ?? '';
  const bytes = isDigest(digest)
    ? deps.content.repository(request.query.get('from') ?? '')?.blobs.get(digest)
    : undefined;
  if (bytes === undefined || !isDigest(digest)) return undefined;
  deps.content.ensure(repository).blobs.set(digest, bytes);
  deps.notify({ action: 'mount', repository, mediaType: BLOB_TYPE, digest, size: bytes.length }, request);
  return created(repository, digest);
}

/** `POST …/blobs/uploads/`: mounts, takes a whole blob at once, or opens an upload. */
export function answerUploads(request: RegistryRequest, repository: string, deps: EndpointDeps): Answer {
  if (request.method !== 'POST') return refuse(405, 'UNSUPPORTED', `${request.method} is not for uploads`);
  const mounted = mount(request, repository, deps);
  if (mounted !== undefined) return mounted;
  const upload = { repository, session: deps.uploads.open(repository) };
  if (request.query.has('digest')) return finish(request, upload, deps);
  return reply(202, progress(upload, 0));
}

/** `PATCH`, `PUT`, `GET` and `DELETE` of an open upload. */
export async function answerUpload(
  request: RegistryRequest,
  upload: Upload,
  deps: EndpointDeps,
): Promise<Reply> {
  const size = deps.uploads.size(upload.repository, upload.session);
  if (size === undefined) return refuse(404, 'BLOB_UPLOAD_UNKNOWN', `no upload ${upload.session}`);
  switch (request.method) {
    case 'GET':
      return reply(204, progress(upload, size));
    case 'PATCH': {
      const refused = await append(request, upload, deps);
      if (refused !== undefined) return refused;
      return reply(202, progress(upload, deps.uploads.size(upload.repository, upload.session) ?? 0));
    }
    case 'PUT':
      return finish(request, upload, deps);
    case 'DELETE':
      deps.uploads.take(upload.repository, upload.session);
      return reply(204);
    default:
      return refuse(405, 'UNSUPPORTED', `${request.method} is not for an upload`);
  }
}
