import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openDeployWorld } from '../test/deploy/deploy-world.ts';
import { openSlow } from '../test/deploy/visit/slow-kind.ts';
import { type Gate, gateStore } from '../test/support/simulation/simulation-ports.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { milliseconds } from './support/figures/format.ts';
import { percentile } from './support/figures/statistics.ts';
import { post, pushNext, setUp } from './webhook.ts';

const P99_MS = 200;
/** Not counted: the first meet code that was not compiled yet. */
const WARM_UPS = 10;
/** What a schedule of one minute makes of a day. */
const LOOKS = 1_440;

interface Arrival {
  readonly digest: string;
  /** Of the event, which is when the revision became current. */
  readonly time: string;
  readonly at: number;
}

/** A target of `http` deploys, which says when it was called. */
async function startTarget(stack: AsyncDisposableStack) {
  const waiting: ((arrival: Arrival) => void)[] = [];
  const server = createServer(async (request, response) => {
    const at = Date.now();
    const { time, data } = JSON.parse(Buffer.concat(await request.toArray()).toString()) as {
      readonly time: string;
      readonly data: { readonly digest: string };
    };
    response.writeHead(204).end();
    waiting.shift()?.({ digest: data.digest, time, at });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    next: () => new Promise<Arrival>((resolve) => waiting.push(resolve)),
  };
}

/** Milliseconds from the event to the first call to the target, by `bin/landfall serve`. */
async function eventToCall({ quick, scratch }: BenchContext): Promise<Figure> {
  await using stack = new AsyncDisposableStack();
  const target = await startTarget(stack);
  const first = target.next();
  const deploys = `deploys:\n  - { name: tell, kind: http, source: app, url: "${target.url}" }\n`;
  const stage = await setUp(stack, scratch, { deploys });
  await first;
  const taken: number[] = [];
  for (let at = -WARM_UPS; at < (quick ? 20 : 300); at += 1) {
    const digest = await pushNext(stage, `push ${at}`);
    const [called] = await Promise.all([target.next(), stage.tail.next(), post(stage)]);
    if (called.digest !== digest) throw new Error(`wanted a call for ${digest}, got ${called.digest}`);
    if (at >= 0) taken.push(Math.max(0, called.at - Date.parse(called.time)));
  }
  const p99 = percentile(taken, 0.99);
  return {
    what: 'event to the first call to its target',
    measured: `p50 ${milliseconds(percentile(taken, 0.5))}, p99 ${milliseconds(p99)}, ${taken.length} pushes`,
    target: `p99 ≤ ${P99_MS} ms`,
    met: p99 <= P99_MS,
  };
}

/** What the looks of a day cost that wait for an approval: requests to the store, and no call to the target. */
async function waitingDay(): Promise<readonly Figure[]> {
  const world = openDeployWorld();
  const event = await world.land({ 'a.txt': '1' });
  let requests = 0;
  let writes = 0;
  const gate: Gate = async (_port, call, effect) => {
    requests += 1;
    if (!call.startsWith('get ') && call !== 'record') writes += 1;
    return effect();
  };
  const deps = { ...world.deps, store: gateStore(world.store, gate) };
  const { run, target } = openSlow({ ...world, deps }, { approval: 'required' });
  await run(event);
  [requests, writes] = [0, 0];
  const begun = performance.now();
  for (let look = 0; look < LOOKS; look += 1) await run(event);
  const took = performance.now() - begun;
  const met = target.calls.length === 0 && writes === 0;
  return [
    {
      what: `${LOOKS} looks of a deploy that waits for an approval`,
      measured: `${requests / LOOKS} reads of the store a look, ${writes} writes, ${target.calls.length} calls to its target, ${milliseconds(took / LOOKS)} a look`,
      target: 'no write, no call',
      met,
    },
  ];
}

/** Deploys on one machine, and what those cost that only wait. */
export const bench: Bench = {
  name: 'deploys',
  about: 'from an event to the first call to its target, and what waiting costs',
  needs: ['docker-registry'],
  run: async (context) => [await eventToCall(context), ...(await waitingDay())],
};
