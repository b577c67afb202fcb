import { enqueueAll, poll } from '../../../functions/poll.ts';
import { reconcileTrigger } from '../../../functions/reconcile.ts';
import { reconcileReport, write } from '../../../functions/report.ts';
import { PruneDeploys } from '../../../local/deploys/prune-deploys.ts';
import { lookSoonMs } from '../../../shared/deploy/deploy-loop.ts';
import { subscribeDeploys } from '../../../shared/deploy/subscriptions.ts';
import { DEPLOY_LOOK_MS } from '../../../shared/limits.ts';
import { formatSourceId, type SourceId } from '../../../shared/model/ids.ts';
import { CoalescingQueue } from '../../../shared/trigger/coalescing-queue.ts';
import { heardReader } from '../../../shared/trigger/heard-reader.ts';
import type { TriggerQueue } from '../../../shared/trigger/queue.ts';
import { runScheduler } from '../../../shared/trigger/scheduler.ts';
import type { Life } from '../engine/scheduler.ts';
import { asOwner } from '../engine/virtual-time.ts';
import { SOURCES } from './documents.ts';
import { simulatedKinds } from './kinds.ts';
import type { Platform } from './platform.ts';
import type { World } from './world.ts';

const TICK_MS = 60_000;
/** Until whoever watches it starts it again. */
const RESTART_MS = 5_000;

interface Serving {
  readonly life: Life;
  readonly lookAtDeploys: () => Promise<void>;
  readonly queue: CoalescingQueue;
}

/** One process that does it all, as `landfall serve` puts it together, and is started again where it dies. */
export class Machine implements Platform {
  readonly isNear = true;
  readonly #world: World;
  #serving: Serving | undefined;
  #startAt: number;

  constructor(world: World) {
    this.#world = world;
    this.#startAt = world.scheduler.time.now();
  }

  begin(): void {
    if (this.#serving === undefined && this.#world.scheduler.time.now() >= this.#startAt) this.#start();
  }

  nextAt(): number {
    return this.#serving === undefined ? this.#startAt : Number.POSITIVE_INFINITY;
  }

  isIdle(): boolean {
    return this.#serving !== undefined;
  }

  queueFor({ gate }: Life): TriggerQueue {
    return {
      enqueue: (messages, options) =>
        gate(
          'queue',
          `enqueue ${messages.map((each) => `${each.trigger} ${formatSourceId(each)}`).join(', ')}`,
          // Where nobody serves, the start looks at all there is.
          () => this.#serving && this.#enqueue(this.#serving, messages),
          options?.signal,
        ),
    };
  }

  documentsChanged(): void {
    if (this.#serving === undefined) return;
    const { life, lookAtDeploys } = this.#serving;
    asOwner(life, () => void lookAtDeploys());
  }

  /** Nobody hears it: there is one process, which looks by itself. */
  wake(): void {}

  #enqueue({ life, queue }: Serving, messages: Parameters<TriggerQueue['enqueue']>[0]): Promise<void> {
    return asOwner(life, () => queue.enqueue(messages));
  }

  #start(): void {
    const { scheduler } = this.#world;
    const onDeath = (): void => {
      this.#serving = undefined;
      this.#startAt = scheduler.time.now() + RESTART_MS;
      this.#world.onEvent = () => undefined;
    };
    const { signal } = new AbortController();
    const life = scheduler.start('serve', (self) => this.#serve(self, signal), { onDeath });
    if (this.#serving === undefined) throw new Error(`${life.name} did not begin`);
  }

  async #serve(life: Life, signal: AbortSignal): Promise<void> {
    const world = this.#world;
    const { clock } = life;
    const reconciling = world.reconcileDeps(life, true);
    const sourceOf = (id: SourceId) => SOURCES.find((each) => formatSourceId(each) === formatSourceId(id));
    const deps = world.deployDeps(life, true);
    const entries = () => world.plan.entries();
    const kinds = simulatedKinds(world.targets, life);
    const subscriptions = subscribeDeploys({
      ...deps,
      origin: world.origin,
      kinds,
      signal,
      sources: () => SOURCES,
      deploys: entries,
      report: () => undefined,
    });
    const pruning = new PruneDeploys({
      ...deps,
      kinds,
      bucket: world.origin.bucket,
      entries,
      signal,
      log: world.log,
      lookMs: lookSoonMs,
    });
    // What others have it do is its own work, and ends with it.
    world.onEvent = (event) => asOwner(life, () => subscriptions.accept(event));
    const queue = new CoalescingQueue(
      (message, ended, signs) =>
        reconcileTrigger(
          message,
          {
            ...reconciling,
            registry: heardReader(reconciling.registry, signs),
            sourceOf,
            onReconciled: (_, asked, outcome) =>
              write(reconcileReport(asked, outcome), { log: world.log, count: world.count }),
          },
          ended,
        ),
      { clock, concurrency: 4, hostOf: (id) => sourceOf(id)?.repository.registry },
    );
    const lookAtDeploys = async (): Promise<void> => {
      await pruning.enqueueAll().catch(() => undefined);
      await subscriptions.enqueueAll({ isNews: true }).catch(() => undefined);
    };
    this.#serving = { life, queue, lookAtDeploys };
    await lookAtDeploys();
    await enqueueAll({ sources: SOURCES, queue });
    const byTime = async (): Promise<void> => {
      while (!signal.aborted) {
        await clock.sleep(DEPLOY_LOOK_MS, signal).catch(() => undefined);
        // Documents that were changed are read again about as often.
        await pruning.enqueueAll().catch(() => undefined);
        await subscriptions.enqueueAll({ isNews: false }).catch(() => undefined);
      }
    };
    await Promise.all([
      runScheduler(
        { tickMs: TICK_MS },
        { clock, signal, poll: (window) => poll(window, { sources: SOURCES, queue, signal }) },
      ),
      byTime(),
    ]);
  }
}
