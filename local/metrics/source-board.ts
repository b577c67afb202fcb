import { type Clock, steadyNow } from '../../shared/clock.ts';
import { eachOf } from '../../shared/kernel/each-of.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { Status } from '../../shared/model/status.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import { readStatus } from '../../shared/store/status-store.ts';
import type { Watched } from '../readiness.ts';

/** Sources whose status is read at the same time. */
const READS = 16;

export const CONDITIONS = ['Ready', 'Failing', 'Stalled', 'Suspended', 'Unknown'] as const;

/** How a source is. `Failing` is tried again by itself; `Stalled` waits for a change; `Unknown` was never looked at. */
type SourceCondition = (typeof CONDITIONS)[number];

/** What is known of a source without reading anything. Times are milliseconds since the epoch. */
export interface BoardSource {
  readonly condition: SourceCondition;
  /** By this process. */
  readonly lookedAt: number | undefined;
  readonly generation: number;
  readonly revision: string | undefined;
  readonly landedAt: number | undefined;
  /** Bytes of what is current. */
  readonly size: number;
  /** Events that the bus has not taken. */
  readonly unsent: number;
  readonly failure: { readonly code: string; readonly since: number } | undefined;
}

type Known = Omit<BoardSource, 'lookedAt'>;

const UNKNOWN: Known = {
  condition: 'Unknown',
  generation: 0,
  revision: undefined,
  landedAt: undefined,
  size: 0,
  unsent: 0,
  failure: undefined,
};

function conditionOf({ conditions, suspended }: Status): SourceCondition {
  if (suspended !== null) return 'Suspended';
  const is = (type: string, status: string): boolean =>
    conditions.some((each) => each.type === type && each.status === status);
  if (is('Stalled', 'True')) return 'Stalled';
  if (is('Ready', 'True')) return 'Ready';
  return is('Ready', 'False') ? 'Failing' : 'Unknown';
}

const knownOf = (status: Status): Known => ({
  condition: conditionOf(status),
  generation: status.generation,
  revision: status.current?.revision,
  landedAt: status.current === null ? undefined : Date.parse(status.current.committedAt),
  size: status.current?.size ?? 0,
  unsent: status.outbox.length,
  failure:
    status.failure === null
      ? undefined
      : { code: status.failure.code, since: Date.parse(status.failure.since) },
});

export interface SourceBoardDeps {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How every source is, kept in memory beside the store, so that being asked costs no read. */
export class SourceBoard {
  readonly #deps: SourceBoardDeps;
  readonly #known = new Map<string, Known>();
  readonly #looked = new Map<string, { readonly at: number; readonly steady: number }>();
  readonly #began: number;

  constructor(deps: SourceBoardDeps) {
    this.#deps = deps;
    this.#began = steadyNow(deps.clock);
  }

  /** It was looked at now. Reads what that came to. */
  async looked(id: SourceId): Promise<void> {
    const { clock } = this.#deps;
    this.#looked.set(formatSourceId(id), { at: clock.now(), steady: steadyNow(clock) });
    await this.learn([id]);
  }

  /** Reads their statuses; what cannot be read stays as it was known, and is told by its reconcile. */
  async learn(ids: readonly SourceId[]): Promise<void> {
    const { objects, signal } = this.#deps;
    await eachOf(ids, { limit: READS, signal }, async (id) => {
      const stored = await readStatus(objects, id, { signal }).catch(() => undefined);
      if (stored !== undefined) this.#known.set(formatSourceId(id), knownOf(stored.status));
    });
  }

  standingOf(source: Watched): BoardSource {
    const id = formatSourceId(source);
    const known = this.#known.get(id) ?? UNKNOWN;
    const condition = source.suspend === true ? 'Suspended' : known.condition;
    return { ...known, condition, lookedAt: this.#looked.get(id)?.at };
  }

  /** Milliseconds since it was last looked at; where it was not, since the board was begun. */
  unseenMs(source: SourceId): number {
    const since = this.#looked.get(formatSourceId(source))?.steady ?? this.#began;
    return steadyNow(this.#deps.clock) - since;
  }

  /** Forgets all others. */
  keep(ids: readonly SourceId[]): void {
    const kept = new Set(ids.map(formatSourceId));
    for (const map of [this.#known, this.#looked])
      for (const id of map.keys()) if (!kept.has(id)) map.delete(id);
  }
}
