import type { Clock } from '../shared/clock.ts';
import type { Environment } from '../shared/credentials/secret.ts';
import type { DisposeStack } from '../shared/kernel/dispose-stack.ts';
import type { Log } from '../shared/log.ts';
import type { Configuration, Source } from '../shared/source/source.ts';
import type { QueueDepth } from '../shared/trigger/coalescing-queue.ts';
import { nextDue } from '../shared/trigger/schedule.ts';
import type { RunningHeartbeat } from './heartbeat.ts';
import type { ListenAddress } from './listen.ts';
import type { Machine } from './machine.ts';
import { type Observer, observers } from './observe/observer.ts';
import type { ServeFaults } from './serve-faults.ts';

export interface ObserveOptions {
  readonly metrics?: ListenAddress;
  readonly env: Environment;
  readonly log: Log;
}

export interface ObserveDeps {
  readonly machine: Machine;
  readonly configuration: () => Configuration;
  readonly polled: () => readonly Source[];
  readonly depth: () => QueueDepth;
  readonly problems: () => readonly string[];
  readonly faults: ServeFaults;
}

/** Who watches this `serve`. */
export interface ServeObserver {
  readonly observer: Observer;
  /** Reads what is in the store of what is watched now. */
  replaced(): void;
  /** Answers scrapes and probes from here on; the address. @throws LandfallError USAGE where it cannot be had */
  listen(heart: Pick<RunningHeartbeat, 'probe'>): Promise<string | undefined>;
}

/** What is there to be asked about in `PROBE_MS` is asked about once. */
const PROBE_MS = 1_000;

/** Writes a beat, as a store that takes it is one that can be written; not again for every probe. */
function probing(heart: Pick<RunningHeartbeat, 'probe'>, clock: Clock): () => Promise<void> {
  let last: { readonly at: number; readonly done: Promise<void> } | undefined;
  return () => {
    const now = clock.now();
    if (last === undefined || Math.abs(now - last.at) >= PROBE_MS) last = { at: now, done: heart.probe() };
    return last.done;
  };
}

/** By whose variables OpenTelemetry is told where traces go: nothing is read or loaded without them. */
const isTraced = (env: Environment): boolean =>
  Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']);

/** Who traces, if anybody wants it. @throws LandfallError USAGE of an endpoint that is none */
async function tracing(
  { env, log, machine }: Pick<ObserveOptions, 'env' | 'log'> & Pick<ObserveDeps, 'machine'>,
  stack: DisposeStack,
): Promise<readonly Observer[]> {
  if (!isTraced(env)) return [];
  const { traceSettings } = await import('./tracing/trace-settings.ts');
  const settings = traceSettings(env);
  if (settings === undefined) return [];
  const { SpanExporter } = await import('./tracing/span-exporter.ts');
  const { traceObserver } = await import('./tracing/trace-observer.ts');
  const exporter = stack.use(new SpanExporter(settings, log));
  const observer = traceObserver((span) => exporter.add(span), machine.clock);
  stack.defer(machine.bus.subscribe(observer.emitted));
  return [observer];
}

/** Opens what was asked for, and loads nothing else; `stack` lets go of it. */
export async function observe(
  { metrics: address, env, log }: ObserveOptions,
  deps: ObserveDeps,
  stack: DisposeStack,
): Promise<ServeObserver> {
  const { machine, polled, faults, problems } = deps;
  const traces = await tracing({ env, log, machine }, stack);
  if (address === undefined)
    return { observer: observers(traces), replaced: () => undefined, listen: async () => undefined };
  const { openMetrics } = await import('./metrics/metrics.ts');
  const metrics = openMetrics({
    ...deps,
    ...machine,
    objects: machine.store.objects,
    root: machine.root,
    log,
  });
  stack.defer(() => metrics[Symbol.dispose]());
  stack.defer(machine.bus.subscribe(metrics.emitted));
  return {
    observer: observers([metrics, ...traces]),
    replaced: metrics.replaced,
    listen: async (heart) => {
      const { listenMetrics } = await import('./metrics/listen-metrics.ts');
      const { unreadyLines } = await import('./metrics/readiness-lines.ts');
      const probe = probing(heart, machine.clock);
      const listener = await listenMetrics(address, {
        scrape: metrics.scrape,
        unready: async () => {
          await probe();
          const now = machine.clock.now();
          return unreadyLines({
            faults: faults.lines(),
            problems: problems(),
            polled: polled().filter((source) => nextDue(source, now) !== undefined),
            unseenMs: (source) => metrics.sources.unseenMs(source),
          });
        },
        dead: () => faults.deadLines(),
      });
      stack.defer(() => listener.close());
      return listener.url;
    },
  };
}
