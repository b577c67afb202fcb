import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { receiverPath } from '../shared/trigger/receivers/open-receiver.ts';
import type { Sample } from '../shared/trigger/receivers/senders/sender.ts';
import { senderOf } from '../shared/trigger/receivers/senders/senders.ts';
import { QUIET_MS } from '../shared/trigger/reconcile-again.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { EventTail } from './support/event-tail.ts';
import { megabytes, milliseconds, rate, seconds } from './support/figures/format.ts';
import { percentile } from './support/figures/statistics.ts';
import {
  type PlantedRegistry,
  repositoryName,
  startPlantedRegistry,
} from './support/registry/planted-registry.ts';
import { canPin, stopWorker } from './support/worker.ts';

const LANDFALL = fileURLToPath(new URL('../bin/landfall', import.meta.url));
const SECRET = 'bench-webhook-secret';
/** Each authenticates in its own way: a header, an HMAC over the body, one with a time. */
const TYPES = ['distribution', 'ghcr', 'harbor', 'generic'] as const;
const SOURCES = 50;
const CONNECTIONS = 16;
const PER_SECOND = 2_000;
const P99_MS = 50;
/** From half of the bursts to the end: memory has come up by then, and stays. */
const GROWTH_BYTES = 5e6;

interface Delivery extends Sample {
  readonly path: string;
}

interface Stage {
  readonly registry: PlantedRegistry;
  readonly serve: ChildProcess;
  readonly pool: Pool;
  readonly deliveries: readonly Delivery[];
}

interface Burst {
  readonly wallMs: number;
  /** Of serve, its looks included. */
  readonly cpuMs: number;
  readonly latencies: readonly number[];
  /** Requests to the registry while it lasted. */
  readonly looks: number;
  readonly rssBytes: number;
}

const documentFor = (host: string): string =>
  JSON.stringify({
    sources: Array.from({ length: SOURCES }, (_, at) => ({
      name: `app-${at}`,
      url: `oci://${host}/${repositoryName(at)}`,
      ref: { tag: 'v1' },
      interval: '24h',
    })),
    receivers: TYPES.map((type) => ({ name: type, type, registry: host, secret: { value: SECRET } })),
  });

/** A push of every source's repository, as every type of sender tells of it. */
function deliveriesFor(registry: string): readonly Delivery[] {
  return TYPES.flatMap((type) => {
    const { sample } = senderOf({ name: type, type, registry });
    if (typeof sample === 'string') throw new Error(sample);
    return Array.from({ length: SOURCES }, (_, at): Delivery => {
      const context = { secret: SECRET, registry, now: Date.now() };
      const push = { repository: repositoryName(at), tag: 'v1', digest: `sha256:${'0'.repeat(64)}` };
      return { ...sample(push, context), path: receiverPath({ type, name: type }, SECRET) };
    });
  });
}

/** The URL that it listens at, once every source has landed. */
async function listening(serve: ChildProcess, store: string): Promise<string> {
  for await (const line of createInterface({ input: serve.stdout ?? Readable.from([]) })) {
    const url = /^listening on (http:\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    const tail = new EventTail(join(store, 'events'));
    for (let at = 0; at < SOURCES; at += 1) await tail.next();
    return url;
  }
  throw new Error('landfall serve ended before it listened');
}

async function setUp(stack: AsyncDisposableStack, scratch: string): Promise<Stage> {
  const registry = await startPlantedRegistry({
    auth: { kind: 'anonymous' },
    repositories: SOURCES,
    content: 'same',
  });
  stack.use(registry);
  const store = join(scratch, 'store');
  const documents = join(scratch, 'documents.json');
  await writeFile(documents, documentFor(registry.host));
  const args = ['serve', '-f', documents, '--store', store, '--listen', '127.0.0.1:0', '--plain-http'];
  const command = [LANDFALL, ...args, '--log-level', 'error'];
  const [program = '', ...rest] = canPin() ? ['taskset', '-c', '0', ...command] : command;
  const serve = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  stack.defer(() => stopWorker(serve));
  const url = await listening(serve, store);
  serve.stdout?.resume();
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  stack.defer(() => pool.close());
  return { registry, serve, pool, deliveries: deliveriesFor(registry.host) };
}

/** What all its threads have used. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
async function cpuMs({ pid }: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // Behind the name, which may hold anything: utime and stime are the 14th and 15th field, in hundredths of a second.
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

async function residentBytes({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** So many webhooks, as fast as they are answered, over all connections. */
async function burst({ pool, deliveries, registry, serve }: Stage, webhooks: number): Promise<Burst> {
  const latencies: number[] = [];
  await registry.count();
  const [begun, cpuBegun] = [performance.now(), await cpuMs(serve)];
  let next = 0;
  const send = async (): Promise<void> => {
    while (next < webhooks) {
      const delivery = deliveries[next % deliveries.length];
      next += 1;
      if (delivery === undefined) throw new Error('there is nothing to deliver');
      const { path, headers, body } = delivery;
      const sent = performance.now();
      const json = { 'content-type': 'application/json' };
      const response = await pool.request({ method: 'POST', path, headers: { ...json, ...headers }, body });
      await response.body.dump();
      latencies.push(performance.now() - sent);
      if (response.statusCode !== 202) throw new Error(`a webhook was answered ${response.statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
  const wallMs = performance.now() - begun;
  const cpu = (await cpuMs(serve)) - cpuBegun;
  const { head, get } = await registry.count();
  return { wallMs, cpuMs: cpu, latencies, looks: head + get, rssBytes: await residentBytes(serve) };
}

function figuresOf(bursts: readonly Burst[], webhooks: number): readonly Figure[] {
  const [first, ...later] = bursts;
  const last = later.at(-1);
  const half = bursts[Math.floor(bursts.length / 2)];
  if (first === undefined || half === undefined || last === undefined) throw new Error('there was no burst');
  const wallMs = later.reduce((sum, each) => sum + each.wallMs, 0);
  const perSecond = (webhooks * later.length * 1000) / wallMs;
  const cpu = later.reduce((sum, each) => sum + each.cpuMs, 0);
  const ofCpu = rate((webhooks * later.length * 1000) / cpu);
  const p99 = percentile(
    later.flatMap(({ latencies }) => latencies),
    0.99,
  );
  const looks = later.map((each) => each.looks / SOURCES / Math.ceil(each.wallMs / QUIET_MS));
  const most = Math.max(...looks);
  const where = canPin() ? 'serve on one core' : 'serve';
  return [
    {
      what: `authenticated webhooks, ${where}, ${CONNECTIONS} connections, looks included`,
      measured: `${rate(perSecond)}, p99 ${milliseconds(p99)} (${ofCpu} of CPU)`,
      target: `≥ ${rate(PER_SECOND)}, p99 ≤ ${P99_MS} ms`,
      met: perSecond >= PER_SECOND && p99 <= P99_MS,
    },
    {
      what: `looks a source in ${milliseconds(QUIET_MS)}, ${webhooks} webhooks of ${SOURCES} sources in ${seconds(last.wallMs)}`,
      measured: `${most.toFixed(2)} (${last.looks} requests to the registry)`,
      target: '≤ 1',
      met: most <= 1,
    },
    {
      what: `memory after ${webhooks} webhooks, after half of all and after ${webhooks * bursts.length}`,
      measured: [first, half, last].map(({ rssBytes }) => megabytes(rssBytes)).join(', '),
      target: `half to end + ≤ ${megabytes(GROWTH_BYTES)}`,
      met: last.rssBytes - half.rssBytes <= GROWTH_BYTES,
    },
  ];
}

async function measure({ quick, scratch, say }: BenchContext): Promise<readonly Figure[]> {
  await using stack = new AsyncDisposableStack();
  const stage = await setUp(stack, scratch);
  const webhooks = quick ? 1_000 : 10_000;
  const bursts: Burst[] = [];
  // The first meets code that was not compiled yet; its memory is what the others are compared with.
  for (let at = 0; at < (quick ? 3 : 20); at += 1) {
    const done = await burst(stage, webhooks);
    say(`${webhooks} webhooks in ${seconds(done.wallMs)}, ${done.looks} looks, ${megabytes(done.rssBytes)}`);
    bursts.push(done);
  }
  // The looks that are still to come, so that none is cut off.
  await sleep(2 * QUIET_MS);
  return figuresOf(bursts, webhooks);
}

/** Webhooks of several registries at once, over HTTP, to `bin/landfall serve`. */
export const bench: Bench = {
  name: 'receivers',
  about: 'webhooks as fast as they are answered',
  needs: [],
  run: measure,
};
