import { isLandfallError, LandfallError } from '../errors.ts';
import { LISTED_REFERRERS, LISTED_TAG_ATTEMPTS } from '../limits.ts';
import { readOutline } from '../oci/manifest-outline.ts';
import { formatRepository } from '../oci/reference.ts';
import { noTagMatches } from './no-tag-matches.ts';
import type { Resolution, ResolveDeps, ResolveRequest } from './resolution.ts';
import type { Ranking, TagPolicy } from './tag-policy.ts';

/** Registries may let a credential pull and yet not list. */
async function listTags({ repository }: ResolveRequest, deps: ResolveDeps): Promise<readonly string[]> {
  try {
    return await deps.registry.tags(repository, deps.signal === undefined ? {} : { signal: deps.signal });
  } catch (cause) {
    if (!isLandfallError(cause) || (cause.code !== 'FORBIDDEN' && cause.code !== 'UNAUTHORIZED')) throw cause;
    const instead = 'set ref.tag or ref.digest, which need no list.';
    throw cause.with({
      message: `the registry does not let us list the tags of ${formatRepository(repository)}: ${cause.message}`,
      hint:
        cause.code === 'UNAUTHORIZED'
          ? `${cause.hint} If they may pull and not list, ${instead}`
          : `Let the credential list tags, or ${instead}`,
    });
  }
}

/**
 * A registry may go back to a lower tag: one was deleted, it serves an old list, or somebody wants an old revision, with
 * its good signature, to run again. Followed, and told; or refused.
 * @throws LandfallError DOWNGRADE_REFUSED
 */
function noteDowngrade(
  { ref, repository, floor }: ResolveRequest,
  tag: string,
  policy: TagPolicy,
): readonly string[] {
  if (floor === null || floor === undefined || floor === tag) return [];
  // What the ref does not choose from any more is no floor.
  const { tags } = policy([tag, floor]);
  if (tags[0] === tag || !tags.includes(floor)) return [];
  const lower = `${tag} is lower than the current ${floor}, which is gone`;
  if (ref.downgrade !== 'refuse') return [lower];
  throw new LandfallError('DOWNGRADE_REFUSED', `${formatRepository(repository)}: ${lower}`, {
    hint: `Push ${floor} again, or what is higher. If the lower one is meant: downgrade: follow, or remove it.`,
  });
}

const ABOUT = {
  subject: 'is about another manifest (it has a subject)',
  referrers: 'is an index of signatures or other referrers',
} as const;

/** Why what was resolved is no revision of a list: an SBOM that somebody attached is not the newest release. */
function aboutAnother(resolution: Resolution): string | undefined {
  if (resolution.outcome !== 'resolved' || resolution.manifest === undefined) return undefined;
  const { bytes, contentType } = resolution.manifest;
  const about = readOutline(bytes, contentType)?.about;
  return about === undefined ? undefined : ABOUT[about];
}

function noneIsThere(
  { repository }: ResolveRequest,
  { tags }: Ranking,
  { gone, about, last }: Skipped,
): LandfallError {
  const name = formatRepository(repository);
  const count = tags.length;
  if (about.length > 0) {
    return new LandfallError(
      'NO_TAG_MATCHES',
      `${name}: the best of ${count} matching tags are no revisions: ${[...about, ...gone.map(missing)].join('; ')}`,
      { hint: 'Narrow the list with filter, or name what is wanted in ref.tag or ref.digest.' },
    );
  }
  return new LandfallError(
    'TAG_NOT_FOUND',
    `${name} lists ${gone.join(', ')} as the best of ${count} matching tags, but has none of them`,
    { hint: "The registry's tag list is stale; set ref.tag, or delete these tags for good.", cause: last },
  );
}

interface Skipped {
  /** Listed and not there. */
  readonly gone: string[];
  /** Notes on those that are about another manifest. */
  readonly about: string[];
  last: unknown;
}

const missing = (tag: string): string => `${tag} is listed but not there`;

/**
 * Resolves the best of the listed tags. A tag the list names and the registry then denies is skipped for the next
 * best, LISTED_TAG_ATTEMPTS times: lists are cached, and some outlive their tags. What turns out to be about another
 * manifest is skipped too, LISTED_REFERRERS times.
 */
export async function resolveListed(
  request: ResolveRequest,
  policy: TagPolicy,
  { resolveTag, ...deps }: ResolveDeps & { readonly resolveTag: (tag: string) => Promise<Resolution> },
): Promise<Resolution> {
  const ranking = policy(await listTags(request, deps));
  if (ranking.tags.length === 0)
    throw noTagMatches(request.ref, ranking, ` of ${formatRepository(request.repository)}`);
  const skipped: Skipped = { gone: [], about: [], last: undefined };
  for (const tag of ranking.tags) {
    if (skipped.gone.length >= LISTED_TAG_ATTEMPTS || skipped.about.length >= LISTED_REFERRERS) break;
    const downgrade = noteDowngrade(request, tag, policy);
    try {
      const resolution = await resolveTag(tag);
      const why = aboutAnother(resolution);
      const notes = [...skipped.gone.map(missing), ...skipped.about];
      if (why === undefined) return { ...resolution, notes: [...notes, ...downgrade] };
      skipped.about.push(`${tag} ${why} and is not chosen from a list`);
    } catch (cause) {
      if (!isLandfallError(cause) || cause.code !== 'TAG_NOT_FOUND') throw cause;
      skipped.gone.push(tag);
      skipped.last = cause;
    }
  }
  throw noneIsThere(request, ranking, skipped);
}
