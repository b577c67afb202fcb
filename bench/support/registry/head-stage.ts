import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type EmbeddedRegistry,
  startEmbeddedRegistry,
} from '../../../embedded-registry/embedded-registry.ts';
import { parseObject } from '../../../shared/kernel/json.ts';
import { statusKey } from '../../../shared/store/layout.ts';
import { plantArtifact, tinyArtifact } from '../artifacts/tiny-artifact.ts';
import { stopWorker } from '../worker.ts';

const LANDFALL = fileURLToPath(new URL('../../../bin/landfall', import.meta.url));
const SOURCES = 10;
const PATIENCE_MS = 180_000;
const LOOK_MS = 20;

/** What the wire to the registry does with a connection: passes it on, closes it, or lets it hang, for ever or until it passes again. */
export type Wire = 'passes' | 'closes' | 'drops' | 'waits';

/** `serve` and ten sources of a registry behind a wire. */
export interface HeadStage extends AsyncDisposable {
  readonly registry: EmbeddedRegistry;
  readonly store: string;
  readonly intervalMs: number;
  readonly serve: ChildProcess;
  wire(does: Wire): void;
  start(): Promise<void>;
  /** Something new for each source; its digests by the source's name. */
  push(): Promise<ReadonlyMap<string, string>>;
  reached(wanted: ReadonlyMap<string, string>): Promise<void>;
}

function openWire(target: string) {
  const [host = '', port] = target.split(':');
  const held = new Set<{ readonly client: Socket; readonly upstream: Socket; isLost: boolean }>();
  let does: Wire = 'passes';
  const server = createServer((client) => {
    client.on('error', () => undefined);
    if (does === 'closes') return void client.destroy();
    const upstream = connect(Number(port), host).on('error', () => client.destroy());
    const pair = { client, upstream, isLost: does === 'drops' };
    held.add(pair);
    client.on('close', () => {
      held.delete(pair);
      upstream.destroy();
    });
    if (does === 'passes') client.pipe(upstream).pipe(client);
  }).listen(0, '127.0.0.1');
  const change = (next: Wire): void => {
    for (const pair of held) {
      const { client, upstream } = pair;
      if (next === 'closes') client.destroy();
      else if (next === 'passes') {
        if (!pair.isLost) client.pipe(upstream).pipe(client);
      } else {
        client.unpipe(upstream).pause();
        upstream.unpipe(client).pause();
        if (next === 'drops') pair.isLost = true;
      }
    }
    does = next;
  };
  return { server, change, close: () => closeWire(server, held) };
}

function closeWire(server: Server, held: Iterable<{ readonly client: Socket }>): void {
  server.close();
  for (const { client } of held) client.destroy();
}

const digestNow = (store: string, name: string): unknown => {
  try {
    const current = parseObject(
      readFileSync(join(store, statusKey({ namespace: 'default', name })), 'utf8'),
    )?.['current'];
    return typeof current === 'object' && current !== null && 'digest' in current
      ? current.digest
      : undefined;
  } catch {
    return undefined;
  }
};

/** Everything is landed once. `folder` is made. */
export async function openHeadStage(folder: string, intervalMs: number): Promise<HeadStage> {
  await using stack = new AsyncDisposableStack();
  const registry = await startEmbeddedRegistry();
  stack.defer(() => registry.close());
  const wire = openWire(registry.host);
  stack.defer(wire.close);
  await once(wire.server, 'listening');
  const address = wire.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const names = Array.from({ length: SOURCES }, (_, at) => `app-${at}`);
  const store = join(folder, 'store');
  const documents = join(folder, 'sources.yaml');
  const lines = names.map(
    (name) =>
      `  - { name: ${name}, url: "oci://127.0.0.1:${address.port}/${name}", ref: { tag: live }, interval: ${intervalMs}ms }`,
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(documents, `sources:\n${lines.join('\n')}\n`);
  let serve: ChildProcess;
  const start = async (): Promise<void> => {
    const argv = ['serve', '-f', documents, '--store', store, '--listen', '127.0.0.1:0', '--plain-http'];
    serve = spawn(LANDFALL, argv, { stdio: ['ignore', 'pipe', 'ignore'] });
    if (serve.stdout !== null) await once(serve.stdout, 'data');
  };
  let pushes = 0;
  const push = async () => {
    pushes += 1;
    const wanted = new Map<string, string>();
    for (const name of names) {
      const artifact = await tinyArtifact(`${name} ${pushes}`);
      plantArtifact(registry.content, artifact, { repository: name, tag: 'live' });
      wanted.set(name, artifact.manifest.digest);
    }
    return wanted;
  };
  const reached = async (wanted: ReadonlyMap<string, string>): Promise<void> => {
    for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
      if ([...wanted].every(([name, digest]) => digestNow(store, name) === digest)) return;
      await sleep(LOOK_MS);
    }
    throw new Error(`not every source is at its registry’s head after ${PATIENCE_MS} ms`);
  };
  const first = await push();
  await start();
  stack.defer(() => stopWorker(serve));
  await reached(first);
  const closing = stack.move();
  return {
    registry,
    store,
    intervalMs,
    get serve() {
      return serve;
    },
    wire: wire.change,
    start,
    push,
    reached,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
