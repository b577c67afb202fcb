import { LandfallError } from '../errors.ts';
import { algorithmOf, type Digest, digestOf } from '../oci/digest.ts';
import { formatRepository } from '../oci/reference.ts';
import type { FetchedManifest } from '../registry/client.ts';
import { isCurrent, type Resolution, type ResolveDeps, type ResolveRequest } from './resolution.ts';

/** A tag that must be `want` is compared by its bytes, in the algorithm of `want`; a registry's word is not enough. */
function provenDigest(
  request: ResolveRequest,
  tag: string,
  manifest: FetchedManifest,
  want?: Digest,
): Digest {
  const digest = want === undefined ? manifest.digest : digestOf(manifest.bytes, algorithmOf(want));
  if (want === undefined || digest === want) return digest;
  throw new LandfallError(
    'TAG_DIGEST_MISMATCH',
    `${formatRepository(request.repository)}:${tag} is ${digest}, but ref wants it to be ${want}`,
    { hint: 'The tag was moved. Look at what it is now, then change ref.digest or drop ref.tag.' },
  );
}

/** At most one HEAD and one GET; the HEAD only where it could show that nothing is new, and then alone. */
export async function resolveTag(
  request: ResolveRequest,
  tag: string,
  deps: ResolveDeps,
  want?: Digest,
): Promise<Resolution> {
  const { repository, current } = request;
  const options = deps.signal === undefined ? {} : { signal: deps.signal };
  if (current?.tag === tag && (want === undefined || want === current.digest)) {
    const claimed = await deps.registry.peek(repository, tag, options);
    if (claimed === current.digest) return { outcome: 'unchanged', tag, digest: claimed, notes: [] };
  }
  const manifest = await deps.registry.manifest(repository, tag, options);
  const digest = provenDigest(request, tag, manifest, want);
  return isCurrent(current, tag, digest)
    ? { outcome: 'unchanged', tag, digest, notes: [] }
    : { outcome: 'resolved', tag, digest, manifest, notes: [] };
}
