import { compareDecimals, parseDecimal } from './decimal.ts';
import type { TagOrder } from './ref.ts';
import { compareText, compareVersions, parseHelmVersion, parseVersion, type Version } from './version.ts';

/** A tag, and what it is ordered by. */
export interface Candidate {
  readonly tag: string;
  readonly value: string;
}

/** A candidate whose value could be read, in its order's own terms. */
export interface Keyed<Key> extends Candidate {
  readonly key: Key;
}

/**
 * Puts candidates in order, best first, leaving out those whose value `parse` cannot read. Equal values are ordered
 * by tag, so that the answer never depends on the order the registry lists in.
 */
function order<Key>(
  candidates: readonly Candidate[],
  parse: (value: string) => Key | undefined,
  compare: (a: Key, b: Key) => number,
): readonly Keyed<Key>[] {
  return candidates
    .flatMap(({ tag, value }) => {
      const key = parse(value);
      return key === undefined ? [] : [{ tag, value, key }];
    })
    .sort((a, b) => compare(b.key, a.key) || compareText(b.tag, a.tag));
}

/** Highest version first; the rest is no version. `helm` reads `_` as `+`. */
export const orderVersions = (candidates: readonly Candidate[], helm: boolean): readonly Keyed<Version>[] =>
  order(candidates, helm ? parseHelmVersion : parseVersion, compareVersions);

/** Highest number, or last in byte order, first; values that are no number, or empty, are left out. */
export const orderValues = (
  candidates: readonly Candidate[],
  by: Exclude<TagOrder, 'semver'>,
): readonly Candidate[] =>
  by === 'numerical'
    ? order(candidates, parseDecimal, compareDecimals)
    : order(candidates, (value) => (value === '' ? undefined : value), compareText);
