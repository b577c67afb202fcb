import { join } from 'node:path';
import type { RegistryAuth } from '../embedded-registry/auth/registry-auth.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { megabytes, rate, seconds } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';
import { startPlantedRegistry } from './support/registry/planted-registry.ts';
import { CONCURRENCY, checkOutcomes, reconcileRounds } from './support/registry/reconcile-rounds.ts';
import { canPin } from './support/worker.ts';

const PER_SECOND = 1_500;
const RSS_BYTES = 300e6;

const AUTHS: Readonly<Record<string, RegistryAuth>> = {
  anonymous: { kind: 'anonymous' },
  'bearer, warm tokens': { kind: 'bearer', users: {}, anonymousPull: true, expiresInSeconds: 3600 },
};

async function measure(name: string, auth: RegistryAuth, context: BenchContext): Promise<readonly Figure[]> {
  const { quick, scratch, say } = context;
  const sources = quick ? 500 : 10_000;
  await using registry = await startPlantedRegistry({ auth, repositories: sources, content: 'own' });
  const root = join(scratch, auth.kind);
  const shared = {
    host: registry.host,
    root,
    durable: false,
    sources,
    repositories: sources,
    concurrency: CONCURRENCY,
  };
  const [landed] = await reconcileRounds({ ...shared, rounds: 1 });
  if (landed === undefined) throw new Error('nothing was landed');
  checkOutcomes(landed, 'committed', sources);
  say(`${name}: ${sources} sources landed`);
  await registry.count();
  const [cold, ...warm] = await reconcileRounds({ ...shared, rounds: quick ? 3 : 6 });
  const { head, get } = await registry.count();
  if (cold === undefined) throw new Error('nothing was looked at');
  for (const round of [cold, ...warm]) checkOutcomes(round, 'unchanged', sources);
  const wallMs = median(warm.map((round) => round.wallMs));
  const cpuMs = median(warm.map((round) => round.cpuMs));
  const rssBytes = Math.max(...warm.map((round) => round.rssBytes));
  const requests = Math.max(...warm.map((round) => round.requests)) / sources;
  const perSecond = (sources / wallMs) * 1000;
  const label = `${sources} unchanged sources, ${name}`;
  say(
    `${name}: ${head} HEAD and ${get} GET over ${warm.length + 1} rounds; the first took ${seconds(cold.wallMs)}`,
  );
  return [
    {
      what: `${label}${canPin() ? ', one core' : ''}`,
      measured: `${rate(perSecond)} (${seconds(wallMs)} wall, ${seconds(cpuMs)} CPU: ${rate((sources / cpuMs) * 1000)} of CPU)`,
      target: `≥ ${rate(PER_SECOND)}`,
      met: perSecond >= PER_SECOND,
    },
    {
      what: `${label}: requests a source`,
      measured: String(requests),
      target: '1',
      met: requests === 1,
    },
    {
      what: `${label}: peak memory`,
      measured: megabytes(rssBytes),
      target: `≤ ${megabytes(RSS_BYTES)}`,
      met: rssBytes <= RSS_BYTES,
    },
  ];
}

/** Every source its own repository, so its own token; the registry is another process. */
export const bench: Bench = {
  name: 'no-op',
  about: 'reconcile sources that have nothing new, over HTTP',
  needs: [],
  run: async (context) => {
    const figures: Figure[] = [];
    for (const [name, auth] of Object.entries(AUTHS)) figures.push(...(await measure(name, auth, context)));
    return figures;
  },
};
