import { sweep } from '../../../functions/lambda/work/sweep.ts';
import { markedObjects } from '../../../shared/aws/s3/status-mark.ts';
import { type StatusFacts, type SweepCache, sweepCache } from '../../../shared/aws/s3/sweep-cache.ts';
import type { SourceId } from '../../../shared/model/ids.ts';
import { reconcile } from '../../../shared/reconcile/reconcile.ts';
import type { Source } from '../../../shared/source/source.ts';
import { countedStore } from '../../support/aws-server/bucket-over-store.ts';
import { imageOf, openWorld, pushImage, sourceOf } from '../../support/stores/memory-sources.ts';
import { MemoryQueue } from '../../trigger/receivers/samples.ts';

const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `s${String(at).padStart(3, '0')}`);

/** Sources that follow a tag each, all landed, and what sweeps them. */
export async function landed(count: number) {
  const opened = openWorld();
  const sources = new Map<string, Source>(
    names(count).map((name) => [name, sourceOf({ name, ref: { tag: name } })]),
  );
  const inDocuments = ({ name }: Pick<SourceId, 'name'>): Source | undefined => sources.get(name);
  const world = { ...opened, sourceOf: inDocuments };
  const image = imageOf({ 'a.txt': 'one' });
  for (const [name, source] of sources) {
    pushImage(world.registry, name, image);
    await reconcile({ source, trigger: 'schedule' }, world);
  }
  world.asked();
  const counted = countedStore(world.store.objects);
  const marked = markedObjects(world.store.objects);
  const caches = new WeakMap<Map<string, StatusFacts>, SweepCache>();
  const queue = new MemoryQueue();
  const ids = [...sources.values()].map(({ namespace, name }) => ({ namespace, name }));
  /** As one process sweeps; without `memory`, one that has just started. */
  const run = async (
    memory = new Map<string, StatusFacts>(),
    registry: Partial<typeof world.registry> = {},
    swept: readonly SourceId[] = ids,
  ) => {
    counted.reset();
    const cache = caches.get(memory) ?? sweepCache({ ...counted, memory, clock: world.clock });
    caches.set(memory, cache);
    const reader = Object.assign(Object.create(world.registry), registry) as typeof world.registry;
    const deps = {
      sourceOf: inDocuments,
      registry: reader,
      cache,
      queue,
      clock: world.clock,
    };
    const report = await sweep(swept, deps, AbortSignal.timeout(60_000));
    return {
      ...report,
      enqueued: queue.messages.splice(0).map(({ name }) => name),
      asked: world.asked().length,
    };
  };
  const looking = { ...world, store: { ...world.store, objects: marked } };
  const look = (name: string) =>
    reconcile({ source: sources.get(name) ?? sourceOf(), trigger: 'webhook' }, looking);
  return { world, sources, counted, marked, run, look };
}
