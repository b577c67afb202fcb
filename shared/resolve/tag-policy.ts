import { LandfallError } from '../errors.ts';
import { isTag } from '../oci/reference.ts';
import { isReferrerTag } from '../oci/referrer.ts';
import { parseRange, type Range } from './range.ts';
import type { Ref } from './ref.ts';
import { tagFilter } from './tag-filter.ts';
import { type Candidate, orderValues, orderVersions } from './tag-order.ts';
import type { Version } from './version.ts';

export interface SelectOptions {
  /** A tag that is a version only once `_` is read as `+`, as Helm writes it, counts. Default: as the ref says. */
  readonly helm?: boolean;
}

/** What a policy made of a list of tags. */
export interface Ranking {
  /** Best first: the first is the one. As the registry has them. */
  readonly tags: readonly string[];
  /** Distinct tags there were, less those of signatures and referrers. */
  readonly listed: number;
  /** Tags of signatures and referrers, which are never candidates. */
  readonly referrers: number;
  /** …of which the filter let through. */
  readonly filtered: readonly string[];
  /** …of which could be read as versions, best first, where the order is semver. */
  readonly versions: readonly Version[];
  /** …of which could be read as what they are ordered by. */
  readonly parsed: number;
  /** …of those left out, how many would do if prereleases were admitted. */
  readonly prereleases: number;
}

/** Ranks tags; made from a ref once, before any list is asked for. */
export type TagPolicy = (tags: readonly string[]) => Ranking;

const conflict = (message: string, hint: string): LandfallError =>
  new LandfallError('CONFIG_INVALID', `ref: ${message}`, { hint });

type Counts = Pick<Ranking, 'listed' | 'referrers' | 'filtered'>;

function rankVersions(
  candidates: readonly Candidate[],
  range: Range,
  helm: boolean,
  counts: Counts,
): Ranking {
  const versions = orderVersions(candidates, helm);
  const chosen = versions.filter(({ key }) => range.admits(key));
  const wider = versions.filter(({ key }) => range.admits(key, { prereleases: true }));
  return {
    ...counts,
    tags: chosen.map(({ tag }) => tag),
    versions: versions.map(({ key }) => key),
    parsed: versions.length,
    prereleases: wider.length - chosen.length,
  };
}

/**
 * Compiles the part of a ref that chooses among tags: `exclude`, `filter` and `extract`, then `semver` or `order`
 * (default: semver, every release).
 * @throws LandfallError RANGE_INVALID, REGEX_INVALID, CONFIG_INVALID
 */
export function tagPolicy(ref: Ref, { helm = ref.helm ?? true }: SelectOptions = {}): TagPolicy {
  const order = ref.order ?? 'semver';
  if (ref.semver !== undefined && order !== 'semver') {
    throw conflict(`semver cannot be ordered ${order}`, 'Drop order, or drop semver and use filter.');
  }
  if (ref.extract !== undefined && ref.filter === undefined) {
    throw conflict(
      'extract needs a filter whose groups it names',
      'Add filter: "(?P<ts>[0-9]+)" or drop extract.',
    );
  }
  const range = parseRange(ref.semver ?? '*');
  const filter = ref.filter === undefined ? (tag: string) => tag : tagFilter(ref.filter, ref.extract);
  const excluded = (ref.exclude ?? []).map((pattern) => tagFilter(pattern));
  const isExcluded = (tag: string): boolean => excluded.some((matches) => matches(tag) !== undefined);
  return (tags) => {
    // What is no tag cannot be fetched; only a registry that lies lists it.
    const distinct = [...new Set(tags)].filter(isTag);
    const listed = distinct.filter((tag) => !isReferrerTag(tag));
    const candidates = listed.flatMap((tag) => {
      const value = isExcluded(tag) ? undefined : filter(tag);
      return value === undefined ? [] : [{ tag, value }];
    });
    const counts = {
      listed: listed.length,
      referrers: distinct.length - listed.length,
      filtered: candidates.map(({ tag }) => tag),
    };
    if (order === 'semver') return rankVersions(candidates, range, helm, counts);
    const best = orderValues(candidates, order).map(({ tag }) => tag);
    const ordered = ref.reverse === true ? best.toReversed() : best;
    return { ...counts, tags: ordered, versions: [], parsed: ordered.length, prereleases: 0 };
  };
}
