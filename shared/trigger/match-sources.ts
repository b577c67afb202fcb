import { type Glob, parseGlob } from '../credentials/glob.ts';
import { isLandfallError } from '../errors.ts';
import { isTag, parseRepository, type Repository } from '../oci/reference.ts';
import type { ReceiverEntry, Ref, Source } from '../source/source.ts';
import type { SourceId } from '../store/layout.ts';
import type { PushHint } from './receivers/receiver.ts';

/** What is matched of a source. */
export type MatchedSource = SourceId & Pick<Source, 'repository' | 'ref' | 'suspend'>;

/** Maps what senders say to the sources that are configured, and to nothing else. */
export interface SourceMatcher {
  /** Each source once. `receiver` says which registry is meant and which of its repositories; a payload cannot. */
  match(
    hints: readonly PushHint[],
    receiver: Pick<ReceiverEntry, 'registry' | 'repositories'>,
  ): readonly SourceId[];
}

const keyOf = ({ registry, repository }: Repository): string => `${registry}/${repository}`;

/** As in a source's url: lower case, Docker Hub's names made one, `library/` added; undefined where it is none. */
function canonical(registry: string, repository: string): Repository | undefined {
  try {
    return parseRepository(`oci://${registry}/${repository.toLowerCase()}`);
  } catch (error) {
    if (isLandfallError(error)) return undefined;
    throw error;
  }
}

/** The one tag that can move a source, where there is only one. */
function onlyTag({ semver, filter, order, tag }: Ref): string | undefined {
  return semver === undefined && filter === undefined && order === undefined ? (tag ?? 'latest') : undefined;
}

/** A digest in the tag's place, or no tag at all, says nothing about which tag was pushed. */
function concerns({ ref, suspend }: MatchedSource, tag: string | undefined): boolean {
  if (suspend || ref.digest !== undefined) return false;
  const watched = onlyTag(ref);
  return tag === undefined || !isTag(tag) || watched === undefined || watched === tag;
}

function globsOf(receiver: Pick<ReceiverEntry, 'repositories'>): readonly Glob[] | undefined {
  return receiver.repositories?.map(parseGlob);
}

/** Indexes the sources by repository, so that a webhook costs the same however many there are. */
export function sourceMatcher(sources: readonly MatchedSource[]): SourceMatcher {
  const byRepository = Map.groupBy(sources, ({ repository }) => keyOf(repository));
  return {
    match(hints, receiver) {
      const globs = globsOf(receiver);
      const found = new Set<MatchedSource>();
      for (const { repository, tag } of hints) {
        const named = canonical(receiver.registry, repository);
        if (named === undefined || globs?.some((glob) => glob.matches(named.repository)) === false) continue;
        for (const source of byRepository.get(keyOf(named)) ?? [])
          if (concerns(source, tag)) found.add(source);
      }
      return Array.from(found, ({ namespace, name }) => ({ namespace, name }));
    },
  };
}
