import { openMetrics } from '../local/metrics/metrics.ts';
import { systemClock } from '../shared/clock.ts';
import { mapOf } from '../shared/kernel/each-of.ts';
import { NO_DOCUMENTS, type Source } from '../shared/source/source.ts';
import { memoryObjectStore } from '../shared/store/memory/memory-object-store.ts';
import { updateStatus } from '../shared/store/status-store.ts';
import { sourceOf } from '../test/support/stores/memory-sources.ts';
import { landedStatus } from './support/artifacts/landed-status.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { milliseconds } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';

const TARGET_MS = 100;
const TURNS = 9;

/** What one scrape of so many landed sources costs. */
async function scrapeOf(
  count: number,
  root: string,
): Promise<{ readonly tookMs: number; readonly bytes: number }> {
  const objects = memoryObjectStore();
  const sources: readonly Source[] = Array.from({ length: count }, (_, at) =>
    sourceOf({ name: `app-${at}`, namespace: `team-${at % 50}` }),
  );
  await mapOf(sources, { limit: 16 }, (source) =>
    updateStatus(objects, source, () => landedStatus(source), { clock: systemClock }),
  );
  const configuration = {
    ...NO_DOCUMENTS,
    sources,
  };
  using metrics = openMetrics({
    objects,
    root,
    clock: systemClock,
    signal: new AbortController().signal,
    log: () => undefined,
    configuration: () => configuration,
    polled: () => sources,
    depth: () => ({ ready: 0, inFlight: 0, waiting: 0 }),
    problems: () => [],
  });
  for (const source of sources) await metrics.sources.looked(source);
  const times: number[] = [];
  let text = '';
  for (let turn = 0; turn < TURNS; turn += 1) {
    const began = process.cpuUsage();
    text = await metrics.scrape();
    const { user, system } = process.cpuUsage(began);
    times.push((user + system) / 1000);
  }
  return { tookMs: median(times), bytes: Buffer.byteLength(text) };
}

async function run({ quick, scratch }: BenchContext): Promise<readonly Figure[]> {
  const count = quick ? 1_000 : 10_000;
  const { tookMs, bytes } = await scrapeOf(count, scratch);
  return [
    {
      what: `CPU of /metrics of ${count} sources, ${(bytes / 1e6).toFixed(1)} MB of text`,
      measured: milliseconds(tookMs),
      target: `≤ ${TARGET_MS} ms for 10,000`,
      met: tookMs <= TARGET_MS,
    },
  ];
}

export const bench: Bench = { name: 'metrics', about: 'What a scrape costs', needs: [], run };
