import type { Ledger } from '../../../shared/deploy/ledger/ledger.ts';
import { formatSourceId } from '../../../shared/model/ids.ts';
import type { Status } from '../../../shared/model/status.ts';
import { DEPLOYS_PREFIX, parseLedgerKey, parseStatusKey } from '../../../shared/store/layout.ts';
import type { Change, Generation, Invariant, Seen } from '../invariants/seen.ts';
import type { Act } from './target.ts';
import { truthOf } from './truth.ts';
import type { World } from './world.ts';

const LATELY_MS = 120_000;

/** Looks at the store, the bus, the targets, the wire and the log after each step. It writes nothing. */
export class Reader {
  readonly #world: World;
  readonly #truth: Seen['truth'];
  readonly #statuses = new Map<string, Status>();
  readonly #ledgers = new Map<string, Ledger>();
  readonly #generations: Generation[] = [];
  /** What ledgers had applied until a time, by key. */
  readonly #applied = new Map<string, { readonly generation: number; readonly until: number }[]>();
  #events = 0;
  #requests = 0;
  #lines = 0;
  #acts: Act[] = [];
  readonly #seenActs = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    this.#truth = truthOf(world);
  }

  get statuses(): ReadonlyMap<string, Status> {
    return this.#statuses;
  }

  ledger(deploy: string): Ledger | undefined {
    return [...this.#ledgers.values()].find((each) => each.deploy === deploy);
  }

  digestOf(source: string, generation: number): string | undefined {
    return this.#generations.find((each) => each.source === source && each.generation === generation)?.digest;
  }

  /** @returns what is wrong after this step */
  check(invariants: readonly Invariant[]): readonly string[] {
    const seen = this.look();
    return invariants.flatMap((invariant) => invariant(seen));
  }

  look(): Seen {
    const { objects, events, server, lines, scheduler } = this.#world;
    const at = scheduler.time.now();
    const touched = objects.take();
    const statusChanges: Change<Status>[] = [];
    const ledgerChanges: Change<Ledger>[] = [];
    for (const key of touched) {
      const source = parseStatusKey(key);
      if (source !== undefined)
        statusChanges.push(changed(formatSourceId(source), this.#statuses, objects.get(key)));
      else if (key.startsWith(DEPLOYS_PREFIX) && parseLedgerKey(key) !== undefined)
        ledgerChanges.push(changed(key, this.#ledgers, objects.get(key)));
    }
    this.#noteGenerations(statusChanges, at);
    this.#noteApplied(ledgerChanges, at);
    const seen: Seen = {
      at,
      objects,
      touched,
      statusChanges,
      ledgerChanges,
      statuses: this.#statuses,
      ledgers: this.#ledgers,
      generations: this.#generations,
      emittedBefore: this.#events === events.length ? events : events.slice(0, this.#events),
      emitted: events.slice(this.#events),
      requests: server.seen.slice(this.#requests),
      actsBefore: this.#acts,
      acts: this.#newActs(),
      standing: (deploy) => this.#world.targets.get(deploy)?.standing() ?? null,
      appliedLately: (key) => this.#appliedLately(key, at),
      lines: lines.slice(this.#lines),
      truth: this.#truth,
    };
    this.#events = events.length;
    this.#requests = server.seen.length;
    this.#lines = lines.length;
    if (seen.acts.length > 0) this.#acts = [...this.#acts, ...seen.acts];
    return seen;
  }

  #newActs(): readonly Act[] {
    const acts: Act[] = [];
    for (const [deploy, target] of this.#world.targets) {
      const from = this.#seenActs.get(deploy) ?? 0;
      if (target.acts.length === from) continue;
      acts.push(...target.acts.slice(from));
      this.#seenActs.set(deploy, target.acts.length);
    }
    return acts;
  }

  #noteGenerations(changes: readonly Change<Status>[], at: number): void {
    for (const { key, before, after } of changes)
      if (after?.current && after.generation !== before?.generation)
        this.#generations.push({
          source: key,
          generation: after.generation,
          digest: after.current.digest,
          at,
        });
  }

  #noteApplied(changes: readonly Change<Ledger>[], at: number): void {
    for (const { key, before } of changes) {
      if (before?.applied == null) continue;
      const lately = (this.#applied.get(key) ?? []).filter(({ until }) => at - until <= LATELY_MS);
      this.#applied.set(key, [...lately, { generation: before.applied.generation, until: at }]);
    }
  }

  #appliedLately(key: string, at: number): number {
    const lately = (this.#applied.get(key) ?? []).filter(({ until }) => at - until <= LATELY_MS);
    return Math.max(
      this.#ledgers.get(key)?.applied?.generation ?? 0,
      ...lately.map(({ generation }) => generation),
    );
  }
}

function changed<T>(key: string, known: Map<string, T>, bytes: Uint8Array | undefined): Change<T> {
  const before = known.get(key);
  // As anybody reads it: what the product makes of it is the product's word.
  const after: T | undefined =
    bytes && JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
  if (after === undefined) known.delete(key);
  else known.set(key, after);
  return { key, before, after };
}
