import { LandfallError } from '../errors.ts';
import { algorithmOf, type Digest, digestOf } from '../oci/digest.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import type { FetchedManifest, RegistryReader } from '../registry/client.ts';
import type { Ref } from './ref.ts';
import type { SelectOptions } from './tag-policy.ts';

/** What a source is at, as far as resolving cares. */
export interface Current {
  readonly tag: string | null;
  readonly digest: Digest;
}

export interface ResolveRequest extends SelectOptions {
  readonly repository: Repository;
  readonly ref: Ref;
  /** Saves fetching the manifest where the registry says that nothing is new. */
  readonly current?: Current | null;
  /** The tag that is current, whatever its document said: below it nothing is to come unnoticed. */
  readonly floor?: string | null | undefined;
}

export interface ResolveDeps {
  readonly registry: Pick<RegistryReader, 'peek' | 'manifest' | 'tags'>;
  readonly signal?: AbortSignal;
}

interface Resolved {
  /** Undefined where the ref names a digest and no tag. */
  readonly tag: string | undefined;
  readonly digest: Digest;
  /** Worth logging: listed tags that were gone, a move to a lower tag. */
  readonly notes: readonly string[];
}

export type Resolution =
  | (Resolved & { readonly outcome: 'unchanged' })
  /** `manifest` is what the digest was computed from; there is none where the ref is a digest: nothing was read. */
  | (Resolved & { readonly outcome: 'resolved'; readonly manifest?: FetchedManifest });

/** Whether a source is at this already, tag and digest. */
export const isCurrent = (
  current: Current | null | undefined,
  tag: string | undefined,
  digest: Digest,
): boolean => current?.digest === digest && (current.tag ?? undefined) === tag;

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
