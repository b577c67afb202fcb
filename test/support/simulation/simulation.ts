import { deploy } from '../../../shared/deploy/deploy.ts';
import { readLedger } from '../../../shared/deploy/ledger/ledger.ts';
import type { DeployDeps } from '../../../shared/deploy/visit/deploy-request.ts';
import type { BoundDeployer } from '../../../shared/deploy/visit/visit.ts';
import type { Trigger } from '../../../shared/model/detail-type.ts';
import type { EventEnvelope } from '../../../shared/model/envelope.ts';
import type { Status } from '../../../shared/model/status.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { reconcile } from '../../../shared/reconcile/reconcile.ts';
import { resume, suspend } from '../../../shared/reconcile/suspend.ts';
import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';
import { artifactPrefix } from '../../../shared/store/layout.ts';
import { openMemoryStore } from '../../../shared/store/memory/memory-store.ts';
import { readStatus } from '../../../shared/store/status-store.ts';
import { MemoryRegistry } from '../servers/memory-registry.ts';
import {
  EVENT_ORIGIN,
  type Files,
  ID,
  imageOf,
  ManualClock,
  pushImage,
  sourceOf,
} from '../stores/memory-sources.ts';
import { isChanged, Observer } from './simulation-observer.ts';
import { type Gate, gateBus, gateRegistry, gateStore } from './simulation-ports.ts';

export const DEPLOY: DeployEntry = {
  name: 'app',
  kind: 'command',
  source: 'web/*',
  settings: { command: ['true'] },
  timeoutMs: 60_000,
};

export interface Head {
  readonly digest: Digest;
  /** Whether it can be landed. */
  readonly isGood: boolean;
}

/** A registry, a store and a bus that outlive the processes that work on them; and what watches from outside. */
export class Simulation {
  readonly registry = new MemoryRegistry();
  readonly clock = new ManualClock();
  readonly observer: Observer;
  /** Every revision pushed, oldest first; the last is what the tag points at. */
  readonly pushed: Head[] = [];
  /** Generations in the order their deployer ran to its end. */
  readonly applied: number[] = [];
  /** Events the deploy has not answered for, as a queue would hold them. */
  readonly undelivered: EventEnvelope[] = [];

  readonly #otherFiles: Files;

  /** @param otherFiles are in every revision: more of them, more calls */
  constructor(otherFiles: Files = { 'same.txt': 'same' }) {
    this.#otherFiles = otherFiles;
    this.observer = new Observer(openMemoryStore(this.clock), (event) => {
      if (isChanged(event)) this.undelivered.push(event);
    });
  }

  push(isGood = true): void {
    const number = String(this.pushed.length);
    const files = { 'a.txt': number, ...this.#otherFiles, ...(!isGood && { '../out': number }) };
    this.pushed.push({ digest: pushImage(this.registry, 'latest', imageOf(files)), isGood });
  }

  /** One reconcile of the source, by a process whose calls all go through `gate`. */
  async look(gate: Gate, trigger: Trigger = 'schedule'): Promise<void> {
    this.clock.advance(1_000);
    const { clock, observer } = this;
    const deps = {
      registry: gateRegistry(this.registry, gate),
      store: gateStore(observer.store, gate),
      bus: gateBus(observer, gate),
      clock,
      origin: EVENT_ORIGIN,
      sourceOf: () => undefined,
    };
    try {
      await reconcile({ source: sourceOf(), trigger }, deps);
    } catch {
      // A store that cannot be read: the queue brings the trigger back.
    }
  }

  /** Delivers one event to the deploy. Unless it answers, the event stays where it was. */
  async deliver(gate: Gate, event: EventEnvelope): Promise<void> {
    const signal = new AbortController().signal;
    try {
      const outcome = await deploy(
        { deploy: DEPLOY, deployer: this.#deployer(gate), event, signal },
        this.#deployDeps(gate),
      );
      // Killed workers of the same process look alive: what ends their claim is time.
      if (outcome.outcome === 'busy') return this.clock.advance(outcome.waitMs);
      if (outcome.outcome === 'failed' && outcome.error.kind === 'transient') return;
    } catch {
      return;
    }
    const at = this.undelivered.indexOf(event);
    if (at >= 0) this.undelivered.splice(at, 1);
  }

  /** What a minute on one machine is: a reconcile, then the deploys it led to. */
  async tick(gate: Gate): Promise<void> {
    await this.look(gate);
    for (const event of [...this.undelivered]) await this.deliver(gate, event);
  }

  /** A person stops the source. Where the store fails, they see it and leave it at that. */
  async suspend(gate: Gate): Promise<void> {
    const { objects } = gateStore(this.observer.store, gate);
    await suspend(ID, { objects, clock: this.clock }).catch(() => {});
  }

  async resume(gate: Gate): Promise<void> {
    await resume(ID, { objects: gateStore(this.observer.store, gate).objects, clock: this.clock }).catch(
      () => {},
    );
  }

  async status(): Promise<Status | undefined> {
    return (await readStatus(this.observer.objects, ID))?.status;
  }

  async ledger() {
    return (await readLedger(this.observer.objects, DEPLOY.name, ID)).ledger;
  }

  #deployer(gate: Gate): BoundDeployer {
    return {
      isLong: false,
      plan: async () => ({ changes: [], summary: '' }),
      step: async ({ revision }) => {
        await gate('deployer', `apply ${revision.generation}`, () => {
          this.applied.push(revision.generation);
        });
        return { state: 'succeeded' };
      },
    };
  }

  #deployDeps(gate: Gate): DeployDeps {
    const { observer, clock } = this;
    return {
      store: gateStore(observer.store, gate),
      bus: gateBus(observer, gate),
      clock,
      origin: EVENT_ORIGIN,
      locationOf: (id) => ({ in: 'directory', directory: artifactPrefix(id) }),
    };
  }
}
