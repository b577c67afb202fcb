import { type Digest, isDigest } from '../../shared/oci/digest.ts';
import { OCI_INDEX } from '../../shared/oci/media-types.ts';
import type { RegistryRequest } from '../registry-request.ts';
import { refuse, replyJson } from '../reply.ts';
import { type StoredManifest, subjectOf } from '../stored-manifest.ts';
import type { Answer, EndpointDeps } from './endpoint.ts';

function describe(digest: Digest, { bytes, mediaType, document }: StoredManifest): Record<string, unknown> {
  return {
    mediaType,
    digest,
    size: bytes.length,
    ...(document?.artifactType !== undefined && { artifactType: document.artifactType }),
    ...(document?.annotations !== undefined && { annotations: document.annotations }),
  };
}

/**
 * Nothing known of the digest is an empty list, not a 404.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export function answerReferrers(
  request: RegistryRequest,
  { repository, digest }: { readonly repository: string; readonly digest: string },
  deps: EndpointDeps,
): Answer {
  if (!deps.referrers) return refuse(404, 'UNSUPPORTED', 'there is no referrers API here');
  if (request.method !== 'GET') return refuse(405, 'UNSUPPORTED', `${request.method} is not for referrers`);
  if (!isDigest(digest)) return refuse(400, 'DIGEST_INVALID', `not a digest: ${digest}`);
  const wanted = request.query.get('artifactType');
  const manifests = [...(deps.content.repository(repository)?.manifests ?? [])]
    .filter(([, manifest]) => subjectOf(manifest) === digest)
    .filter(([, manifest]) => wanted === null || manifest.document?.artifactType === wanted)
    .map(([own, manifest]) => describe(own, manifest));
  return replyJson(
    200,
    { schemaVersion: 2, mediaType: OCI_INDEX, manifests },
    { 'Content-Type': OCI_INDEX, ...(wanted !== null && { 'OCI-Filters-Applied': 'artifactType' }) },
  );
}
