import { type Clock, steadyNow } from '../clock.ts';
import { asLandfallError, LandfallError } from '../errors.ts';
import { abortable } from '../kernel/abortable.ts';
import { background } from '../kernel/background.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { startDeadline } from '../kernel/deadline.ts';
import { eachOf } from '../kernel/each-of.ts';
import type { Log } from '../log.ts';
import type { FoundCluster } from '../source/clusters/found-clusters.ts';
import type { DeployEntry } from '../source/deploy-entry.ts';

/** How long what was found is taken for what there is. */
const KEPT_MS = 5 * 60_000;
/** After a search that failed, or that is not believed yet. */
const AGAIN_MS = 60_000;
const SEARCHES_AT_ONCE = 4;
/** All searches of one look: whoever waits for it goes on then, and what has not been found is a fault. */
const LOOK_MS = 10_000;

interface Known {
  /** Undefined: no search has succeeded yet. */
  readonly clusters: readonly FoundCluster[] | undefined;
  /** Of these, those that the last search did not find: it is believed once another does not find them, either. */
  readonly missing: ReadonlySet<string>;
  /** No search has found the same as the one before it since this began: of what was there before some may not be found yet. */
  readonly isUnsure: boolean;
  /** Steady milliseconds of the next search. */
  readonly nextAt: number;
  /** Why the last search failed. */
  readonly fault: string | undefined;
}

interface KnownClustersDeps {
  /** @throws LandfallError */
  readonly find: (entry: DeployEntry, options: CallOptions) => Promise<readonly FoundCluster[]>;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a look may take, in milliseconds. */
  readonly lookMs?: number;
}

const idOf = ({ region, name }: FoundCluster): string => `${region}/${name}`;
const keyOf = ({ clusters, role, region }: DeployEntry): string => JSON.stringify([clusters, role, region]);
const UNKNOWN: Known = {
  clusters: undefined,
  missing: new Set(),
  isUnsure: true,
  nextAt: Number.NEGATIVE_INFINITY,
  fault: undefined,
};

const late = (lookMs: number): LandfallError =>
  new LandfallError(
    'DEPLOY_UNAVAILABLE',
    `clusters by tags: AWS has not answered within ${lookMs / 1000} s`,
    {
      hint: 'See that this machine reaches AWS, and who it is there.',
    },
  );

/** Whether a search found what the last one found. */
const isSame = (ids: ReadonlySet<string>, { clusters, missing }: Known): boolean =>
  clusters !== undefined &&
  clusters.length - missing.size === ids.size &&
  clusters.every((each) => missing.has(idOf(each)) !== ids.has(idOf(each)));

/**
 * Which clusters deploys by tags have: looked up now and then, and as they were for as long as they cannot be. One that is not
 * found stays until a second search does not find it, as lists of tags may be late;
 * for the same reason the first search alone says of none that it is gone.
 */
export class KnownClusters {
  readonly #deps: KnownClustersDeps;
  #known: ReadonlyMap<string, Known> = new Map();
  #entries: readonly DeployEntry[] = [];
  #renewing = false;

  constructor(deps: KnownClustersDeps) {
    this.#deps = deps;
  }

  /** Searches for those of these deploys whose time has come. Never throws but for its signal. */
  async look(entries: readonly DeployEntry[], options: CallOptions = {}): Promise<void> {
    this.#entries = entries;
    const wanted = new Map(
      entries.flatMap((entry) => (entry.clusters === undefined ? [] : [[keyOf(entry), entry] as const])),
    );
    const now = steadyNow(this.#deps.clock);
    const next = new Map<string, Known>();
    const { lookMs = LOOK_MS } = this.#deps;
    using deadline = startDeadline(lookMs, () => late(lookMs), options);
    await eachOf(wanted, { limit: SEARCHES_AT_ONCE, ...options }, async ([key, entry]) => {
      const before = this.#known.get(key) ?? UNKNOWN;
      const isDue = now >= before.nextAt;
      next.set(
        key,
        isDue ? await this.#search(entry, before, { ...options, until: deadline.signal }) : before,
      );
    });
    this.#known = next;
  }

  /** The same for those that were asked for last, while others go on. */
  renew(): void {
    const now = steadyNow(this.#deps.clock);
    if (this.#renewing || [...this.#known.values()].every(({ nextAt }) => now < nextAt)) return;
    this.#renewing = true;
    const looking = this.look(this.#entries).finally(() => {
      this.#renewing = false;
    });
    background('looking for clusters of deploys', looking, this.#deps.log);
  }

  /** Undefined: nobody knows yet. */
  of(entry: DeployEntry): readonly FoundCluster[] | undefined {
    return this.#known.get(keyOf(entry))?.clusters;
  }

  /** Why some cannot be looked up; undefined: all that was asked for is known. */
  fault(): string | undefined {
    return [...this.#known.values()].find(({ fault }) => fault !== undefined)?.fault;
  }

  /** Whether some have been looked up for the first time only: what is not among them may be late, and is not gone. */
  isUnsure(): boolean {
    return [...this.#known.values()].some((each) => each.isUnsure);
  }

  /** Changes with what is known. */
  stamp(): string {
    const all = [...this.#known].map(([key, { clusters, fault, isUnsure }]) => [
      key,
      clusters,
      fault,
      isUnsure,
    ]);
    return JSON.stringify(all.toSorted());
  }

  async #search(
    entry: DeployEntry,
    before: Known,
    { signal, until }: CallOptions & { readonly until: AbortSignal },
  ): Promise<Known> {
    const { clock, log, find } = this.#deps;
    try {
      const found = await abortable(find(entry, { signal: until }), until);
      const ids = new Set(found.map(idOf));
      const gone = (before.clusters ?? []).filter((each) => !ids.has(idOf(each)));
      const late = gone.filter((each) => !before.missing.has(idOf(each)));
      const clusters = [...found, ...late].toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
      this.#tell(entry, before, { clusters, gone: gone.filter((each) => !late.includes(each)) });
      const isUnsure = before.isUnsure && !isSame(ids, before);
      const nextAt = steadyNow(clock) + (isUnsure || late.length > 0 ? AGAIN_MS : KEPT_MS);
      return { clusters, missing: new Set(late.map(idOf)), isUnsure, nextAt, fault: undefined };
    } catch (error) {
      signal?.throwIfAborted();
      const { code, message, hint } = asLandfallError(error);
      const next = before.clusters === undefined ? hint : 'Those that were found before stay until it can.';
      if (before.fault !== message)
        log('error', 'clusters of a deploy cannot be looked up', {
          deploy: entry.name,
          code,
          error: message,
          next,
        });
      return { ...before, nextAt: steadyNow(clock) + AGAIN_MS, fault: message };
    }
  }

  #tell(
    { name: deploy }: DeployEntry,
    { clusters: before = [] }: Known,
    {
      clusters,
      gone,
    }: { readonly clusters: readonly FoundCluster[]; readonly gone: readonly FoundCluster[] },
  ): void {
    const known = new Set(before.map(idOf));
    const appeared = clusters.map(idOf).filter((id) => !known.has(id));
    if (appeared.length > 0)
      this.#deps.log('info', 'clusters were found for a deploy', { deploy, clusters: appeared.join(' ') });
    if (gone.length > 0)
      this.#deps.log('warn', 'clusters of a deploy have gone, or have its tags no more', {
        deploy,
        clusters: gone.map(idOf).join(' '),
      });
  }
}
