import type { Clock } from '../../shared/clock.ts';
import { type DeployState, deployState } from '../../shared/deploy/deploy-state.ts';
import { type LedgerId, readLedger } from '../../shared/deploy/ledger/ledger.ts';
import { isForSource } from '../../shared/deploy/wanted.ts';
import { eachOf } from '../../shared/kernel/each-of.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';

/** Ledgers that are read at the same time. */
const READS = 16;

/** How a deploy is with one source. */
export interface DeployStanding {
  readonly id: LedgerId;
  readonly kind: string;
  readonly state: DeployState['state'];
  /** Milliseconds since the epoch; undefined where the ledger does not say. */
  readonly since: number | undefined;
  /** That it has applied; 0: none. */
  readonly generation: number;
}

export interface DeployBoardDeps {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const keyOf = ({ deploy, ...id }: LedgerId): string => `${deploy} ${formatSourceId(id)}`;

/** How every deploy is, kept in memory beside the ledgers. */
export class DeployBoard {
  readonly #deps: DeployBoardDeps;
  readonly #standing = new Map<string, DeployStanding>();

  constructor(deps: DeployBoardDeps) {
    this.#deps = deps;
  }

  /** Reads its ledger; one that cannot be read stays as it was known, and is told by the deploy's own look. */
  async learn(
    { namespace, name }: SourceId,
    { name: deploy, kind }: Pick<DeployEntry, 'name' | 'kind'>,
  ): Promise<void> {
    const { objects, clock, signal } = this.#deps;
    const id = { deploy, namespace, name };
    const stored = await readLedger(objects, deploy, id, { signal }).catch(() => undefined);
    if (stored === undefined) return;
    const { state, since } = deployState(stored.ledger, clock);
    this.#standing.set(keyOf(id), {
      id,
      kind,
      state,
      since: since === null ? undefined : Date.parse(since),
      generation: stored.ledger.applied?.generation ?? 0,
    });
  }

  /** Reads the ledgers of all there are, and forgets all others. */
  async learnAll(entries: readonly DeployEntry[], sources: readonly SourceId[]): Promise<void> {
    const pairs = entries.flatMap((entry) =>
      sources.filter((id) => isForSource(entry, id)).map((id) => ({ entry, id })),
    );
    const kept = new Set(pairs.map(({ entry, id }) => keyOf({ ...id, deploy: entry.name })));
    for (const key of this.#standing.keys()) if (!kept.has(key)) this.#standing.delete(key);
    const { signal } = this.#deps;
    await eachOf(pairs, { limit: READS, signal }, ({ entry, id }) => this.learn(id, entry));
  }

  standing(): Iterable<DeployStanding> {
    return this.#standing.values();
  }
}
