import { LandfallError } from '../errors.ts';
import { isTag } from '../oci/reference.ts';
import type { Ref } from './ref.ts';
import {
  isCurrent,
  type Resolution,
  type ResolveDeps,
  type ResolveRequest,
  resolveTag,
} from './resolution.ts';
import { resolveListed } from './resolve-listed.ts';

export type { Resolution } from './resolution.ts';

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
    return resolveListed(request, tagPolicy(ref, request), deps);
  }
  return resolveTag(request, checkTag(ref.tag ?? 'latest'), deps);
}
