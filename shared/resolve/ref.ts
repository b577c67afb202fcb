import type { Digest } from '../oci/digest.ts';

export type TagOrder = 'semver' | 'numerical' | 'alphabetical';

/** Which revision of the repository is wanted: digest > semver > filter/order > tag > `latest`. */
export interface Ref {
  readonly digest?: Digest;
  readonly semver?: string;
  readonly tag?: string;
  /** RE2, over tags as the registry has them. */
  readonly filter?: string;
  readonly order?: TagOrder;
  /** Template over the filter's groups, e.g. `$ts`: what is ordered instead of the tag. */
  readonly extract?: string;
  /** RE2: tags that any of them matches are no candidates, before `filter`. */
  readonly exclude?: readonly string[];
  /** The first of the order is chosen, not the last. */
  readonly reverse?: true;
  /** False: `_` in a tag stands for itself, and is not read as the `+` that Helm writes so. */
  readonly helm?: false;
  /** Whether a lower tag than the current one lands where the list has no better. Default: it does, and that is told. */
  readonly downgrade?: 'follow' | 'refuse';
}
