import { enqueueAll } from '../../../functions/poll.ts';
import { reconcileTrigger } from '../../../functions/reconcile.ts';
import { localOrigin } from '../../../local/store/local-origin.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createAccessResolver } from '../../../shared/credentials/access-resolver.ts';
import { EventLog } from '../../../shared/event/event-log.ts';
import { InProcessBus } from '../../../shared/event/in-process-bus.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { formatSourceId } from '../../../shared/model/ids.ts';
import { createRegistryClient } from '../../../shared/registry/create-client.ts';
import { parseDocuments } from '../../../shared/source/document.ts';
import type { Source } from '../../../shared/source/source.ts';
import { openDirectoryStore } from '../../../shared/store/directory/directory-store.ts';
import { CoalescingQueue } from '../../../shared/trigger/coalescing-queue.ts';
import { peakMemory } from '../../../test/support/programs/peak-memory.ts';
import { repositoryName } from './planted-registry.ts';
import type { ReconcileRound, ReconcileTask } from './reconcile-rounds.ts';

/** Documents are small: a thousand sources go into one. */
const PER_DOCUMENT = 1_000;

function sourcesOf({ host, sources, repositories }: ReconcileTask): readonly Source[] {
  const written = Array.from({ length: sources }, (_, at) => {
    const url = `oci://${host}/${repositoryName(at % repositories)}`;
    return { name: `app-${at}`, url, ref: { tag: 'v1' }, interval: '1h' };
  });
  const files = Array.from({ length: Math.ceil(sources / PER_DOCUMENT) }, (_, at) => ({
    file: `bench-${at}.yaml`,
    text: `sources: ${JSON.stringify(written.slice(at * PER_DOCUMENT, (at + 1) * PER_DOCUMENT))}`,
  }));
  return parseDocuments(files).sources;
}

const task = JSON.parse(process.argv[2] ?? '') as ReconcileTask;
const sources = sourcesOf(task);
const byId = new Map(sources.map((source) => [formatSourceId(source), source]));
const store = await openDirectoryStore(task.root, { durable: task.durable });
const eventLog = new EventLog(store.root);
let requests = 0;
const registry = createRegistryClient({
  access: createAccessResolver({ plainHttp: true, env: {} }),
  clock: systemClock,
  limits: DEFAULT_LIMITS,
  onRequest: () => {
    requests += 1;
  },
});
const deps = {
  registry,
  store,
  bus: new InProcessBus(eventLog),
  clock: systemClock,
  origin: localOrigin(store.root),
};

/** One reconcile of every source, through the queue and the function that `serve` runs. */
async function round(): Promise<ReconcileRound> {
  const outcomes: Record<string, number> = {};
  const sourceOf = (id: Parameters<typeof formatSourceId>[0]) => byId.get(formatSourceId(id));
  const onReconciled = (_source: unknown, _message: unknown, { outcome }: { readonly outcome: string }) => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  const queue = new CoalescingQueue(
    (message, signal) => reconcileTrigger(message, { ...deps, sourceOf, onReconciled }, signal),
    { concurrency: task.concurrency },
  );
  requests = 0;
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await enqueueAll({ sources, queue });
  await queue.drain();
  const wallMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  return {
    wallMs,
    cpuMs: (user + system) / 1000,
    outcomes,
    requests,
    rssBytes: peakMemory(),
  };
}

const rounds: ReconcileRound[] = [];
for (let at = 0; at < task.rounds; at += 1) rounds.push(await round());
await registry.close();
await eventLog.close();
process.send?.(rounds);
process.disconnect();
