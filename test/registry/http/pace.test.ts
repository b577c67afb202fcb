import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../../shared/errors.ts';
import { REGISTRY_PAUSE_MS, RETRY_AFTER_WAIT_MS } from '../../../shared/limits.ts';
import { Paces } from '../../../shared/registry/manners/pace.ts';
import { KNOWN_HOSTS, paceRuleOf } from '../../../shared/registry/manners/pace-rule.ts';
import { Turns } from '../../../shared/registry/manners/turns.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { until } from '../../support/until.ts';
import {
  failure,
  ociError,
  PLAIN,
  type Script,
  type ScriptedRegistry,
  sendJson,
  sendManifest,
  startClient,
  startScripted,
  steppedClock,
} from '../scripted-registry.ts';

const other = ({ repository }: ScriptedRegistry) => ({ ...repository, repository: 'other' });

for (const concurrency of [1, 3]) {
  test(`${concurrency} at the same time where the entry says so, and all in the end`, async (t) => {
    let underWay = 0;
    let most = 0;
    const registry = await startScripted(t, (seen, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      setTimeout(() => {
        underWay -= 1;
        sendManifest(seen, response);
      }, 5);
    });
    const client = startClient(t, { transport: { ...PLAIN, concurrency } });
    await Promise.all(Array.from({ length: 12 }, () => client.peek(registry.repository, 'v1')));
    assert.deepEqual([most, registry.seen.length], [concurrency, 12]);
  });
}

test('a body that nobody reads keeps no other request waiting', async (t) => {
  const registry = await startScripted(t, (seen, response) => {
    if (!seen.path.includes('/blobs/')) return sendManifest(seen, response);
    response.writeHead(200, { 'content-length': 100 }).write('x');
  });
  const client = startClient(t, { transport: { ...PLAIN, concurrency: 1 } });
  const descriptor = { mediaType: 'x/y', digest: `sha256:${'a'.repeat(64)}`, size: 100 } as never;
  const blob = await client.blob(registry.repository, descriptor);
  await client.peek(registry.repository, 'v1');
  blob.on('error', () => undefined).destroy();
});

test('one that leaves the queue takes nobody’s place with it', async (t) => {
  const held: (() => void)[] = [];
  const registry = await startScripted(t, (seen, response) => {
    held.push(() => sendManifest(seen, response));
    if (registry.seen.length > 1) held.at(-1)?.();
  });
  const client = startClient(t, { transport: { ...PLAIN, concurrency: 1 } });
  const first = client.peek(registry.repository, 'v1');
  const leaving = new AbortController();
  const second = client.peek(registry.repository, 'v1', { signal: leaving.signal });
  const third = client.peek(registry.repository, 'v1', { signal: AbortSignal.timeout(10_000) });
  // By then all three have come as far as the queue.
  await until('the first request', () => registry.seen[0]);
  leaving.abort();
  await assert.rejects(second, failure('CANCELLED'));
  held[0]?.();
  await Promise.all([first, third]);
  assert.equal(registry.seen.length, 2);
});

for (const [perMinute, calls, slept] of [
  [60, 3, [1000, 1000]],
  [600, 10, []],
  [600, 12, [100, 100]],
  [6, 2, [10_000]],
] as const) {
  test(`${calls} requests at ${perMinute} a minute wait ${slept.join(' and ') || 'for nothing'}`, async (t) => {
    const clock = steppedClock();
    const registry = await startScripted(t, sendManifest);
    const client = startClient(t, { clock, transport: { ...PLAIN, requestsPerMinute: perMinute } });
    for (let call = 0; call < calls; call++) await client.peek(registry.repository, 'v1');
    assert.deepEqual(clock.slept, slept);
  });
}

const refusing =
  (status: number, headers: Record<string, string>, body: unknown = {}): Script =>
  (seen, response) =>
    seen.path.includes('/other/') ? sendManifest(seen, response) : sendJson(response, status, body, headers);

const PAUSES: readonly (readonly [string, Script, number])[] = [
  ['a 429', refusing(429, { 'retry-after': '120' }), 120],
  ['a 503 with a time', refusing(503, { 'retry-after': '90' }), 90],
  [
    "GHCR's 429",
    refusing(429, {}, ociError('TOOMANYREQUESTS', 'retry-after: 65s, allowed: 2000/minute')),
    65,
  ],
  [
    'a token service that says so',
    (seen, response) =>
      seen.path.startsWith('/token')
        ? sendJson(response, 429, {}, { 'retry-after': '40' })
        : response
            .writeHead(401, { 'www-authenticate': `Bearer realm="http://${seen.headers.host}/token"` })
            .end(),
    40,
  ],
];
for (const [name, script, seconds] of PAUSES) {
  test(`${name} for one source pauses the host for every other, until its time is over`, async (t) => {
    const clock = steppedClock();
    const registry = await startScripted(t, script);
    const client = startClient(t, { clock, attempts: 1 });
    await assert.rejects(client.manifest(registry.repository, 'v1'));
    const before = registry.seen.length;
    clock.step(1000);
    await assert.rejects(client.peek(other(registry), 'v1'), (error: LandfallError) => {
      assert.equal(error.retryAfterMs, (seconds - 1) * 1000);
      return failure('RATE_LIMITED', /not sent/)(error);
    });
    assert.equal(registry.seen.length, before);
    clock.step((seconds - 1) * 1000);
    await client.peek(other(registry), 'v1').catch(() => undefined);
    assert.equal(registry.seen.length, before + 1);
    assert.deepEqual(clock.slept, []);
  });
}

const OF_ONE: readonly (readonly [string, Script])[] = [
  ['a 503 without a time', refusing(503, {})],
  ['a 403 with a time', refusing(403, { 'retry-after': '120' })],
];
for (const [name, script] of OF_ONE) {
  test(`${name} pauses nobody else`, async (t) => {
    const clock = steppedClock();
    const registry = await startScripted(t, script);
    const client = startClient(t, { clock, attempts: 1 });
    await assert.rejects(client.manifest(registry.repository, 'v1'));
    await client.peek(other(registry), 'v1');
    assert.deepEqual(clock.slept, []);
  });
}

for (const [waits, left] of [
  [true, RETRY_AFTER_WAIT_MS],
  [false, RETRY_AFTER_WAIT_MS + 1],
] as const) {
  test(`a pause with ${left} ms left is ${waits ? 'sat out' : 'told'}`, async (t) => {
    const clock = steppedClock();
    const registry = await startScripted(t, refusing(429, { 'retry-after': '60' }));
    const client = startClient(t, { clock, attempts: 1 });
    await assert.rejects(client.peek(registry.repository, 'v1'));
    clock.step(60_000 - left);
    const call = client.peek(other(registry), 'v1');
    if (waits) await call;
    else await assert.rejects(call, failure('RATE_LIMITED'));
    assert.deepEqual(clock.slept, waits ? [left] : []);
  });
}

test('no pause is longer than an hour, whatever was asked', async (t) => {
  const clock = steppedClock();
  const registry = await startScripted(t, refusing(429, { 'retry-after': '1795000000' }));
  const client = startClient(t, { clock, attempts: 1 });
  await assert.rejects(client.peek(registry.repository, 'v1'));
  clock.step(REGISTRY_PAUSE_MS - RETRY_AFTER_WAIT_MS - 1);
  await assert.rejects(client.peek(other(registry), 'v1'), failure('RATE_LIMITED', /not sent/));
  clock.step(RETRY_AFTER_WAIT_MS + 1);
  await client.peek(other(registry), 'v1');
});

test('a pause of storage is not one of the registry, nor the other way round', async (t) => {
  const storage = await startScripted(t, (_, r) => sendJson(r, 429, {}, { 'retry-after': '120' }));
  const registry = await startScripted(t, (seen, response) =>
    seen.path.includes('/blobs/')
      ? void response.writeHead(307, { location: `${storage.origin}/x` }).end()
      : sendManifest(seen, response),
  );
  const client = startClient(t, { clock: steppedClock(), attempts: 1 });
  const descriptor = { mediaType: 'x/y', digest: `sha256:${'a'.repeat(64)}`, size: 100 } as never;
  await assert.rejects(client.blob(registry.repository, descriptor), failure('RATE_LIMITED'));
  await client.peek(registry.repository, 'v1');
  await assert.rejects(client.blob(registry.repository, descriptor), failure('RATE_LIMITED', /not sent/));
  assert.equal(storage.seen.length, 1);
});

test('a registry that redirects to another, which then refuses, pauses it for nobody else', async (t) => {
  const victim = await startScripted(t, (seen, response) =>
    seen.path.includes('/blobs/')
      ? sendJson(response, 429, {}, { 'retry-after': '1800' })
      : sendManifest(seen, response),
  );
  const hostile = await startScripted(
    t,
    (seen, response) => void response.writeHead(307, { location: `${victim.origin}${seen.path}` }).end(),
  );
  const client = startClient(t, { clock: steppedClock(), attempts: 1 });
  const descriptor = { mediaType: 'x/y', digest: `sha256:${'a'.repeat(64)}`, size: 100 } as never;
  await assert.rejects(client.blob(hostile.repository, descriptor), failure('RATE_LIMITED'));
  await assert.rejects(client.blob(hostile.repository, descriptor), failure('RATE_LIMITED', /not sent/));
  await client.peek(victim.repository, 'v1');
});

test('who gives up waiting leaves no gap: at one a minute somebody’s turn still comes', async () => {
  const clock = steppedClock();
  const turns = new Turns({ ...clock, sleep: (_, signal) => Promise.reject(signal?.reason) });
  const rule = { concurrency: 8, requestsPerMinute: 1 };
  await turns.take(rule, undefined);
  for (let time = 0; time < 100; time++) {
    await assert.rejects(turns.take(rule, AbortSignal.timeout(0)));
  }
  clock.step(60_000);
  await turns.take(rule, undefined);
});

test('a host that says "too many" and no time is paused for longer each time, until it answers', async () => {
  const clock = steppedClock();
  const paces = new Paces(clock, { attempts: 1, baseMs: 1000 });
  const caller = { rule: KNOWN_HOSTS['ghcr.io'] ?? assert.fail(), what: 'GET x', signal: undefined };
  const place = { origin: 'https://ghcr.io', home: 'https://ghcr.io' };
  const refused = (): LandfallError => paces.heed(place, new LandfallError('RATE_LIMITED', 'x'));
  const enter = async (): Promise<void> => (await paces.enter(place, caller))();
  for (let time = 0; time < 3; time++) {
    refused();
    await enter();
  }
  paces.welcome(place);
  refused();
  await enter();
  assert.deepEqual(clock.slept, [1000, 2000, 4000, 1000]);
});

test('many that are refused at once without a time are one refusal, and no such pause is longer than 5 s', async () => {
  let now = 0;
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    slept.push(ms);
    now += ms;
  };
  const paces = new Paces({ now: () => now, sleep }, { attempts: 1, baseMs: 500 });
  const caller = { rule: KNOWN_HOSTS['ghcr.io'] ?? assert.fail(), what: 'GET x', signal: undefined };
  const place = { origin: 'https://ghcr.io', home: 'https://ghcr.io' };
  for (let time = 0; time < 6; time++) {
    for (let at = 0; at < 8; at++) paces.heed(place, new LandfallError('RATE_LIMITED', 'x'));
    (await paces.enter(place, caller))();
  }
  assert.deepEqual(slept, [500, 1000, 2000, 4000, 5000, 5000]);
});

test('after a refusal without a time one asks, and the others once it is answered; who runs out of time is told why', async () => {
  const clock = movedClock();
  const paces = new Paces(clock, { attempts: 1, baseMs: 1000 });
  const place = { origin: 'https://r.example', home: 'https://r.example' };
  const entered: number[] = [];
  const rule = { concurrency: 8, requestsPerMinute: Number.POSITIVE_INFINITY };
  const refused = (): LandfallError => paces.heed(place, new LandfallError('RATE_LIMITED', 'x'));
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  refused();
  const leaves = Array.from({ length: 4 }, async (_, at) => {
    const leave = await paces.enter(place, { rule, what: 'GET x', signal: undefined });
    entered.push(at);
    return leave;
  });
  clock.move(1000);
  await settled();
  assert.deepEqual(entered, [0]);
  const late = paces.enter(place, { rule, what: 'GET x', signal: AbortSignal.timeout(1) });
  await assert.rejects(late, failure('RATE_LIMITED', /not sent/));
  refused();
  (await leaves[0])?.();
  await settled();
  assert.deepEqual(entered, [0], 'the next one sits the new pause out');
  clock.move(2000);
  await settled();
  assert.deepEqual(entered, [0, 1]);
  paces.welcome(place);
  (await leaves[1])?.();
  await settled();
  assert.deepEqual(entered, [0, 1, 2, 3]);
});

const PUBLIC = { ...PLAIN, plainHttp: false, local: false };
const hop = (hostname: string) => ({ origin: `https://${hostname}`, hostname, secure: true, path: '/' });
test('public hosts are bounded, known ones by what they are known for, an entry decides for its own registry', () => {
  const rule = paceRuleOf(hop('r.example'), PUBLIC, true);
  assert.ok(rule.concurrency <= 8 && rule.requestsPerMinute <= 3000);
  assert.equal(paceRuleOf(hop('ghcr.io'), PUBLIC, true).concurrency, 4);
  assert.ok(paceRuleOf(hop('ghcr.io'), PUBLIC, true).requestsPerMinute < 2000);
  assert.equal(paceRuleOf(hop('127.0.0.1'), PLAIN, true).requestsPerMinute, Number.POSITIVE_INFINITY);
  const own = { ...PUBLIC, concurrency: 2, requestsPerMinute: 30 };
  assert.deepEqual(paceRuleOf(hop('ghcr.io'), own, true), { concurrency: 2, requestsPerMinute: 30 });
  assert.equal(paceRuleOf(hop('storage.example'), own, false).concurrency, rule.concurrency);
});
