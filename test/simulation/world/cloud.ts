import { type DeployBatchDeps, deployBatch } from '../../../functions/lambda/deploys/deploy-batch.ts';
import { deployLooks, isForAll } from '../../../functions/lambda/deploys/deploy-looks.ts';
import {
  formatDueMessage,
  formatWokenMessage,
  GONE,
  isOfGone,
  messageFor,
} from '../../../functions/lambda/deploys/deploy-message.ts';
import { goneDeploys, isInDocuments } from '../../../functions/lambda/deploys/deploys-to-prune.ts';
import { pruneGone } from '../../../functions/lambda/deploys/prune-visit.ts';
import { type InvocationDeadline, invocationDeadline } from '../../../functions/lambda/invocation.ts';
import { TRIES } from '../../../functions/lambda/work/failed-work.ts';
import { reconcileBatch } from '../../../functions/lambda/work/reconcile-batch.ts';
import { poll } from '../../../functions/poll.ts';
import type { QueueRecord } from '../../../functions/queue-work.ts';
import { EMPTY_COMPILED } from '../../../shared/aws/configuration/compiled.ts';
import { openCompiled } from '../../../shared/aws/configuration/configuration-in-force.ts';
import { formatMessage } from '../../../shared/aws/messages/sqs-queue.ts';
import { deploy } from '../../../shared/deploy/deploy.ts';
import type { LedgerId } from '../../../shared/deploy/ledger/ledger.ts';
import { wakingEvent } from '../../../shared/deploy/visit/current-event.ts';
import { deployerOf } from '../../../shared/deploy/visit/deployer.ts';
import { isForSource } from '../../../shared/deploy/wanted.ts';
import { formatSourceId } from '../../../shared/model/ids.ts';
import { readStatus } from '../../../shared/store/status-store.ts';
import type { TriggerQueue } from '../../../shared/trigger/queue.ts';
import type { Life } from '../engine/scheduler.ts';
import { answer, CHANGED, isPruned, Leases, received, SCHEDULED } from './cloud-ports.ts';
import { ENTRIES, SOURCES } from './documents.ts';
import { simulatedKinds } from './kinds.ts';
import type { Platform } from './platform.ts';
import { SimulatedQueue } from './simulated-queue.ts';
import type { World } from './world.ts';

/** What one invocation has. */
const ALLOWED_MS = 300_000;
/** How long a message is hidden: some longer than any invocation, some less, as where somebody set it wrongly. */
const HIDDEN_MS = [ALLOWED_MS * 6, ALLOWED_MS * 6, ALLOWED_MS, 30_000] as const;
const TICK_MS = 60_000;
const DEPLOYS_MS = 5 * 60_000;
const MOST_INVOCATIONS = 3;

/** Functions, queues and rules as `infra/` has them on AWS. */
export class Cloud implements Platform {
  readonly isNear = false;
  readonly #world: World;
  readonly #triggers: SimulatedQueue;
  readonly #deploys: SimulatedQueue;
  readonly #inForce: ReturnType<typeof openCompiled>;
  readonly #leases: Leases;
  #polledTo: number;
  #deploysAt: number;

  constructor(world: World) {
    this.#world = world;
    const { random, scheduler } = world;
    const now = (): number => scheduler.time.now();
    this.#triggers = new SimulatedQueue('triggers', { now, random, tries: TRIES });
    this.#deploys = new SimulatedQueue('deploys', { now, random, tries: 20 });
    this.#polledTo = now();
    this.#deploysAt = now();
    this.#leases = new Leases({ now, isKept: random.chance(0.5) && !world.isStalling, lastsMs: ALLOWED_MS });
    const file = { sources: SOURCES, credentials: [], receivers: [], deploys: [], notify: [] };
    this.#inForce = openCompiled({ ...EMPTY_COMPILED, files: { all: file } });
    world.onEvent = (event) => this.#deploys.send(JSON.stringify(event), { unruly: world.isRough });
  }

  webhooks(): TriggerQueue {
    const life = this.#world.scheduler.start('webhook', async () => undefined);
    return this.#triggerQueue(life);
  }

  queueFor(life: Life): TriggerQueue {
    return this.#triggerQueue(life);
  }

  documentsChanged(): void {
    this.#deploys.send(CHANGED, { unruly: this.#world.isRough });
  }

  wake(deploy: string): void {
    const [namespace = '', name = ''] = ENTRIES.find((each) => each.name === deploy)?.source.split('/') ?? [];
    const body = formatWokenMessage({ deploy, namespace, name });
    this.#deploys.send(body, { unruly: this.#world.isRough });
  }

  /** Begins what is due: the schedule's ticks, and invocations of what can be received. */
  begin(): void {
    const { scheduler, isRough, random } = this.#world;
    const now = scheduler.time.now();
    if (now - this.#polledTo >= TICK_MS && scheduler.alive('poll') === 0) this.#poll(now);
    if (now - this.#deploysAt >= DEPLOYS_MS) {
      this.#deploysAt = now;
      this.#deploys.send(SCHEDULED, { unruly: isRough });
    }
    const isOpen = (kind: string): boolean =>
      scheduler.alive(kind) < MOST_INVOCATIONS && (!isRough || random.chance(0.5));
    if ((this.#triggers.nextAt() ?? Number.POSITIVE_INFINITY) <= now && isOpen('reconcile'))
      this.#reconcile();
    if ((this.#deploys.nextAt() ?? Number.POSITIVE_INFINITY) <= now && isOpen('deploy')) this.#deploy();
  }

  /** When something is due that no timer tells of. */
  nextAt(): number {
    const next = [this.#triggers.nextAt(), this.#deploys.nextAt()].map(
      (at) => at ?? Number.POSITIVE_INFINITY,
    );
    return Math.min(this.#polledTo + TICK_MS, this.#deploysAt + DEPLOYS_MS, ...next);
  }

  isIdle(): boolean {
    const now = this.#world.scheduler.time.now();
    return [this.#triggers, this.#deploys].every(
      (queue) => (queue.nextAt() ?? Number.POSITIVE_INFINITY) > now,
    );
  }

  #poll(now: number): void {
    const { scheduler } = this.#world;
    const window = { fromMs: this.#polledTo, toMs: now };
    this.#invoke('poll', async (life, { signal }) => {
      await poll(window, { sources: SOURCES, queue: this.#triggerQueue(life), signal });
      this.#polledTo = Math.max(this.#polledTo, window.toMs);
    });
    // A tick that is lost is repeated by the next, whose window is longer.
    if (scheduler.alive('poll') === 0) this.#polledTo = now;
  }

  #invoke(kind: string, work: (life: Life, deadline: InvocationDeadline) => Promise<void>): void {
    const { scheduler } = this.#world;
    const end = scheduler.time.now() + ALLOWED_MS;
    const life = scheduler.start(kind, async (self) => {
      using deadline = invocationDeadline({ getRemainingTimeInMillis: () => end - scheduler.time.now() });
      await work(self, deadline);
    });
    scheduler.time.set(() => scheduler.kill(life, 'its time is over'), ALLOWED_MS);
  }

  #triggerQueue({ gate }: Life): TriggerQueue {
    const { isRough } = this.#world;
    return {
      enqueue: (messages, options) =>
        gate(
          'queue',
          `enqueue ${messages.map((each) => `${each.trigger} ${formatSourceId(each)}`).join(', ')}`,
          () => {
            for (const message of messages)
              this.#triggers.send(formatMessage({ kind: 'reconcile', message }), {
                group: formatSourceId(message),
                unruly: isRough,
              });
          },
          options?.signal,
        ),
    };
  }

  #reconcile(): void {
    const { world, records } = { world: this.#world, records: this.#receive(this.#triggers) };
    if (records.length === 0) return;
    this.#invoke('reconcile', async (life, { signal, lastSignal, allowedMs }) => {
      const configuration = async () => this.#inForce;
      const queue = { ...this.#triggerQueue(life), ...received(this.#triggers, life) } as never;
      const deps = {
        ...world.reconcileDeps(life, false),
        configuration,
        queue,
        lastSignal,
        allowedMs,
        refresh: async () => ({ problems: [] }),
        cache: undefined as never,
        log: world.log,
        metrics: { add: world.count },
        waits: life.clock,
      };
      await answer(this.#triggers, records, await reconcileBatch(records, deps, signal), life);
    });
  }

  #deploy(): void {
    const records = this.#receive(this.#deploys);
    if (records.length === 0) return;
    this.#invoke('deploy', async (life, deadline) => {
      const failed: string[] = [];
      for (const record of records) failed.push(...(await this.#takeOne(record, life, deadline)));
      await answer(this.#deploys, records, failed, life);
    });
  }

  #receive(queue: SimulatedQueue): readonly QueueRecord[] {
    const { random, isRough } = this.#world;
    return queue.receive(random.pick([1, 1, 2, 4]), isRough ? random.pick(HIDDEN_MS) : HIDDEN_MS[0]);
  }

  /** As the function of deploys with roles does: one deploy a message, and what is for many has each look. */
  async #takeOne(record: QueueRecord, life: Life, deadline: InvocationDeadline): Promise<readonly string[]> {
    const { plan } = this.#world;
    const id = messageFor(record.body);
    if (id === undefined) {
      for (const [body, delayMs] of await this.#looksOf(record.body, life, deadline.signal))
        await this.#send(body, delayMs, life, deadline.signal);
      return [];
    }
    const entry = plan.entries().find((each) => isInDocuments(id, [each]));
    if (isOfGone(record.body)) return entry === undefined ? this.#prune(record, id, life, deadline) : [];
    return entry === undefined
      ? []
      : deployBatch([record], this.#batchDeps(id, life, deadline), deadline.signal);
  }

  async #looksOf(
    body: string,
    life: Life,
    signal: AbortSignal,
  ): Promise<readonly (readonly [string, number])[]> {
    const { plan, world } = { plan: this.#world.plan, world: this.#world };
    const deploys = plan.entries();
    const looks = deployLooks(body, { deploys, sources: SOURCES }).map(
      (id) => [formatDueMessage('look', id), 0] as const,
    );
    if (!isForAll(body)) return looks;
    const { objects } = world.store(life, false);
    const gone = await goneDeploys({ objects, deploys, isPruned, clock: life.clock, signal });
    return [...looks, ...gone.map((id) => [formatDueMessage(GONE, id), 0] as const)];
  }

  #send(body: string, delayMs: number, { gate }: Life, signal?: AbortSignal): Promise<void> {
    const { isRough } = this.#world;
    return gate('queue', 'send a look', () => this.#deploys.send(body, { delayMs, unruly: isRough }), signal);
  }

  #shared(id: LedgerId, life: Life, { lastSignal }: InvocationDeadline) {
    const { world } = { world: this.#world };
    return {
      lastSignal,
      log: world.log,
      metrics: { add: world.count },
      returnAfter: received(this.#deploys, life).returnAfter,
      lookAgain: (
        runId: string,
        milliseconds: number,
        { signal }: { readonly signal?: AbortSignal | undefined },
      ) => this.#send(formatDueMessage(runId, id), milliseconds, life, signal),
      lease: () => this.#leases.take(id, life),
    };
  }

  #engine(life: Life) {
    const { plan } = this.#world;
    const isFor = (name: string, source: { readonly namespace: string; readonly name: string }): boolean =>
      plan.entries().some((each) => each.name === name && isForSource(each, source));
    return { ...this.#world.deployDeps(life, false), isFor };
  }

  #prune(
    record: QueueRecord,
    id: LedgerId,
    life: Life,
    deadline: InvocationDeadline,
  ): Promise<readonly string[]> {
    const kind = simulatedKinds(this.#world.targets, life)['simulated'];
    if (kind === undefined) return Promise.resolve([]);
    const deps = {
      ...this.#shared(id, life, deadline),
      engine: this.#engine(life),
      bucket: this.#world.origin.bucket,
      isPruned,
      isWanted: async () => this.#world.plan.entries().some((each) => isInDocuments(id, [each])),
      kinds: { simulated: () => kind },
    };
    return pruneGone(record, id, deps, deadline.signal);
  }

  #batchDeps(id: LedgerId, life: Life, deadline: InvocationDeadline): DeployBatchDeps {
    const { plan, targets } = this.#world;
    const { namespace, name } = id;
    const { bucket } = this.#world.origin;
    const engine = this.#engine(life);
    return {
      ...this.#shared(id, life, deadline),
      source: { namespace, name },
      currentEvent: async (options) => {
        const status = (await readStatus(engine.store.objects, { namespace, name }, options))?.status;
        const about = { ...engine.origin, bucket, trigger: 'schedule' } as const;
        return status && wakingEvent(status, about, engine.store, options);
      },
      apply: async (event, _, signal, { onlyDue }) => {
        const entry = plan.entries().find((each) => isInDocuments(id, [each]));
        if (entry === undefined) return { outcome: 'not-wanted' };
        const deployer = deployerOf(simulatedKinds(targets, life), entry);
        return deploy({ deploy: entry, deployer, event, signal, onlyDue }, engine);
      },
    };
  }
}
