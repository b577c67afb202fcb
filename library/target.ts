import { LandfallError } from '../shared/errors.ts';
import type { Digest } from '../shared/oci/digest.ts';
import type { Reference } from '../shared/oci/reference.ts';
import { parseTypedReference } from '../shared/oci/typed-reference.ts';
import type { Ref, TagOrder } from '../shared/resolve/ref.ts';
import type { RegistryAccess } from './registry-access.ts';

/** Which tag of a repository is meant, where the URL names none: the last of those that are left, in their order. */
export interface TagChoice {
  /** The highest version in a range, as in Flux: `>=6.0.0 <7.0.0`. */
  readonly semver?: string;
  /** Only tags that this RE2 expression matches. */
  readonly filter?: string;
  readonly order?: TagOrder;
  /** What is ordered, from the filter's groups: `$ts`. */
  readonly extract?: string;
}

export interface ResolveOptions extends RegistryAccess, TagChoice {}

/** What a URL stands for now. */
export interface Resolved {
  /** Without tag and digest. */
  readonly url: string;
  /** Null where the URL named a digest alone. */
  readonly tag: string | null;
  readonly digest: Digest;
  /** `<tag>@<digest>`, or the digest alone. */
  readonly revision: string;
}

/** @throws LandfallError REFERENCE_INVALID, DIGEST_INVALID, USAGE where a tag is named and chosen */
export function targetOf(
  url: string,
  { semver, filter, order, extract }: TagChoice,
): { readonly repository: Reference; readonly ref: Ref } {
  const repository = parseTypedReference(url);
  const { selector } = repository;
  const chooses = semver !== undefined || filter !== undefined || order !== undefined;
  if (chooses && selector.kind !== 'none')
    throw new LandfallError(
      'USAGE',
      `${url} names a ${selector.kind}, and semver, filter and order choose a tag`,
      {
        hint: 'Leave the tag or digest out of the URL.',
      },
    );
  return {
    repository,
    ref: {
      ...('tag' in selector && { tag: selector.tag }),
      ...('digest' in selector && { digest: selector.digest }),
      ...(semver !== undefined && { semver }),
      ...(filter !== undefined && { filter }),
      ...(order !== undefined && { order }),
      ...(extract !== undefined && { extract }),
    },
  };
}
