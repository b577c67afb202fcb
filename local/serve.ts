import { lookAtAll, poll } from '../functions/poll.ts';
import { receive, receiverTable, refuseHead } from '../functions/receive.ts';
import { reconcileTrigger } from '../functions/reconcile.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import type { SecretDeps } from '../shared/credentials/secret.ts';
import { EventLog } from '../shared/event/event-log.ts';
import { InProcessBus } from '../shared/event/in-process-bus.ts';
import type { Log } from '../shared/log.ts';
import type { RegistryReader } from '../shared/registry/client.ts';
import type { Configuration } from '../shared/source/source.ts';
import { type DirectoryStore, openDirectoryStore } from '../shared/store/directory-store.ts';
import { lockStore } from '../shared/store/serve-lock.ts';
import { CoalescingQueue } from '../shared/trigger/coalescing-queue.ts';
import { type HttpListener, startHttpListener } from '../shared/trigger/http-listener.ts';
import { type Configured, openConfiguration } from './configured.ts';
import { localPlace } from './place.ts';
import { type Readiness, readinessOf } from './readiness.ts';
import { reportReceived, reportReconciled } from './report.ts';
import { watchRequests } from './request-inbox.ts';
import { startDeploys } from './start-deploys.ts';

export interface ServeOptions {
  readonly configuration: Configuration;
  /** The store's folder. */
  readonly root: string;
  readonly registry: RegistryReader;
  /** Where webhooks are taken; absent: nowhere. Port 0 picks one. */
  readonly listen?: { readonly host: string; readonly port: number };
  readonly concurrency?: number;
  /** False only where nothing has to survive a power failure. */
  readonly durable?: boolean;
  readonly secrets: SecretDeps;
  readonly log: Log;
  readonly clock?: Clock;
}

export interface Serving {
  /** `http://host:port`; undefined where nothing listens. */
  readonly url: string | undefined;
  readonly store: DirectoryStore;
  readonly bus: InProcessBus;
  /** Takes a changed configuration, and looks at what is new or altered in it. */
  replace(configuration: Configuration): Promise<void>;
  /** Resolves when every source has been looked at once and its deploys are through. */
  settled(): Promise<Readiness>;
  /** Stops taking triggers, ends what is under way, and lets go of the store. */
  close(): Promise<void>;
}

const TICK_MS = 1_000;
/** Enough to keep one core busy while registries answer. */
const CONCURRENCY = 32;

/**
 * Runs the same functions as on AWS, over a folder: an in-process queue and bus, a listener for webhooks, a
 * scheduler. Every source is looked at once at the start, so whatever was missed while nobody served is caught up.
 * @throws LandfallError STORE_LOCKED, STORE_VERSION, USAGE (address taken) and what openConfiguration throws
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { root, log, secrets, clock = systemClock } = options;
  let configured = await openConfiguration(options.configuration, { secrets, clock });
  const lock = await lockStore(root);
  const stop = new AbortController();
  const closing: (() => Promise<void>)[] = [() => lock.release()];
  try {
    const store = await openDirectoryStore(root, { durable: options.durable ?? true, clock });
    const eventLog = new EventLog(store.root);
    const bus = new InProcessBus(eventLog);
    closing.push(() => eventLog.close());
    const place = localPlace(store.root);
    const deploys = startDeploys({
      store,
      bus,
      place,
      secrets,
      log,
      clock,
      signal: stop.signal,
      entries: () => configured.configuration.deploys,
    });
    closing.push(() => deploys.idle());
    const readiness = readinessOf(() => configured.configuration.sources);
    const queue = new CoalescingQueue(
      (message, signal) =>
        reconcileTrigger(
          message,
          {
            registry: options.registry,
            store,
            bus,
            clock,
            place,
            sourceOf: (id) => configured.sourceOf(id),
            onReconciled: (source, { trigger }, outcome) => {
              readiness.note(source, outcome);
              reportReconciled(log, { source, trigger, outcome });
            },
          },
          signal,
        ),
      { concurrency: options.concurrency ?? CONCURRENCY, clock },
    );
    closing.push(() => queue.close({ abort: true }));
    const listener = await listen(options, () => configured, queue);
    if (listener !== undefined) closing.push(() => listener.close());
    await deploys.catchUp();
    await lookAtAll({ sources: configured.configuration.sources, queue });
    void tick({ queue, sources: () => configured.configuration.sources, clock, signal: stop.signal, log });
    void watchRequests(
      store.root,
      ({ namespace, name }) => queue.enqueue([{ namespace, name, trigger: 'request' }]),
      {
        signal: stop.signal,
        clock,
      },
    ).catch((error: unknown) => log('error', 'requests cannot be read', { error: String(error) }));
    return {
      url: listener?.url,
      store,
      bus,
      replace: async (configuration) => {
        const before = configured;
        configured = await openConfiguration(configuration, { secrets, clock });
        await lookAtAll({ sources: changedSources(before, configured), queue });
      },
      settled: async () => {
        await queue.drain();
        await deploys.idle();
        return readiness.verdict();
      },
      close: () => closeAll(stop, closing),
    };
  } catch (error) {
    await closeAll(stop, closing);
    throw error;
  }
}

async function closeAll(stop: AbortController, closing: readonly (() => Promise<void>)[]): Promise<void> {
  stop.abort();
  for (const close of closing.toReversed()) await close();
}

const changedSources = (before: Configured, after: Configured) =>
  after.configuration.sources.filter(
    (source) => JSON.stringify(before.sourceOf(source)) !== JSON.stringify(source),
  );

async function listen(
  { listen: address, log }: ServeOptions,
  configured: () => Configured,
  queue: CoalescingQueue,
): Promise<HttpListener | undefined> {
  if (address === undefined) return undefined;
  // Receivers are looked up anew for each request: a changed document may have changed them.
  const deps = () => ({
    receivers: receiverTable(configured().receivers),
    sources: configured().matcher,
    queue,
    onReceived: (received: Parameters<typeof reportReceived>[1]) => reportReceived(log, received),
  });
  return startHttpListener(address, {
    refuseHead: (webhook) => refuseHead(webhook, deps()),
    receive: (webhook) => receive(webhook, deps()),
  });
}

interface TickDeps {
  readonly queue: CoalescingQueue;
  readonly sources: () => Configuration['sources'];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** The scheduled rule of one machine: windows that join, so that no due moment falls between two ticks. */
async function tick({ queue, sources, clock, signal, log }: TickDeps): Promise<void> {
  let fromMs = clock.now();
  while (!signal.aborted) {
    await clock.sleep(TICK_MS, signal).catch(() => {});
    if (signal.aborted) return;
    const toMs = clock.now();
    try {
      await poll({ fromMs, toMs }, { sources: sources(), queue });
      fromMs = toMs;
    } catch (error) {
      // The window stays open: the next tick polls it again.
      log('warn', 'poll could not enqueue', { error: String(error) });
    }
  }
}
