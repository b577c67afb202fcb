import { LandfallError } from '../errors.ts';
import type { Ref } from './ref.ts';
import type { Ranking } from './tag-policy.ts';

const EXAMPLES = 3;

const READ_AS = {
  semver: 'a version',
  numerical: 'a number',
  alphabetical: 'text that is not empty',
} as const;

const quote = (tags: readonly string[]): string =>
  `${tags.slice(0, EXAMPLES).join(', ')}${tags.length > EXAMPLES ? ', …' : ''}`;

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The range with every group widened, so that what it says is still in it. */
const withPrereleases = (range: string): string =>
  range
    .split('||')
    .map((group) => `${group.trim()} >=0.0.0-0`)
    .join(' || ');

function describeRef({ semver, filter, extract, order }: Ref): string {
  const parts = Object.entries({ semver, filter, extract, order }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key} ${JSON.stringify(value.slice(0, 160))}`],
  );
  return parts.join(', ') || 'semver "*"';
}

/** What was there, and what to write instead. */
function explain(
  ref: Ref,
  { listed, referrers, filtered, versions, parsed, prereleases }: Ranking,
): [string, string] {
  if (listed === 0 && referrers > 0) {
    return [
      `there are only ${plural(referrers, 'tag')} of signatures and referrers`,
      'Those are never chosen from a list. Push a tag, or name one of them in ref.tag.',
    ];
  }
  if (listed === 0) return ['there are no tags', 'Push a tag, or check the repository in url.'];
  if (filtered.length === 0) {
    return [
      'the filter lets none through',
      'The filter is RE2, matches anywhere in a tag, and sees v, _ and - as they are.',
    ];
  }
  const order = ref.order ?? 'semver';
  if (parsed === 0) {
    const parts = order === 'semver' ? 'A version has three parts, as 1.2.3 or v1.2.3. ' : '';
    return [
      `none of ${quote(filtered)} can be read as ${READ_AS[order]}`,
      `${parts}Use filter with extract to take what counts out of a tag.`,
    ];
  }
  const range = ref.semver ?? '*';
  if (prereleases > 0) {
    const wider = withPrereleases(range);
    return [
      `${plural(prereleases, 'tag')} in range ${prereleases === 1 ? 'is a prerelease' : 'are prereleases'}`,
      `To admit prereleases write semver: ${JSON.stringify(wider)}.`,
    ];
  }
  const [highest, lowest] = [versions[0], versions.at(-1)];
  return [
    `the versions run from ${lowest?.text} to ${highest?.text}`,
    'Change the range, or push a tag that is in it.',
  ];
}

/** The error for a ref that no tag satisfies: how many tags there were, passed the filter, parsed, and what is near. */
export function noTagMatches(ref: Ref, ranking: Ranking, where = ''): LandfallError {
  const [why, hint] = explain(ref, ranking);
  const { listed, filtered, parsed, prereleases } = ranking;
  const counts = [
    plural(listed, 'tag'),
    ...(ref.filter === undefined ? [] : [`${filtered.length} through the filter`]),
    `${parsed} readable`,
  ];
  return new LandfallError(
    'NO_TAG_MATCHES',
    `no tag${where} matches ${describeRef(ref)}: ${counts.join(', ')}; ${why}`,
    { hint, detail: { tags: listed, filtered: filtered.length, parsed, prereleases } },
  );
}
