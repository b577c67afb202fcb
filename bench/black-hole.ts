import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../embedded-registry/embedded-registry.ts';
import { receiverPath } from '../shared/trigger/receivers/open-receiver.ts';
import { freePort } from '../test/support/servers/free-port.ts';
import { Pseudorandom } from './support/artifacts/pseudorandom.ts';
import { plantTiny } from './support/artifacts/tiny-artifact.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { EventTail } from './support/event-tail.ts';
import { milliseconds } from './support/figures/format.ts';
import { percentile } from './support/figures/statistics.ts';
import { stopWorker } from './support/worker.ts';

const LANDFALL = fileURLToPath(new URL('../bin/landfall', import.meta.url));
const SECRET = 'bench-webhook-secret';
const HEALTHY = 20;
const HUNG = 200;
/** The most that the hole may add to the p99 of the healthy. */
const GROWTH = 1.2;
/** The interval of the healthy where they are looked at by schedule, as that of the hung. */
const SCHEDULE_SECONDS = 5;

/** Takes connections and never answers. */
async function startHole(stack: AsyncDisposableStack): Promise<string> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => undefined);
    socket.resume();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}

const sourceLine = (name: string, url: string, interval: string): string =>
  `  - { name: ${name}, url: "oci://${url}", ref: { tag: live }, interval: ${interval}, timeout: 20s }`;

async function listening(child: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: child.stdout ?? Readable.from([]) })) {
    if (line.includes('listening')) return;
  }
  throw new Error('landfall serve ended before it listened');
}

interface Stage {
  readonly registry: EmbeddedRegistry;
  readonly tail: EventTail;
  readonly hook: string;
}

const push = ({ registry }: Pick<Stage, 'registry'>, at: number, text: string): Promise<void> =>
  plantTiny(registry.content, { repository: `well/app-${at}`, tag: 'live', text });

async function setUp(
  stack: AsyncDisposableStack,
  { scratch }: BenchContext,
  { name, holes, interval }: { readonly name: string; readonly holes: number; readonly interval: string },
): Promise<Stage> {
  const registry = await startEmbeddedRegistry();
  stack.defer(() => registry.close());
  const hole = await startHole(stack);
  const well = Array.from({ length: HEALTHY }, (_, at) => at);
  for (const at of well) await push({ registry }, at, `start ${at}`);
  const lines = [
    ...Array.from({ length: holes }, (_, at) => sourceLine(`hung-${at}`, `${hole}/r${at}`, '5s')),
    ...well.map((at) => sourceLine(`well-${at}`, `${registry.host}/well/app-${at}`, interval)),
  ];
  const receiver = `  - { name: bench, type: distribution, registry: "${registry.host}", secret: { value: ${SECRET} } }`;
  const documents = join(scratch, `${name}.yaml`);
  await writeFile(documents, `sources:\n${lines.join('\n')}\nreceivers:\n${receiver}\n`);
  const [store, port] = [join(scratch, name), await freePort()];
  const argv = ['serve', '-f', documents, '--store', store, '--listen', `127.0.0.1:${port}`, '--plain-http'];
  const child = spawn(LANDFALL, [...argv, '--log-level', 'error'], { stdio: ['ignore', 'pipe', 'ignore'] });
  stack.defer(() => stopWorker(child));
  await listening(child);
  child.stdout?.resume();
  const tail = new EventTail(join(store, 'events'));
  await Promise.all(well.map((at) => tail.of(`well-${at}`)));
  const path = receiverPath({ type: 'distribution', name: 'bench' }, SECRET);
  return { registry, tail, hook: `http://127.0.0.1:${port}${path}` };
}

async function post({ hook }: Stage, at: number): Promise<void> {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const target = { mediaType, repository: `well/app-${at}`, tag: 'live' };
  const response = await fetch(hook, {
    method: 'POST',
    headers: { Authorization: `Bearer ${SECRET}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ events: [{ action: 'push', target }] }),
  });
  await response.arrayBuffer();
}

/** Milliseconds from one push to its event. */
async function sample(stage: Stage, at: number, isPosted: boolean): Promise<number> {
  const one = at % HEALTHY;
  const come = stage.tail.of(`well-${one}`);
  await push(stage, one, `push ${at}`);
  const begun = performance.now();
  if (isPosted) await post(stage, one);
  await come;
  return performance.now() - begun;
}

interface Pair {
  readonly alone: number;
  readonly beside: number;
}

/** A webhook takes the time of its work, and one at a time has the machine for it. */
async function byWebhook(alone: Stage, beside: Stage, count: number): Promise<readonly Pair[]> {
  const taken: Pair[] = [];
  for (let at = 0; at < count; at += 1)
    taken.push({ alone: await sample(alone, at, true), beside: await sample(beside, at, true) });
  return taken;
}

/**
 * A schedule takes the time until the source's turn. Each source is pushed to again after its event and a while that
 * differs, so that pushes meet every moment between two looks: one push at a time would give too few for a p99.
 */
async function bySchedule(alone: Stage, beside: Stage, each: number): Promise<readonly Pair[]> {
  const random = new Pseudorandom('pushes');
  const ofSource = async (one: number): Promise<readonly Pair[]> => {
    const taken: Pair[] = [];
    for (let at = 0; at < each; at += 1) {
      await sleep(random.under(SCHEDULE_SECONDS * 1000));
      const push = one + at * HEALTHY;
      const both = await Promise.all([sample(alone, push, false), sample(beside, push, false)]);
      taken.push({ alone: both[0], beside: both[1] });
    }
    return taken;
  };
  return (await Promise.all(Array.from({ length: HEALTHY }, (_, one) => ofSource(one)))).flat();
}

/** Of both, push for push beside each other: what else the machine does is the same for both. */
async function measure(how: 'webhook' | 'schedule', context: BenchContext): Promise<Figure> {
  const interval = how === 'webhook' ? '24h' : `${SCHEDULE_SECONDS}s`;
  await using stack = new AsyncDisposableStack();
  const open = (holes: number): Promise<Stage> =>
    setUp(stack, context, { name: `${how}-${holes}`, holes, interval });
  const [alone, beside] = [await open(0), await open(HUNG)];
  const taken =
    how === 'webhook'
      ? await byWebhook(alone, beside, context.quick ? 20 : 300)
      : await bySchedule(alone, beside, context.quick ? 1 : 30);
  const p99 = (which: 'alone' | 'beside'): number =>
    percentile(
      taken.map((each) => each[which]),
      0.99,
    );
  const ratio = p99('beside') / p99('alone');
  return {
    what: `push to event by ${how}, ${taken.length} pushes, ${HEALTHY} sources beside ${HUNG} on a black hole`,
    measured: `p99 ${milliseconds(p99('beside'))}, without the hole ${milliseconds(p99('alone'))}: ${ratio.toFixed(2)} times`,
    target: `≤ ${GROWTH} times`,
    met: ratio <= GROWTH,
  };
}

/** A registry that takes connections and never answers holds up nobody else. */
export const bench: Bench = {
  name: 'black-hole',
  about: 'healthy sources beside a registry that never answers',
  needs: [],
  run: async (context) => [await measure('schedule', context), await measure('webhook', context)],
};
