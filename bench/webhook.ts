import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../shared/clock.ts';
import { createAccessResolver } from '../shared/credentials/access-resolver.ts';
import { DEFAULT_LIMITS } from '../shared/limits.ts';
import { createRegistryClient, type RegistryClient } from '../shared/registry/create-client.ts';
import { receiverPath } from '../shared/trigger/receivers/open-receiver.ts';
import { type DockerRegistry, startDockerRegistry } from '../test/support/servers/docker-registry.ts';
import { freePort } from '../test/support/servers/free-port.ts';
import { pushTiny } from './support/artifacts/tiny-artifact.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { EventTail } from './support/event-tail.ts';
import { milliseconds } from './support/figures/format.ts';
import { percentile } from './support/figures/statistics.ts';
import { stopWorker } from './support/worker.ts';

const LANDFALL = fileURLToPath(new URL('../bin/landfall', import.meta.url));
const SECRET = 'bench-webhook-secret';
const REPOSITORY = 'bench/app';
const P99_MS = 250;
/** Not counted: the first pushes meet code that was not compiled yet. */
const WARM_UPS = 10;

export interface Stage {
  readonly registry: DockerRegistry;
  readonly client: RegistryClient;
  readonly tail: EventTail;
  /** Where webhooks go. */
  readonly hook: string;
}

const documentFor = (host: string, deploys: string): string => `sources:
  - name: app
    url: oci://${host}/${REPOSITORY}
    ref: { tag: live }
    interval: 24h
receivers:
  - { name: bench, type: distribution, registry: "${host}", secret: { value: ${SECRET} } }
${deploys}`;

/** Resolves once it listens. */
async function listening(child: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: child.stdout ?? Readable.from([]) })) {
    if (line.includes('listening')) return;
  }
  throw new Error('landfall serve ended before it listened');
}

/** `notify`: the registry calls the webhook itself. Else the bench does. `deploys`: of its document, as YAML. */
export async function setUp(
  stack: AsyncDisposableStack,
  scratch: string,
  { notify = false, deploys = '' }: { readonly notify?: boolean; readonly deploys?: string } = {},
): Promise<Stage> {
  const port = await freePort();
  const path = receiverPath({ type: 'distribution', name: 'bench' }, SECRET);
  const hook = `http://127.0.0.1:${port}${path}`;
  const headers = { Authorization: `Bearer ${SECRET}` };
  const registry = await startDockerRegistry({ notifications: notify ? [{ url: hook, headers }] : [] });
  stack.defer(() => registry.close());
  const access = createAccessResolver({ plainHttp: true, env: {} });
  const client = createRegistryClient({ access, clock: systemClock, limits: DEFAULT_LIMITS });
  stack.defer(() => client.close());
  await pushTiny(client, { registry: registry.host, repository: REPOSITORY }, { tag: 'live', text: 'start' });
  const store = join(scratch, notify ? 'notified' : 'posted');
  const documents = `${store}.yaml`;
  await writeFile(documents, documentFor(registry.host, deploys));
  const args = ['serve', '-f', documents, '--store', store, '--listen', `127.0.0.1:${port}`, '--plain-http'];
  const child = spawn(LANDFALL, [...args, '--log-level', 'error'], { stdio: ['ignore', 'pipe', 'inherit'] });
  stack.defer(() => stopWorker(child));
  await listening(child);
  child.stdout?.resume();
  const tail = new EventTail(join(store, 'events'));
  await tail.next();
  return { registry, client, tail, hook };
}

/** What docker-registry sends after a push. */
export async function post({ hook }: Stage): Promise<void> {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const target = { mediaType, repository: REPOSITORY, tag: 'live' };
  const response = await fetch(hook, {
    method: 'POST',
    headers: { Authorization: `Bearer ${SECRET}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ events: [{ action: 'push', target }] }),
  });
  await response.arrayBuffer();
  if (response.status !== 202) throw new Error(`the webhook was answered ${response.status}`);
}

/** Pushes another revision; its digest. */
export const pushNext = ({ registry, client }: Stage, text: string) =>
  pushTiny(client, { registry: registry.host, repository: REPOSITORY }, { tag: 'live', text });

/** Milliseconds from the webhook (or from the end of the push) to the event in the store's log, push for push. */
async function samples(stage: Stage, count: number, notify: boolean): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let at = -WARM_UPS; at < count; at += 1) {
    const digest = await pushNext(stage, `push ${at}`);
    const begun = performance.now();
    const [event] = await Promise.all([stage.tail.next(), notify ? undefined : post(stage)]);
    if (!event.includes(digest)) throw new Error(`wanted the event of ${digest}, got ${event}`);
    if (at >= 0) taken.push(performance.now() - begun);
  }
  return taken;
}

async function measure(notify: boolean, { quick, scratch }: BenchContext): Promise<Figure> {
  await using stack = new AsyncDisposableStack();
  const stage = await setUp(stack, scratch, { notify });
  const taken = await samples(stage, quick ? 20 : 300, notify);
  const p99 = percentile(taken, 0.99);
  const measured = `p50 ${milliseconds(percentile(taken, 0.5))}, p99 ${milliseconds(p99)}, ${taken.length} pushes`;
  if (notify) return { what: "end of push to event, by docker-registry's own notification", measured };
  const target = `p99 ≤ ${P99_MS} ms`;
  return { what: 'webhook to event in the log', measured, target, met: p99 <= P99_MS };
}

/** `bin/landfall serve` over a durable store; a small artifact pushed to docker-registry again and again. */
export const bench: Bench = {
  name: 'webhook',
  about: 'from a push to its event on one machine',
  needs: ['docker-registry'],
  run: async (context) => [await measure(false, context), await measure(true, context)],
};
