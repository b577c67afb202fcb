import { noTagMatches } from './no-tag-matches.ts';
import type { Ref } from './ref.ts';
import { type Ranking, type SelectOptions, tagPolicy } from './tag-policy.ts';

/** Ranks tags for a ref, best first. @throws LandfallError RANGE_INVALID, REGEX_INVALID, CONFIG_INVALID */
export const rankTags = (tags: readonly string[], ref: Ref, options?: SelectOptions): Ranking =>
  tagPolicy(ref, options)(tags);

/** The one tag a ref means among `tags`. @throws LandfallError NO_TAG_MATCHES and what rankTags throws */
export function selectTag(tags: readonly string[], ref: Ref, options?: SelectOptions): string {
  const ranking = rankTags(tags, ref, options);
  const [best] = ranking.tags;
  if (best === undefined) throw noTagMatches(ref, ranking);
  return best;
}
