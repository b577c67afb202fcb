import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { CONNECTION_DOUBT_MS } from '../../../shared/limits.ts';
import { OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { Doubt, type DoubtRequest } from '../../../shared/registry/manners/doubt.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { until } from '../../support/until.ts';
import {
  failure,
  MANIFEST,
  MANIFEST_DIGEST,
  type Seen,
  sendManifest,
  startClient,
  startScripted,
} from '../scripted-registry.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A registry that leaves so many requests without an answer, from the one after `answered`, and a client on a clock that a test moves. */
async function silentAtFirst(t: TestContext, lost: number, answered = 0) {
  const held: (() => void)[] = [];
  /** The client's end of the connection of each request. */
  const ports: (number | undefined)[] = [];
  const registry = await startScripted(t, (seen: Seen, response: ServerResponse, count: number) => {
    ports.push(response.socket?.remotePort);
    const send = (): void => sendManifest(seen, response);
    if (count > answered && count <= answered + lost) held.push(send);
    else send();
  });
  const clock = movedClock();
  return { registry, clock, held, ports, client: startClient(t, { clock, attempts: 1 }) };
}

test('what is sent on a connection that is lost is sent again on a fresh one after 5 s', async (t) => {
  const { registry, clock, client } = await silentAtFirst(t, 1);
  const call = client.peek(registry.repository, 'v1');
  await until('the request', () => registry.seen[0]);
  clock.move(CONNECTION_DOUBT_MS - 1);
  await settled();
  assert.equal(registry.seen.length, 1);
  clock.move(1);
  assert.equal(await call, MANIFEST_DIGEST);
  assert.deepEqual([registry.seen.length, registry.connections()], [2, 2]);
});

test('of all that wait for one host, one asks on fresh connections; when it is answered, each is', async (t) => {
  const { registry, clock, client } = await silentAtFirst(t, 6);
  const calls = Array.from({ length: 4 }, () => client.peek(registry.repository, 'v1'));
  await until('four requests', () => registry.seen[3]);
  clock.move(CONNECTION_DOUBT_MS);
  await until('the first fresh one', () => registry.seen[4]);
  await settled();
  assert.equal(registry.seen.length, 5);
  clock.move(CONNECTION_DOUBT_MS);
  await until('the second', () => registry.seen[5]);
  clock.move(CONNECTION_DOUBT_MS);
  for (const digest of await Promise.all(calls)) assert.equal(digest, MANIFEST_DIGEST);
  // Four, two that were lost, one that was answered, and the three others again.
  assert.equal(registry.seen.length, 10);
});

test('connections from before a lost one are not used any more', async (t) => {
  const { registry, clock, ports, client } = await silentAtFirst(t, 1, 3);
  const peek = () => client.peek(registry.repository, 'v1');
  for (let time = 0; time < 3; time++) await peek();
  const before = new Set(ports);
  assert.equal(before.size, 2, 'kept alive');
  const call = peek();
  await until('the request', () => registry.seen[3]);
  assert.ok(before.has(ports[3]));
  clock.move(CONNECTION_DOUBT_MS);
  await call;
  for (let time = 0; time < 3; time++) await peek();
  const after = ports.slice(4);
  assert.deepEqual([after.length, after.some((port) => before.has(port))], [4, false]);
  assert.equal(new Set(after).size, 2, 'the fresh one is kept');
});

test('each fresh connection is another one', async (t) => {
  const { registry, clock, ports, client } = await silentAtFirst(t, 3);
  const call = client.peek(registry.repository, 'v1');
  for (let sent = 0; sent < 3; sent += 1) {
    await until('a request', () => registry.seen[sent]);
    clock.move(CONNECTION_DOUBT_MS);
  }
  await call;
  assert.equal(new Set(ports).size, 4);
});

test('a registry that answers late is not asked again where it does', async (t) => {
  const { registry, clock, held, client } = await silentAtFirst(t, 2);
  const call = client.peek(registry.repository, 'v1');
  await until('the request', () => registry.seen[0]);
  clock.move(CONNECTION_DOUBT_MS);
  await until('the one beside it', () => registry.seen[1]);
  held[0]?.();
  assert.equal(await call, MANIFEST_DIGEST);
});

test('a push is sent once, however long it takes', async (t) => {
  const { registry, clock, client } = await silentAtFirst(t, 1);
  const stop = new AbortController();
  const call = client.pushManifest(registry.repository, 'v1', OCI_MANIFEST, MANIFEST, {
    signal: stop.signal,
  });
  await until('the request', () => registry.seen[0]);
  clock.move(2 * CONNECTION_DOUBT_MS);
  await settled();
  stop.abort();
  await assert.rejects(call, failure('CANCELLED'));
  assert.deepEqual(
    registry.seen.map(({ method }) => method),
    ['PUT'],
  );
});

/** Requests of no wire: what was sent is answered by the test. */
function sends() {
  const sent: { readonly isFresh: boolean; readonly signal: AbortSignal; answer(): void }[] = [];
  const dropped: string[] = [];
  let lost = 0;
  const request: DoubtRequest<string> = {
    send: (isFresh, signal) => {
      const name = `${sent.length}`;
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      signal.addEventListener('abort', () => reject(signal.reason));
      sent.push({ isFresh, signal, answer: () => resolve(name) });
      return promise;
    },
    drop: (name) => void dropped.push(name),
    whenRead: (_name, then) => then(),
    onLost: () => {
      lost += 1;
    },
    signal: undefined,
  };
  return { request, sent, dropped, lost: () => lost };
}

test('a host that is slow has twice as long the next time; one whose connection was lost, as long as at first', async () => {
  const clock = movedClock();
  const doubt = new Doubt(clock);
  const asked = async (late: 'ordinary' | 'fresh', afterMs: number): Promise<void> => {
    const { request, sent, lost } = sends();
    const call = doubt.ask(request);
    clock.move(afterMs - 1);
    await settled();
    assert.equal(sent.length, 1, `${afterMs} ms are not over`);
    clock.move(1);
    await settled();
    assert.deepEqual(
      sent.map(({ isFresh }) => isFresh),
      [false, true],
    );
    sent[late === 'fresh' ? 1 : 0]?.answer();
    assert.equal(await call, late === 'fresh' ? '1' : '0');
    assert.equal(sent[late === 'fresh' ? 0 : 1]?.signal.aborted, true, 'the other is ended');
    assert.equal(lost(), late === 'fresh' ? 1 : 0);
  };
  await asked('ordinary', CONNECTION_DOUBT_MS);
  await asked('ordinary', 2 * CONNECTION_DOUBT_MS);
  await asked('fresh', 4 * CONNECTION_DOUBT_MS);
  await asked('ordinary', CONNECTION_DOUBT_MS);
});

test('a fresh one that fails ends nothing, and the next is sent in its place', async () => {
  const clock = movedClock();
  const { request, sent } = sends();
  const call = new Doubt(clock).ask({
    ...request,
    send: async (isFresh, signal) => {
      const answered = request.send(isFresh, signal);
      if (sent.length !== 2) return answered;
      answered.catch(() => undefined);
      throw new Error('refused');
    },
  });
  clock.move(CONNECTION_DOUBT_MS);
  await settled();
  clock.move(CONNECTION_DOUBT_MS);
  await settled();
  assert.deepEqual(
    sent.map(({ signal }) => signal.aborted),
    [false, true, false],
  );
  sent[2]?.answer();
  assert.equal(await call, '2');
});
