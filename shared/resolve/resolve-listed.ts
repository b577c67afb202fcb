import { isLandfallError, LandfallError } from '../errors.ts';
import { LISTED_TAG_ATTEMPTS } from '../limits.ts';
import { formatRepository } from '../oci/reference.ts';
import { noTagMatches } from './no-tag-matches.ts';
import type { Resolution, ResolveDeps, ResolveRequest } from './resolution.ts';
import { resolveTag } from './resolve-tag.ts';
import type { TagPolicy } from './tag-policy.ts';

/** Registries may let a credential pull and yet not list. */
async function listTags({ repository }: ResolveRequest, deps: ResolveDeps): Promise<readonly string[]> {
  try {
    return await deps.registry.tags(repository, deps.signal === undefined ? {} : { signal: deps.signal });
  } catch (cause) {
    if (!isLandfallError(cause) || (cause.code !== 'FORBIDDEN' && cause.code !== 'UNAUTHORIZED')) throw cause;
    const instead = 'set ref.tag or ref.digest, which need no list.';
    throw new LandfallError(
      cause.code,
      `the registry does not let us list the tags of ${formatRepository(repository)}: ${cause.message}`,
      {
        hint:
          cause.code === 'UNAUTHORIZED'
            ? `${cause.hint} If they may pull and not list, ${instead}`
            : `Let the credential list tags, or ${instead}`,
        cause,
      },
    );
  }
}

/** A registry may go back to a lower tag (one was deleted, or it serves an old list): followed, and told. */
function noteRollback({ current }: ResolveRequest, tag: string, policy: TagPolicy): readonly string[] {
  if (current?.tag === null || current?.tag === undefined || current.tag === tag) return [];
  const [higher] = policy([tag, current.tag]).tags;
  return higher === tag ? [] : [`${tag} is lower than the current ${current.tag}, which is gone`];
}

/**
 * Resolves the best of the listed tags. A tag the list names and the registry then denies is skipped for the next
 * best, LISTED_TAG_ATTEMPTS times: lists are cached, and some outlive their tags.
 */
export async function resolveListed(
  request: ResolveRequest,
  policy: TagPolicy,
  deps: ResolveDeps,
): Promise<Resolution> {
  const name = formatRepository(request.repository);
  const ranking = policy(await listTags(request, deps));
  if (ranking.tags.length === 0) throw noTagMatches(request.ref, ranking, ` of ${name}`);
  const gone: string[] = [];
  let last: unknown;
  for (const tag of ranking.tags.slice(0, LISTED_TAG_ATTEMPTS)) {
    try {
      const resolution = await resolveTag(request, tag, deps);
      const skipped = gone.map((missing) => `${missing} is listed but not there`);
      return { ...resolution, notes: [...skipped, ...noteRollback(request, tag, policy)] };
    } catch (cause) {
      if (!isLandfallError(cause) || cause.code !== 'TAG_NOT_FOUND') throw cause;
      gone.push(tag);
      last = cause;
    }
  }
  throw new LandfallError(
    'TAG_NOT_FOUND',
    `${name} lists ${gone.join(', ')} as the best of ${ranking.tags.length} matching tags, but has none of them`,
    { hint: "The registry's tag list is stale; set ref.tag, or delete these tags for good.", cause: last },
  );
}
