import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { megabytes, rate, seconds } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';
import { startPlantedRegistry } from './support/registry/planted-registry.ts';
import {
  CONCURRENCY,
  checkOutcomes,
  type ReconcileRound,
  reconcileRounds,
} from './support/registry/reconcile-rounds.ts';

const PER_SECOND = 200;
/** source-controller 2.6, 1,000 OCIRepositories in 85 s on 1 CPU, as its authors published it. Not measured here. */
const FLUX_PER_SECOND = 11.8;

async function land(
  content: 'same' | 'own',
  { quick, scratch }: BenchContext,
): Promise<readonly ReconcileRound[]> {
  const sources = quick ? 100 : 1_000;
  await using registry = await startPlantedRegistry({
    auth: { kind: 'anonymous' },
    repositories: sources,
    content,
  });
  const landed: ReconcileRound[] = [];
  for (let at = 0; at < (quick ? 1 : 5); at += 1) {
    const root = join(scratch, `${content}-${at}`);
    const task = { host: registry.host, root, durable: true, sources, repositories: sources };
    const [round] = await reconcileRounds({ ...task, concurrency: CONCURRENCY, rounds: 1 });
    if (round === undefined) throw new Error('nothing was landed');
    checkOutcomes(round, 'committed', sources);
    landed.push(round);
    await rm(root, { recursive: true });
  }
  return landed;
}

/** On a disk what is measured is how fast it syncs. */
async function onDisk(content: 'same' | 'own', context: BenchContext): Promise<Figure> {
  const scratch = await mkdtemp(join(tmpdir(), 'landfall-bench-fresh-'));
  try {
    const { met, target, what, ...figure } = await measure(content, { ...context, scratch });
    return { ...figure, what: `${what}, synced to this machine's disk` };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function measure(content: 'same' | 'own', context: BenchContext): Promise<Figure> {
  const rounds = await land(content, context);
  const sources = rounds[0]?.outcomes['committed'] ?? 0;
  const wallMs = median(rounds.map((round) => round.wallMs));
  const cpuMs = median(rounds.map((round) => round.cpuMs));
  const perSecond = (sources / wallMs) * 1000;
  const times = (perSecond / FLUX_PER_SECOND).toFixed(1);
  return {
    what: `${sources} fresh sources, ${content === 'same' ? 'one tiny artifact for all' : 'each its own tiny artifact'}`,
    measured: `${rate(perSecond)} (${seconds(wallMs)} wall, ${seconds(cpuMs)} CPU, ${megabytes(Math.max(...rounds.map(({ rssBytes }) => rssBytes)))} peak); ${times} times Flux's published ${FLUX_PER_SECOND}/s`,
    target: `≥ ${rate(PER_SECOND)}`,
    met: perSecond >= PER_SECOND,
  };
}

/** Landed for good: artifact, status and event are synced before a source counts. */
export const bench: Bench = {
  name: 'fresh',
  about: 'land sources never seen before, into a durable store',
  inMemory: true,
  needs: [],
  run: async (context) => [
    await measure('same', context),
    await measure('own', context),
    await onDisk('own', context),
  ],
};
