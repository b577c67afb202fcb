import { isLandfallError } from '../errors.ts';
import { REPOSITORY_CHARACTERS } from '../limits.ts';
import type { SourceId } from '../model/ids.ts';
import { isTag, parseRepository, type Repository } from '../oci/reference.ts';
import type { Ref } from '../resolve/ref.ts';
import type { Source } from '../source/source.ts';
import type { PushHint, ReceiverScope } from './receivers/receiver.ts';

/** What is matched of a source. */
export type MatchedSource = SourceId & Pick<Source, 'repository' | 'ref' | 'suspend'>;

/** Maps what senders say to the sources that are configured, and to nothing else. */
export interface SourceMatcher {
  /** Each source once. */
  match(hints: readonly PushHint[], scope: ReceiverScope): readonly SourceId[];
}

const keyOf = ({ registry, repository }: Repository): string => `${registry}/${repository}`;

/** As in a source's url: Docker Hub's names made one, `library/` added; undefined where it is none. */
function canonical(registry: string, repository: string): Repository | undefined {
  try {
    return parseRepository(`oci://${registry}/${repository}`);
  } catch (error) {
    if (isLandfallError(error)) return undefined;
    throw error;
  }
}

/** Every repository that sources may mean by what a sender calls it. Names are lower case in a source's url. */
function repositoriesOf(repository: string, { registries, namesOf }: ReceiverScope): readonly Repository[] {
  if (repository.length > REPOSITORY_CHARACTERS) return [];
  const lower = repository.toLowerCase();
  const names = namesOf?.(lower) ?? [lower];
  return registries.flatMap((registry) => names.flatMap((name) => canonical(registry, name) ?? []));
}

/** The one tag that can move a source, where there is only one. */
function onlyTag({ semver, filter, order, tag }: Ref): string | undefined {
  return semver === undefined && filter === undefined && order === undefined ? (tag ?? 'latest') : undefined;
}

/**
 * A digest in the tag's place, or no tag at all, says nothing about which tag was pushed. Gitea tells of tags in lower
 * case, however they were pushed: a reconcile too many at another tag costs a request, one too few an interval.
 */
function concerns({ ref, suspend }: MatchedSource, tag: string | undefined): boolean {
  if (suspend || ref.digest !== undefined) return false;
  const watched = onlyTag(ref);
  if (tag === undefined || !isTag(tag) || watched === undefined) return true;
  return watched.toLowerCase() === tag.toLowerCase();
}

/** Indexes the sources by repository, so that a webhook costs the same however many there are. */
export function sourceMatcher(sources: readonly MatchedSource[]): SourceMatcher {
  const byRepository = Map.groupBy(sources, ({ repository }) => keyOf(repository));
  const sourcesOf = (repository: string, scope: ReceiverScope): readonly MatchedSource[] =>
    repositoriesOf(repository, scope)
      .filter((named) => scope.serves(named.repository))
      .flatMap((named) => byRepository.get(keyOf(named)) ?? []);
  return {
    match(hints, scope) {
      const found = new Set<MatchedSource>();
      // Of the hints of one webhook most name the same repository.
      const watching = new Map<string, readonly MatchedSource[]>();
      for (const { repository, tag } of hints) {
        const sources = watching.get(repository) ?? sourcesOf(repository, scope);
        watching.set(repository, sources);
        for (const source of sources) if (concerns(source, tag)) found.add(source);
      }
      return Array.from(found, ({ namespace, name }) => ({ namespace, name }));
    },
  };
}
