import { deploy } from '../../shared/deploy/deploy.ts';
import { kindsOf } from '../../shared/deploy/kinds/deploy-kinds.ts';
import { decideDeploy } from '../../shared/deploy/ledger/decide.ts';
import { type Ledger, newLedger, parseLedger, readLedger } from '../../shared/deploy/ledger/ledger.ts';
import { type PruneOutcome, pruneDeploy } from '../../shared/deploy/prune.ts';
import { requestReplay } from '../../shared/deploy/replay.ts';
import type { DeployDeps, DeployOutcome } from '../../shared/deploy/visit/deploy-request.ts';
import { deployerOf } from '../../shared/deploy/visit/deployer.ts';
import { VISIT_MS } from '../../shared/limits.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { windowState } from '../../shared/source/deploy-window.ts';
import { parseLedgerKey } from '../../shared/store/layout.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import { type DeployWorld, entryOf, openDeployWorld } from '../deploy/deploy-world.ts';
import { DeployTarget, type Fate, targetKind } from './deploy-target.ts';
import { ID } from './memory-sources.ts';
import { faultOf } from './simulation-faults.ts';
import { type Gate, gateBus, gateStore, type PortName } from './simulation-ports.ts';
import type { Random } from './simulation-random.ts';

export const INTERVAL_MS = 5 * 60_000;

const common = { kind: 'simulated', settings: {}, timeoutMs: 30 * 60_000, prune: true };

/** `app` waits for people and time, `next` for `data`, which is brought back; all may go, and come back. */
export const ENTRIES: readonly DeployEntry[] = [
  entryOf({ ...common, name: 'data', intervalMs: INTERVAL_MS, drift: 'correct' }),
  entryOf({
    ...common,
    name: 'app',
    approval: 'required',
    windows: [{ is: 'deny', cron: '0 * * * *', timeZone: 'UTC', forMs: 20 * 60_000 }],
    rollback: 'onFailure',
  }),
  entryOf({ ...common, name: 'next', dependsOn: ['data'], tries: 3 }),
];

/** A bug that is planted: what it makes of what the engine sees. */
export interface Mutant {
  readonly entry?: (entry: DeployEntry) => DeployEntry;
  readonly read?: (ledger: Ledger) => Ledger;
  readonly prunesWanted?: true;
}

/** Several deploys of one source, the targets they change, and what watches from outside. */
export class DeploySimulation {
  readonly world: DeployWorld = openDeployWorld();
  readonly events: EventEnvelope[] = [];
  readonly targets = new Map<string, DeployTarget>();
  readonly violations: string[] = [];
  /** Deploys that are in no document, since when. */
  readonly absent = new Map<string, number>();
  /** How the next work at any target ends. */
  fate: () => Fate = () => 'succeeds';
  readonly #random: Random;
  readonly #mutant: Mutant;
  #revisions = 0;
  #back = new Map<string, number>();

  constructor(random: Random, mutant: Mutant = {}) {
    this.#random = random;
    this.#mutant = mutant;
    const { clock } = this.world;
    for (const { name } of ENTRIES) {
      const next = () => ({ fate: this.fate(), takesMs: random.pick([0, 3_000, 40_000, 200_000]) });
      this.targets.set(name, new DeployTarget(() => clock.now(), next));
    }
  }

  async push(): Promise<void> {
    this.#revisions += 1;
    this.events.push(await this.world.land({ 'a.txt': String(this.#revisions) }));
  }

  /** One visit by a process of its own, which is cut off after a minute as a function is. */
  async visit(gate: Gate, name: string, event: EventEnvelope): Promise<DeployOutcome | PruneOutcome> {
    const entry = ENTRIES.find((each) => each.name === name) ?? entryOf();
    const { deps, kinds } = this.#depsOf(this.#bounded(gate), name);
    const { signal } = new AbortController();
    const isPruned =
      this.absent.has(name) || (this.#mutant.prunesWanted === true && this.#random.chance(0.2));
    if (isPruned)
      return pruneDeploy({ ...ID, deploy: name }, { ...deps, kinds, bucket: '/store' }, { signal });
    const seen = this.#mutant.entry?.(entry) ?? entry;
    return deploy({ deploy: seen, deployer: deployerOf(kinds, entry), event, signal }, deps);
  }

  /** A person decides of what is current. */
  async decide(gate: Gate, name: string, decision: 'approved' | 'rejected' | 'skipped'): Promise<void> {
    const { deps } = this.#depsOf(gate, name);
    const { current } = await this.world.status();
    const revision = current?.digest;
    const request = { ...ID, deploy: name, decision, revision, by: 'ada', reason: null };
    await decideDeploy(request, deps).catch(() => undefined);
  }

  async replay(gate: Gate, name: string): Promise<void> {
    const { deps } = this.#depsOf(gate, name);
    const store = gateStore(this.world.store, gate);
    const token = String(this.#random.next());
    const origin = { ...deps.origin, bucket: '/store' };
    await requestReplay({ ...ID, deploy: name, token }, { ...deps, store, origin }).catch(() => undefined);
  }

  /** A deploy goes from the documents, or comes back. */
  toggle(name: string): void {
    const { clock } = this.world;
    if (!this.absent.has(name)) this.absent.set(name, clock.now());
    else if (this.absent.delete(name)) this.#back.set(name, clock.now());
  }

  async ledger(name: string): Promise<Ledger> {
    return (await readLedger(this.world.store.objects, name, ID)).ledger;
  }

  get found(): readonly string[] {
    return [...this.violations, ...[...this.targets.values()].flatMap(({ violations }) => violations)];
  }

  /** What an invocation's deadline is: nothing that its process asks later has an effect. */
  #bounded(gate: Gate): Gate {
    const { clock } = this.world;
    const until = clock.now() + VISIT_MS;
    const ask = (port: PortName, call: string): void => {
      if (clock.now() > until) throw faultOf(port, call);
    };
    return async (port, call, effect) => {
      ask(port, call);
      return gate(port, call, () => {
        ask(port, call);
        return effect();
      });
    };
  }

  #depsOf(gate: Gate, name: string) {
    const { world } = this;
    const target = this.targets.get(name);
    if (target === undefined) throw new Error(`no target of ${name}`);
    const store = gateStore({ ...world.store, objects: this.#watched(world.store.objects) }, gate);
    const deps: DeployDeps = { ...world.deps, store, bus: gateBus(world.bus, gate) };
    return { deps, kinds: kindsOf([targetKind(target, gate)]) };
  }

  #watched(objects: ObjectStore): ObjectStore {
    const { read = (ledger: Ledger) => ledger } = this.#mutant;
    return {
      ...objects,
      get: async (key, options) => {
        const stored = await objects.get(key, options);
        if (stored === undefined || parseLedgerKey(key) === undefined) return stored;
        return { ...stored, bytes: Buffer.from(JSON.stringify(read(parseLedger(key, stored.bytes)))) };
      },
      replace: async (key, bytes, version, options) => {
        const id = parseLedgerKey(key);
        const before = id && (await objects.get(key));
        const written = await objects.replace(key, bytes, version, options);
        if (id !== undefined)
          await this.#check(
            before === undefined ? newLedger(id) : parseLedger(key, before.bytes),
            parseLedger(key, bytes),
          );
        return written;
      },
    };
  }

  /** What is written as a visit begins: nobody else is at it, and nothing keeps it. */
  async #check(before: Ledger, { claim, run, deploy: name }: Ledger): Promise<void> {
    const now = this.world.clock.now();
    if (claim === null || run === null || JSON.stringify(claim) === JSON.stringify(before.claim)) return;
    if (before.claim !== null && Date.parse(before.claim.until) > now)
      this.violations.push(`I13: ${name} is claimed while it is claimed`);
    // A process knows the documents as they were when it began.
    const wasAbsent = this.absent.has(name) || now - (this.#back.get(name) ?? 0) <= VISIT_MS;
    if (run.phase === 'removing' && !wasAbsent)
      this.violations.push(`I15: ${name} is removed, and is in a document`);
    if (run.phase !== 'step') return;
    const kept = await this.#keptBy(before, run, now);
    if (kept !== undefined) this.violations.push(`I14: ${name} runs, and waits for ${kept}`);
  }

  async #keptBy(
    { deploy: name, decision, skipped }: Ledger,
    { digest, generation }: NonNullable<Ledger['run']>,
    now: number,
  ): Promise<string | undefined> {
    const entry = ENTRIES.find((each) => each.name === name);
    const { approval, dependsOn = [], windows = [] } = entry ?? {};
    if (skipped.some((each) => each.digest === digest)) return 'something newer';
    if (approval === 'required' && (decision?.digest !== digest || decision.decision !== 'approved'))
      return 'an approval';
    for (const other of dependsOn)
      if (((await this.ledger(other)).applied?.generation ?? 0) < generation) return other;
    const isOpen = [now, now - VISIT_MS].some((at) => windowState(windows, at).isOpen);
    return isOpen ? undefined : 'a window';
  }
}
