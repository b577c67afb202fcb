import { compareBytes } from '../../shared/kernel/byte-order.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { bareSource, type ConsoleDeploy, type ConsoleRevision, type ConsoleSource } from './facts.ts';
import type { WatchedSources } from './watched-sources.ts';

/** A deploy beside the source that it is of. */
export interface PlacedDeploy extends ConsoleDeploy {
  /** What is current of its source; undefined where that is not known. */
  readonly current: ConsoleRevision | undefined;
  /**
   * Generations that came since what it has applied; null where that is not known, or says nothing, as of a deploy that
   * wants some of them only.
   */
  readonly behind: number | null;
  /** Who signed what it has applied; null: its source has no policy, or has forgotten that revision. */
  readonly signers: string | null;
}

/** Everything that a store says, at one moment. */
export interface Snapshot {
  /** By name. */
  readonly sources: ReadonlyMap<string, ConsoleSource>;
  readonly deploys: readonly PlacedDeploy[];
  /** By the name of their source. */
  readonly deploysOf: ReadonlyMap<string, readonly PlacedDeploy[]>;
  readonly watched: WatchedSources;
}

function placed(
  deploy: ConsoleDeploy,
  source: ConsoleSource | undefined,
  { isSelective }: WatchedSources,
): PlacedDeploy {
  const { applied, id } = deploy;
  const [current] = source?.revisions ?? [];
  const behind =
    current === undefined || isSelective(id.deploy)
      ? null
      : Math.max(0, current.generation - (applied?.generation ?? 0));
  const ran = source?.revisions.find(({ digest }) => digest === applied?.digest);
  return { ...deploy, current, behind, signers: ran?.signers ?? null };
}

/** Puts what was read together: sources of the documents that have landed nothing yet are there, too. */
export function snapshotOf(
  read: readonly ConsoleSource[],
  deploys: readonly ConsoleDeploy[],
  watched: WatchedSources,
): Snapshot {
  const known = new Map(read.map((source) => [formatSourceId(source.id), source]));
  const awaited = watched.ids
    .filter((id) => !known.has(formatSourceId(id)))
    .map((id) => [formatSourceId(id), bareSource(id, 'new', null)] as const);
  const sources = new Map([...known, ...awaited].toSorted(([a], [b]) => compareBytes(a, b)));
  const all = deploys.map((deploy) => placed(deploy, sources.get(formatSourceId(deploy.id)), watched));
  return {
    sources,
    deploys: all,
    deploysOf: Map.groupBy(all, ({ id }) => formatSourceId(id)),
    watched,
  };
}
