import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import type { Serving } from '../../local/serve.ts';
import type { LogFields } from '../../shared/log.ts';
import { readStatus } from '../../shared/store/status-store.ts';
import { atEnd } from '../support/at-end.ts';
import { imageOf } from '../support/stores/memory-sources.ts';
import { until } from '../support/until.ts';
import { announceToHub, hubOf, LISTEN, servedFor } from './served.ts';

/** Takes connections and never answers, until it is told to hang up on them all. */
async function startHole(t: TestContext) {
  const open = new Set<Socket>();
  let [most, requests] = [0, 0];
  const server = createServer((socket) => {
    open.add(socket);
    most = Math.max(most, open.size);
    socket.on('data', (bytes) => {
      requests += bytes.toString().split('HTTP/1.1\r\n').length - 1;
    });
    socket.on('close', () => open.delete(socket)).on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const hangUp = (): void => {
    for (const socket of open) socket.destroy();
  };
  atEnd(t, () => {
    hangUp();
    server.close();
  });
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    host: `127.0.0.1:${address.port}`,
    hangUp,
    /** Connections at the same time, and requests on them, so far. */
    seen: () => ({ most, requests }),
  };
}

async function startWell(t: TestContext) {
  const registry = await startEmbeddedRegistry();
  atEnd(t, () => registry.close());
  const push = (text: string): void => {
    const { blobs, bytes, mediaType } = imageOf({ 'a.txt': text });
    for (const blob of blobs) registry.content.addBlob('app', blob);
    registry.content.addManifest('app', mediaType, bytes, { tag: 'latest' });
  };
  push('one');
  return { host: registry.host, push };
}

const generationOf = async (serving: Serving, name: string): Promise<number> =>
  (await readStatus(serving.store.objects, { namespace: 'default', name }))?.status.generation ?? 0;

const HUNG = 200;

test('200 sources of a registry that takes connections and never answers: one asks, and the others hold up nobody', async (t) => {
  const hole = await startHole(t);
  const well = await startWell(t);
  const logged: [string, LogFields | undefined][] = [];
  const entries = [
    ...Array.from(
      { length: HUNG },
      (_, at) => `{ name: hung-${at}, url: "oci://${hole.host}/r${at}", interval: 24h, timeout: 10m }`,
    ),
    `{ name: well, url: "oci://${well.host}/app", interval: 24h }`,
  ];
  const text = `sources: [${entries.join(', ')}]\nreceivers: [${hubOf(well.host)}]`;
  const { begun } = await servedFor(t, text, {
    listen: LISTEN,
    concurrency: 4,
    log: (_, message, fields) => void logged.push([message, fields]),
  });
  const serving = await begun;
  atEnd(t, () => serving.close());
  await until(
    'the healthy source to land',
    async () => (await generationOf(serving, 'well')) === 1 || undefined,
  );
  well.push('two');
  await announceToHub(serving, 'latest');
  await until('its push to land', async () => (await generationOf(serving, 'well')) === 2 || undefined);
  assert.deepEqual(hole.seen(), { most: 1, requests: 1 });
});

test('a registry that hangs up on all has its sources fail with that, once in the log, and each in its status', async (t) => {
  const hole = await startHole(t);
  const logged: [string, LogFields | undefined][] = [];
  const entries = Array.from(
    { length: 20 },
    (_, at) => `{ name: hung-${at}, url: "oci://${hole.host}/r${at}", interval: 24h, timeout: 10m }`,
  );
  const { begun } = await servedFor(t, `sources: [${entries.join(', ')}]`, {
    concurrency: 4,
    log: (level, message, fields) => void logged.push([`${level} ${message}`, fields]),
  });
  const serving = await begun;
  atEnd(t, () => serving.close());
  const failureOf = async (name: string) =>
    (await readStatus(serving.store.objects, { namespace: 'default', name }))?.status.failure;
  await until('a source to ask', () => (hole.seen().requests === 1 ? true : undefined));
  const hangingUp = setInterval(hole.hangUp, 20);
  atEnd(t, () => clearInterval(hangingUp));
  for (let at = 0; at < 20; at += 1) {
    const { code } = await until(
      `the failure of ${at}`,
      async () => (await failureOf(`hung-${at}`)) ?? undefined,
    );
    assert.equal(code, 'REGISTRY_UNREACHABLE');
  }
  assert.match((await failureOf('hung-19'))?.message ?? '', /was not asked: it does not answer/);
  const said = (line: string) => logged.filter(([message]) => message === line).length;
  assert.equal(said('warn registry does not answer'), 1);
  assert.ok(said('error reconcile failed') <= 2, `${said('error reconcile failed')}`);
});
