import { enqueueAll, poll } from '../functions/poll.ts';
import { composedWaker } from '../functions/wake-composed.ts';
import { type Clock, steadyNow, systemClock } from '../shared/clock.ts';
import type { SecretDeps } from '../shared/credentials/secret.ts';
import type { InProcessBus } from '../shared/event/in-process-bus.ts';
import { background } from '../shared/kernel/background.ts';
import { DisposeStack } from '../shared/kernel/dispose-stack.ts';
import { DEPLOY_LOOK_MS } from '../shared/limits.ts';
import { formatSourceId, type SourceId } from '../shared/model/ids.ts';
import type { Configuration, Source } from '../shared/source/source.ts';
import type { Store } from '../shared/store/store.ts';
import type { QueueWait } from '../shared/trigger/coalescing-queue.ts';
import { httpsKeys } from '../shared/trigger/jwt/https-keys.ts';
import { stretched } from '../shared/trigger/poll-stretch.ts';
import { reportClosed } from '../shared/trigger/receivers/open-receiver.ts';
import { nextDue } from '../shared/trigger/schedule.ts';
import { runScheduler, type Window } from '../shared/trigger/scheduler.ts';
import { answerRequests } from './answer-requests.ts';
import { reopenReceivers } from './closed-receivers.ts';
import { collectDaily } from './collect-daily.ts';
import { type DeploysStanding, startDeploys } from './deploys/start-deploys.ts';
import {
  type Configured,
  closedLines,
  type InForce,
  newlyClosed,
  openConfiguration,
  withThoseBefore,
} from './documents/configured.ts';
import { readHeartbeat, startHeartbeat } from './heartbeat.ts';
import { type ListenAddress, listen } from './listen.ts';
import { openMachine } from './machine.ts';
import { startNotify } from './notify/start-notify.ts';
import { observe } from './observe.ts';
import { type OpenQueueOptions, openQueue } from './open-queue.ts';
import { type Readiness, readinessOf, type Watched } from './readiness.ts';
import { reportNotified } from './report.ts';
import { ServeFaults } from './serve-faults.ts';

export interface ServeOptions extends OpenQueueOptions {
  readonly configuration: Configuration;
  /** What is refused of the documents, a line each; none: that is all they say. Default none. */
  readonly problems?: readonly string[];
  /** Whether deploys that are not in it may only not have been found yet: nothing is pruned then. Default false. */
  readonly isUnsure?: boolean;
  /** The folder of the store, or `s3://bucket[/prefix]`. */
  readonly where: string;
  /** Where webhooks are taken; absent: nowhere. Port 0 picks one. */
  readonly listen?: ListenAddress;
  /** Where `/metrics`, `/readyz` and `/livez` are; absent: nowhere. Port 0 picks one. */
  readonly metrics?: ListenAddress;
  /** How often each deploy compares its ledger with what is current, in milliseconds. */
  readonly deployLookMs?: number;
  /** False only where nothing has to survive a power failure. */
  readonly durable?: boolean;
  /** Whether to delete daily what nothing names any more. Default true. */
  readonly collect?: boolean;
  readonly secrets: SecretDeps;
  readonly clock?: Clock;
}

/** How everything stands. */
interface Settled extends Readiness {
  readonly deploys: DeploysStanding;
  /** What is refused of the documents and stalls no source, a line each. */
  readonly problems: readonly string[];
}

export interface Serving {
  /** `http://host:port`; undefined where nothing listens. */
  readonly url: string | undefined;
  /** Of the metrics, the same. */
  readonly metricsUrl: string | undefined;
  readonly faults: Pick<ServeFaults, 'noting'>;
  readonly store: Store;
  readonly bus: InProcessBus;
  /** Takes a changed configuration, and looks at what is new or altered in it. */
  replace(configuration: Configuration, options?: Pick<ServeOptions, 'problems' | 'isUnsure'>): Promise<void>;
  /** Has the heartbeat tell why the documents cannot be read; undefined: they can. */
  unread(why: string | undefined): Promise<void>;
  /** Resolves when every source has been reconciled once and its deploys are through. */
  settled(): Promise<Settled>;
  /** Stops taking triggers, ends what is under way, and lets go of the store. */
  close(): Promise<void>;
}

const TICK_MS = 1_000;
/** A schedule that has not asked what is due for so long is dead. */
const TICK_PATIENCE_MS = 60_000;
/** Tries of a deploy where each source is reconciled once: what passes within some seconds may. */
const ONCE_TRIES = 5;

/**
 * Runs the same functions as on AWS, over a folder: an in-process queue and bus, a listener for webhooks, a
 * scheduler. Every source is reconciled once at the start, so whatever was missed while nobody served is caught up.
 * @throws LandfallError STORE_LOCKED, STORE_VERSION, USAGE (address taken)
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { secrets, log, clock = systemClock } = options;
  await using stack = new DisposeStack();
  const opening = { secrets, clock, keys: httpsKeys({ env: secrets.env, clock }) };
  const open = async (configuration: Configuration, before?: Configured): Promise<Configured> => {
    const configured = await openConfiguration(configuration, {
      ...opening,
      before: before?.receivers ?? [],
    });
    reportClosed(log, newlyClosed(configured, before));
    return withThoseBefore(configured, before);
  };
  const inForce: InForce = { configured: await open(options.configuration) };
  const faults = new ServeFaults(() => steadyNow(clock));
  const machine = await openMachine({ ...options, clock, onFault: faults.noting('lock') }, stack);
  let { problems = [], isUnsure = false } = options;
  const announced = new Set<string>();
  const observing = await observe(
    { ...options, env: secrets.env },
    {
      machine,
      configuration: () => inForce.configured.configuration,
      polled: () => polledSources(inForce, announced),
      depth: () => queue.depth(),
      problems: () => problems,
      faults,
    },
    stack,
  );
  const { observer } = observing;
  const notifying = startNotify({
    ...machine,
    objects: machine.store.objects,
    secrets,
    log,
    isWhole: () => problems.length === 0,
    entries: () => inForce.configured.configuration.notify,
    sources: () => watchedIn(inForce.configured.configuration),
    report: (report) => {
      observer.notified(report);
      reportNotified(log, report, clock.now());
    },
  });
  await notifying.replaced();
  const deploys = startDeploys({
    ...machine,
    observer,
    isWhole: () => problems.length === 0 && !isUnsure,
    secrets,
    log,
    entries: () => inForce.configured.configuration.deploys,
    sources: () => watchedIn(inForce.configured.configuration),
    ...(options.once === true && { tries: ONCE_TRIES }),
  });
  stack.defer(() => deploys.idle());
  let unreadWhy: string | undefined;
  const { looks = new Map<string, number>() } = (await readHeartbeat(machine.root)) ?? {};
  const heart = startHeartbeat({
    before: looks,
    onBeat: faults.noting('store'),
    probe: machine.probe,
    onProbe: faults.noting('bucket'),
    root: machine.root,
    isHeld: machine.held.isHeld,
    once: options.once === true,
    clock,
    configuration: () => inForce.configured.configuration,
    problems: () => [...[unreadWhy ?? []].flat(), ...closedLines(inForce.configured)],
    nextLookAt: (id) => {
      const source = inForce.configured.sourceOf(id);
      return source && sooner(nextDue(source, clock.now()), queue.waitOf(id));
    },
  });
  stack.use(heart);
  const readiness = readinessOf(() => watchedIn(inForce.configured.configuration));
  const queue = openQueue(options, {
    machine,
    inForce,
    readiness,
    announced,
    looked: heart.looked,
    observer,
  });
  stack.defer(() => queue.close({ abort: true }));
  await heart.beat();
  const wake = composedWaker({ sources: () => inForce.configured.configuration.sources, queue });
  machine.bus.subscribe((event) => wake([event]));
  const listener = await listen(options, { inForce, queue, faults, observer });
  if (listener !== undefined) stack.defer(() => listener.close());
  const metricsUrl = await observing.listen(heart);
  observing.replaced();
  if (options.collect !== false) {
    const collecting = collectDaily({ ...machine, log });
    stack.defer(() => collecting);
  }
  stack.defer(() => machine.stop());
  await deploys.enqueueAll();
  await enqueueAll({ sources: watchedIn(inForce.configured.configuration), queue });
  if (options.once !== true) {
    notifying.run();
    const polling = {
      ...machine,
      poll: (window: Window) => {
        faults.ticked(TICK_PATIENCE_MS);
        return poll(window, { sources: polledSources(inForce, announced), queue });
      },
      onStep: (byMs: number) => log('warn', 'the clock was set', { byMs }),
    };
    background('the schedule', runScheduler({ tickMs: TICK_MS }, polling), log);
    background('opening receivers again', reopenReceivers({ ...machine, inForce, log, opening }), log);
    background('deploys by time', deploys.lookByTime(options.deployLookMs ?? DEPLOY_LOOK_MS), log);
  }
  background(
    'taking requests of landfall reconcile and replay',
    answerRequests({ queue, deploys, machine, log, faults }),
    log,
  );
  const closing = stack.move();
  return {
    url: listener?.url,
    metricsUrl,
    faults,
    store: machine.store,
    bus: machine.bus,
    replace: async (configuration, now = {}) => {
      ({ problems = [], isUnsure = false } = now);
      const before = inForce.configured;
      inForce.configured = await open(configuration, before);
      observing.replaced();
      await notifying.replaced();
      await heart.beat();
      await deploys.enqueueAll();
      await enqueueAll({ sources: changedSources(before, configuration), queue });
    },
    unread: async (why) => {
      if (unreadWhy === why) return;
      unreadWhy = why;
      await heart.beat();
    },
    settled: async () => {
      await queue.drain();
      await deploys.idle();
      await notifying.settle();
      const { problems: refused = [] } = inForce.configured.configuration;
      return { ...readiness.verdict(), deploys: await deploys.standing(), problems: refused };
    },
    close: () => closing[Symbol.asyncDispose](),
  };
}

/** Sources as they are polled now: less often where a webhook announced what is current, and the document allows it. */
const polledSources = ({ configured }: InForce, announced: ReadonlySet<string>): readonly Source[] =>
  configured.configuration.sources.map((source) => stretched(source, announced.has(formatSourceId(source))));

/** What failed for the moment is tried again before it is polled; and where the registry said when, not before that. */
function sooner(due: number | undefined, wait: QueueWait | undefined): number | undefined {
  if (wait === undefined) return due;
  return due === undefined || due < wait.demandedUntil ? wait.until : Math.min(due, wait.until);
}

const watchedIn = ({ sources, stalled }: Configuration): readonly Watched[] => [...sources, ...stalled];

const changedSources = (before: Configured, { sources, stalled }: Configuration): readonly SourceId[] => [
  ...sources.filter((source) => JSON.stringify(before.sourceOf(source)) !== JSON.stringify(source)),
  ...stalled.filter((source) => before.stalledOf(source)?.message !== source.message),
];
