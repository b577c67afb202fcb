import { algorithmOf, type Digest, digestOf, isDigest } from '../../shared/oci/digest.ts';
import { essenceOf } from '../../shared/oci/media-types.ts';
import { isTag } from '../../shared/oci/reference.ts';
import type { RepositoryContent } from '../content.ts';
import type { DescriptorJson } from '../descriptor-json.ts';
import type { RegistryRequest } from '../registry-request.ts';
import { type Reply, refuse, reply } from '../reply.ts';
import { readManifest, type StoredManifest, subjectOf } from '../stored-manifest.ts';
import type { Answer, EndpointDeps } from './endpoint.ts';

interface Target {
  readonly repository: string;
  readonly reference: string;
}

function lookUp(repository: RepositoryContent, reference: string): Digest | undefined {
  const digest = isDigest(reference) ? reference : repository.tags.get(reference);
  return digest !== undefined && repository.manifests.has(digest) ? digest : undefined;
}

/** Docker's registry answers 404 where the client did not name the stored media type; so does this one. */
function accepts(request: RegistryRequest, mediaType: string): boolean {
  const accept = request.headers.accept;
  if (accept === undefined) return true;
  const named = accept.split(',').map(essenceOf);
  return named.includes('*/*') || named.includes(essenceOf(mediaType));
}

function readOne(request: RegistryRequest, { repository, reference }: Target, deps: EndpointDeps): Reply {
  const content = deps.content.repository(repository);
  if (content === undefined) {
    return refuse(404, 'NAME_UNKNOWN', `repository name not known to registry: ${repository}`);
  }
  const digest = lookUp(content, reference);
  const manifest = digest && content.manifests.get(digest);
  if (digest === undefined || manifest === undefined) {
    return refuse(404, 'MANIFEST_UNKNOWN', `manifest unknown: ${reference}`);
  }
  if (!accepts(request, manifest.mediaType)) {
    return refuse(404, 'MANIFEST_UNKNOWN', `manifest is ${manifest.mediaType}, which Accept does not name`);
  }
  const headers = { 'Docker-Content-Digest': digest, ETag: `"${digest}"` };
  if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(headers.ETag)) return reply(304, headers);
  return reply(200, { 'Content-Type': manifest.mediaType, ...headers }, manifest.bytes);
}

/** The first thing a manifest points at that is not in the repository. A subject may come later. */
function missing(manifest: StoredManifest, content?: RepositoryContent): DescriptorJson | undefined {
  const { config, layers = [], manifests = [] } = manifest.document ?? {};
  const blobs = config === undefined ? layers : [config, ...layers];
  const absent = ({ digest }: DescriptorJson, among?: ReadonlyMap<Digest, unknown>): boolean =>
    !isDigest(digest) || among?.has(digest) !== true;
  return (
    blobs.find((blob) => absent(blob, content?.blobs)) ??
    manifests.find((child) => absent(child, content?.manifests))
  );
}

function refusal(manifest: StoredManifest, content: RepositoryContent | undefined): Reply | undefined {
  const { document, mediaType } = manifest;
  if (document === undefined) return refuse(400, 'MANIFEST_INVALID', 'manifest is not a JSON object');
  if (document.mediaType !== undefined && document.mediaType !== essenceOf(mediaType)) {
    return refuse(400, 'MANIFEST_INVALID', `manifest says ${document.mediaType}, was sent as ${mediaType}`);
  }
  const gap = missing(manifest, content);
  return gap && refuse(404, 'MANIFEST_BLOB_UNKNOWN', `manifest names unknown content ${gap.digest}`);
}

async function write(request: RegistryRequest, target: Target, deps: EndpointDeps): Promise<Reply> {
  const { repository, reference } = target;
  const mediaType = request.headers['content-type'];
  if (mediaType === undefined) return refuse(400, 'MANIFEST_INVALID', 'Content-Type is missing');
  if (!isDigest(reference) && !isTag(reference)) {
    return refuse(400, 'MANIFEST_INVALID', `reference is neither tag nor digest: ${reference}`);
  }
  const bytes = await request.body(deps.manifestBytes);
  if (bytes === undefined) {
    const close = { Connection: 'close' };
    return refuse(413, 'SIZE_INVALID', `manifest is over ${deps.manifestBytes} bytes`, close);
  }
  const digest = digestOf(bytes, isDigest(reference) ? algorithmOf(reference) : 'sha256');
  if (isDigest(reference) && digest !== reference) {
    return refuse(400, 'DIGEST_INVALID', `manifest has digest ${digest}, not ${reference}`);
  }
  const manifest = readManifest(mediaType, bytes);
  const refused = refusal(manifest, deps.content.repository(repository));
  if (refused !== undefined) return refused;
  const tag = isDigest(reference) ? undefined : reference;
  deps.content.addManifest(repository, mediaType, bytes, { digest, ...(tag !== undefined && { tag }) });
  const change = { repository, mediaType, digest, size: bytes.length, ...(tag !== undefined && { tag }) };
  deps.notify({ action: 'push', ...change }, request);
  const subject = deps.referrers ? subjectOf(manifest) : undefined;
  return reply(201, {
    Location: `/v2/${repository}/manifests/${digest}`,
    'Docker-Content-Digest': digest,
    ...(subject !== undefined && { 'OCI-Subject': subject }),
  });
}

/** By tag only the tag goes; by digest the manifest goes with every tag on it. */
function remove(request: RegistryRequest, { repository, reference }: Target, deps: EndpointDeps): Reply {
  const content = deps.content.repository(repository);
  const digest = content && lookUp(content, reference);
  if (content === undefined || digest === undefined) {
    return refuse(404, 'MANIFEST_UNKNOWN', `manifest unknown: ${reference}`);
  }
  if (!isDigest(reference)) {
    content.tags.delete(reference);
    deps.notify({ action: 'delete', repository, tag: reference }, request);
    return reply(202);
  }
  for (const [tag, to] of content.tags) if (to === digest) content.tags.delete(tag);
  content.manifests.delete(digest);
  deps.notify({ action: 'delete', repository, digest }, request);
  return reply(202);
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
export function answerManifest(request: RegistryRequest, target: Target, deps: EndpointDeps): Answer {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return readOne(request, target, deps);
    case 'PUT':
      return write(request, target, deps);
    case 'DELETE':
      return remove(request, target, deps);
    default:
      return refuse(405, 'UNSUPPORTED', `${request.method} is not for manifests`);
  }
}
