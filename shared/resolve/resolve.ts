import { LandfallError } from '../errors.ts';
import { algorithmOf, type Digest, digestOf } from '../oci/digest.ts';
import { formatRepository, isTag } from '../oci/reference.ts';
import type { FetchedManifest } from '../registry/client.ts';
import type { Ref } from './ref.ts';
import type { Current, Resolution, ResolveDeps, ResolveRequest } from './resolution.ts';
import { resolveListed } from './resolve-listed.ts';

function checkTag(tag: string): string {
  if (isTag(tag)) return tag;
  throw new LandfallError(
    'REFERENCE_INVALID',
    `ref.tag ${JSON.stringify(tag.slice(0, 160))} is not 1 to 128 of [A-Za-z0-9._-]`,
    { hint: 'Ranges go under ref.semver, digests under ref.digest.' },
  );
}

const choosesAmongTags = ({ semver, filter, order, extract }: Ref): boolean =>
  [semver, filter, order, extract].some((part) => part !== undefined);

/**
 * Resolves a ref to a digest: digest > semver, filter, order > tag > `latest`; `digest` with `tag` asserts that they
 * agree. Requests: none for a digest, one for a tag, and the pages of the tag list before it where one is chosen.
 * @throws LandfallError RANGE_INVALID, REGEX_INVALID, CONFIG_INVALID, REFERENCE_INVALID before any request;
 * TAG_DIGEST_MISMATCH, NO_TAG_MATCHES, TAG_NOT_FOUND, FORBIDDEN and what the registry's client throws
 */
export async function resolve(request: ResolveRequest, deps: ResolveDeps): Promise<Resolution> {
  const { ref, current } = request;
  if (ref.digest !== undefined && ref.tag === undefined) {
    const { digest } = ref;
    const outcome = isCurrent(current, undefined, digest) ? 'unchanged' : 'resolved';
    return { outcome, tag: undefined, digest, notes: [] };
  }
  if (ref.digest !== undefined && ref.tag !== undefined) {
    return resolveTag(request, checkTag(ref.tag), deps, ref.digest);
  }
  if (choosesAmongTags(ref)) {
    // The engine of filters takes 5 ms to load, which a reconcile of one tag does not wait for.
    const { tagPolicy } = await import('./tag-policy.ts');
    return resolveListed(request, tagPolicy(ref, request), {
      ...deps,
      resolveTag: (tag) => resolveTag(request, tag, deps),
    });
  }
  return resolveTag(request, checkTag(ref.tag ?? 'latest'), deps);
}

/** Whether a source is at this already, tag and digest. */
const isCurrent = (current: Current | null | undefined, tag: string | undefined, digest: Digest): boolean =>
  current?.digest === digest && (current.tag ?? undefined) === tag;

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
async function resolveTag(
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
