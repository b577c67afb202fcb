import { statfs } from 'node:fs/promises';
import type { Clock } from '../../shared/clock.ts';
import { background } from '../../shared/kernel/background.ts';
import type { Log } from '../../shared/log.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { Configuration, Source } from '../../shared/source/source.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import type { QueueDepth } from '../../shared/trigger/coalescing-queue.ts';
import { VERSION } from '../../shared/version.ts';
import type { Observer } from '../observe/observer.ts';
import { DeployBoard } from './deploy-board.ts';
import { writeDeploys } from './deploy-metrics.ts';
import { EventCounts } from './event-counts.ts';
import { Exposition, labelText } from './exposition.ts';
import { processMetrics } from './process-metrics.ts';
import { SourceBoard } from './source-board.ts';
import { writeSources } from './source-metrics.ts';
import { WorkCounts } from './work-counts.ts';

export interface ServeMetricsDeps {
  readonly objects: ObjectStore;
  /** The store's folder. */
  readonly root: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly configuration: () => Configuration;
  /** The sources as they are polled now. */
  readonly polled: () => readonly Source[];
  readonly depth: () => QueueDepth;
  /** Lines of what is wrong with the documents. */
  readonly problems: () => readonly string[];
}

export interface ServeMetrics extends Observer, Disposable {
  readonly sources: SourceBoard;
  readonly deploys: DeployBoard;
  /** What is watched has changed: learns what is new, and forgets the rest. */
  replaced(): void;
  /** What a scrape gets. */
  scrape(): Promise<string>;
}

const writeInstallation = (to: Exposition, problems: readonly string[]): Exposition =>
  to
    .metric({ name: 'landfall_build_info', help: 'The version that runs.', type: 'gauge' })
    .sample(labelText({ version: VERSION, node: process.version }), 1)
    .metric({ name: 'landfall_documents_refused', help: 'Problems of the documents.', type: 'gauge' })
    .sample('', problems.length);

async function writeDisk(to: Exposition, root: string): Promise<void> {
  const { bsize, bavail, blocks } = await statfs(root);
  to.metric({
    name: 'landfall_store_free_bytes',
    help: 'Left on the file system of the store.',
    type: 'gauge',
  })
    .sample('', bsize * bavail)
    .metric({ name: 'landfall_store_disk_bytes', help: 'Of the file system of the store.', type: 'gauge' })
    .sample('', bsize * blocks);
}

/** Counts what `serve` does, and remembers how everything is, for Prometheus. */
export function openMetrics(deps: ServeMetricsDeps): ServeMetrics {
  const { clock, log, configuration, polled } = deps;
  const sources = new SourceBoard(deps);
  const deploys = new DeployBoard(deps);
  const work = new WorkCounts(clock);
  const events = new EventCounts();
  const machine = processMetrics();
  const learn = (what: Promise<unknown>): void => background('reading statuses for the metrics', what, log);
  const watched = () => [...configuration().sources, ...configuration().stalled];
  return {
    sources,
    deploys,
    reconciling: (asked) => {
      const watching = work.reconciling(asked);
      return {
        progress: watching.progress,
        ended: (outcome) => {
          watching.ended(outcome);
          if (outcome !== 'threw') learn(sources.looked(asked));
        },
      };
    },
    received: (received) => work.received(received),
    notified: (report) => work.notified(report),
    deployed: ({ source, deploy }) => learn(deploys.learn(source, deploy)),
    emitted: (event) => {
      events.count(event);
      if (event['detail-type'] !== 'Deploy Started') return;
      const { deploy: name, kind } = event.detail;
      learn(deploys.learn(event.detail, { name, kind }));
    },
    replaced: () => {
      sources.keep(watched());
      learn(Promise.all([sources.learn(watched()), deploys.learnAll(configuration().deploys, watched())]));
    },
    scrape: async () => {
      const to = new Exposition();
      writeInstallation(to, deps.problems());
      const intervals = new Map(polled().map((source) => [formatSourceId(source), source.intervalMs]));
      writeSources(
        to,
        watched().map((source) => ({
          source,
          standing: sources.standingOf(source),
          intervalMs: intervals.get(formatSourceId(source)),
        })),
      );
      writeDeploys(to, deploys.standing());
      work.write(to, deps.depth());
      events.write(to);
      await writeDisk(to, deps.root).catch(() => undefined);
      machine.write(to);
      return to.text();
    },
    [Symbol.dispose]: () => machine[Symbol.dispose](),
  };
}
