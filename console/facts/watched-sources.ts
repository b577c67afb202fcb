import type { SourceId } from '../../shared/model/ids.ts';

/** What whoever serves a store says of what it watches. */
export interface WatchedSources {
  /** To be told on every page: nobody serves what somebody served; documents are refused. */
  readonly notes: readonly string[];
  /** Sources of the documents. */
  readonly ids: readonly SourceId[];
  /** When a source was looked at and will be, and what is wrong with its document, in lines. */
  readonly linesOf: (source: SourceId) => readonly string[];
  /** Whether a deploy has a pattern: then it does not want everything that is current. */
  readonly isSelective: (deploy: string) => boolean;
  /** Looks by the hour that they were in, RFC 3339; undefined where nobody counts them. */
  readonly looks: ReadonlyMap<string, number> | undefined;
}

/** Where nobody has said. */
export const NOTHING_WATCHED: WatchedSources = {
  notes: [],
  ids: [],
  linesOf: () => [],
  isSelective: () => false,
  looks: undefined,
};
