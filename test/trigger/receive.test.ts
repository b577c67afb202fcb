import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Received, receive, receiverTable } from '../../functions/receive.ts';
import { isLandfallError, LandfallError } from '../../shared/errors.ts';
import { WEBHOOK_BODY_BYTES, WEBHOOK_TOLERANCE_MS } from '../../shared/limits.ts';
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX } from '../../shared/oci/media-types.ts';
import { CoalescingQueue } from '../../shared/trigger/coalescing-queue.ts';
import { sourceMatcher } from '../../shared/trigger/match-sources.ts';
import { signedHeaders } from '../../shared/trigger/receivers/generic.ts';
import { openReceiver, receiverPath } from '../../shared/trigger/receivers/open-receiver.ts';
import type { WebhookWithBody } from '../../shared/trigger/webhook.ts';
import { DIGEST, MemoryQueue, NOW, pushEvent, REGISTRY, SECRET, stoppedClock, watched } from './samples.ts';

const entries = {
  distribution: { name: 'main', type: 'distribution', registry: REGISTRY },
  generic: { name: 'ci', type: 'generic', registry: REGISTRY },
} as const;
const receivers = receiverTable(
  Object.values(entries).map((entry) => openReceiver(entry, SECRET, stoppedClock)),
);
const sources = sourceMatcher([
  watched('app', `${REGISTRY}/team/app`, { semver: '*' }),
  watched('stable', `${REGISTRY}/team/app`, { tag: 'stable' }),
]);

const bytes = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

const distribution = (body: unknown, headers: WebhookWithBody['headers'] = {}): WebhookWithBody => ({
  method: 'POST',
  path: receiverPath(entries.distribution, SECRET),
  headers: {
    authorization: `Bearer ${SECRET}`,
    'content-type': 'application/vnd.docker.distribution.events.v2+json',
    ...headers,
  },
  body: bytes(body),
});

function generic(body: unknown, over: { id?: string; at?: number; secret?: string } = {}): WebhookWithBody {
  const delivery = { id: over.id ?? 'msg_1', timestamp: (over.at ?? NOW) / 1000, body: bytes(body) };
  return {
    method: 'POST',
    path: receiverPath(entries.generic, SECRET),
    headers: { 'content-type': 'application/json', ...signedHeaders(delivery, over.secret ?? SECRET) },
    body: delivery.body,
  };
}

const withHeaders = (request: WebhookWithBody, headers: WebhookWithBody['headers']): WebhookWithBody => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

async function answerTo(request: WebhookWithBody) {
  const queue = new MemoryQueue();
  const told: Received[] = [];
  const answer = await receive(request, { receivers, sources, queue, onReceived: (one) => told.push(one) });
  return { status: answer.status, answer, names: queue.names, messages: queue.messages, told };
}

const push = { events: [pushEvent()] };

test('an authentic push is accepted, and its sources are enqueued', async () => {
  for (const request of [distribution(push), generic({ repository: 'team/app', tag: '1.0.0' })]) {
    const { status, messages, told } = await answerTo(request);
    assert.equal(status, 202);
    assert.deepEqual(messages, [{ namespace: 'web', name: 'app', trigger: 'webhook' }]);
    assert.deepEqual(
      told.map(({ status: one, sources: ids }) => [one, ids.length]),
      [[202, 1]],
    );
  }
});

const distributionCases: readonly { name: string; body: unknown; names: readonly string[]; type?: string }[] =
  [
    {
      name: 'v1 events',
      body: push,
      names: ['app'],
      type: 'application/vnd.docker.distribution.events.v1+json',
    },
    {
      name: 'plain JSON with a charset',
      body: push,
      names: ['app'],
      type: 'Application/JSON; charset=utf-8',
    },
    { name: 'another content type', body: push, names: [], type: 'application/x-www-form-urlencoded' },
    { name: 'an index', body: { events: [pushEvent({ mediaType: OCI_INDEX })] }, names: ['app'] },
    {
      name: 'a Docker manifest',
      body: { events: [pushEvent({ mediaType: DOCKER_MANIFEST })] },
      names: ['app'],
    },
    { name: 'a Docker list', body: { events: [pushEvent({ mediaType: DOCKER_LIST })] }, names: ['app'] },
    {
      name: 'a manifest without a tag',
      body: { events: [pushEvent({ tag: undefined })] },
      names: ['app', 'stable'],
    },
    {
      name: 'a tag without a media type',
      body: { events: [pushEvent({ mediaType: undefined })] },
      names: ['app'],
    },
    {
      name: 'neither tag nor media type',
      body: { events: [pushEvent({ mediaType: undefined, tag: undefined })] },
      names: [],
    },
    { name: 'a digest for a tag', body: { events: [pushEvent({ tag: DIGEST })] }, names: ['app', 'stable'] },
    {
      name: 'a blob',
      body: { events: [pushEvent({ mediaType: 'application/octet-stream', tag: undefined })] },
      names: [],
    },
    {
      name: 'a layer',
      body: { events: [pushEvent({ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' })] },
      names: [],
    },
    ...['pull', 'delete', 'mount', 'PUSH', '', null, 5].map((action) => ({
      name: `action ${JSON.stringify(action)}`,
      body: { events: [pushEvent({}, { action })] },
      names: [],
    })),
    {
      name: 'a delete of a tag, which has no digest',
      body: { events: [{ action: 'delete', target: { repository: 'team/app', tag: 'x' } }] },
      names: [],
    },
    { name: 'no events', body: { events: [] }, names: [] },
    {
      name: 'a broken event beside a good one',
      body: {
        events: [
          null,
          5,
          {},
          pushEvent({ repository: 7 }),
          { action: 'push' },
          pushEvent(),
          pushEvent({ repository: 'x/y' }),
        ],
      },
      names: ['app'],
    },
    {
      name: 'a repository of another registry',
      body: { events: [pushEvent({ repository: 'evil.example/team/app' })] },
      names: [],
    },
  ];
for (const { name, body, names, type } of distributionCases) {
  test(`distribution, ${name}: 202 and ${names.join(', ') || 'nothing'} enqueued`, async () => {
    const got = await answerTo(distribution(body, type === undefined ? {} : { 'content-type': type }));
    assert.deepEqual({ status: got.status, names: got.names }, { status: 202, names });
  });
}

const genericCases: readonly { name: string; body: unknown; names: readonly string[] }[] = [
  { name: 'a repository alone', body: { repository: 'team/app' }, names: ['app', 'stable'] },
  {
    name: 'nulls for what is not known',
    body: { repository: 'team/app', tag: null, digest: null, host: null },
    names: ['app', 'stable'],
  },
  {
    name: 'a host of its own choosing',
    body: { repository: 'team/app', tag: 'stable', host: 'evil.example' },
    names: ['app', 'stable'],
  },
  { name: 'keys of a later version', body: { repository: 'team/app', tag: '2', actor: {} }, names: ['app'] },
  { name: 'no repository', body: { tag: '1' }, names: [] },
  { name: 'an empty repository', body: { repository: '' }, names: [] },
  { name: 'a number for a tag', body: { repository: 'team/app', tag: 1 }, names: [] },
  { name: 'a list', body: [{ repository: 'team/app' }], names: [] },
];
for (const { name, body, names } of genericCases) {
  test(`generic, ${name}: 202 and ${names.join(', ') || 'nothing'} enqueued`, async () => {
    const got = await answerTo(generic(body));
    assert.deepEqual({ status: got.status, names: got.names }, { status: 202, names });
  });
}

const good = generic({ repository: 'team/app' });
const signature = String(good.headers['webhook-signature']);
const forged: readonly { name: string; request: WebhookWithBody }[] = [
  { name: 'no authorization', request: distribution(push, { authorization: undefined }) },
  { name: 'an empty bearer', request: distribution(push, { authorization: 'Bearer ' }) },
  { name: 'another bearer', request: distribution(push, { authorization: 'Bearer wrong' }) },
  {
    name: 'the bearer with one character more',
    request: distribution(push, { authorization: `Bearer ${SECRET}x` }),
  },
  {
    name: 'the bearer with one less',
    request: distribution(push, { authorization: `Bearer ${SECRET.slice(0, -1)}` }),
  },
  { name: 'Basic', request: distribution(push, { authorization: `Basic ${SECRET}` }) },
  { name: 'the bare secret', request: distribution(push, { authorization: SECRET }) },
  {
    name: 'two authorizations',
    request: distribution(push, { authorization: [`Bearer ${SECRET}`, 'Bearer x'] }),
  },
  { name: 'another key', request: generic({ repository: 'team/app' }, { secret: 'wrong' }) },
  { name: 'a changed body', request: { ...good, body: bytes({ repository: 'team/apq' }) } },
  { name: 'one byte more', request: { ...good, body: Buffer.concat([good.body, Buffer.from(' ')]) } },
  { name: 'another id', request: withHeaders(good, { 'webhook-id': 'msg_2' }) },
  { name: 'another timestamp', request: withHeaders(good, { 'webhook-timestamp': String(NOW / 1000 + 1) }) },
  { name: 'no id', request: withHeaders(good, { 'webhook-id': undefined }) },
  { name: 'no timestamp', request: withHeaders(good, { 'webhook-timestamp': undefined }) },
  { name: 'a timestamp in words', request: withHeaders(good, { 'webhook-timestamp': 'now' }) },
  { name: 'no signature', request: withHeaders(good, { 'webhook-signature': undefined }) },
  { name: 'an empty signature', request: withHeaders(good, { 'webhook-signature': '' }) },
  { name: 'v1 of nothing', request: withHeaders(good, { 'webhook-signature': 'v1,' }) },
  {
    name: 'another version',
    request: withHeaders(good, { 'webhook-signature': signature.replace('v1,', 'v1a,') }),
  },
  { name: 'no version', request: withHeaders(good, { 'webhook-signature': signature.slice(3) }) },
  {
    name: 'two signature headers',
    request: withHeaders(good, { 'webhook-signature': [signature, signature] }),
  },
  {
    name: 'a signature in hex',
    request: withHeaders(good, {
      'webhook-signature': `v1,${Buffer.from(signature.slice(3), 'base64').toString('hex')}`,
    }),
  },
  {
    name: 'a timestamp too old',
    request: generic({ repository: 'team/app' }, { at: NOW - WEBHOOK_TOLERANCE_MS - 1000 }),
  },
  {
    name: 'a timestamp too new',
    request: generic({ repository: 'team/app' }, { at: NOW + WEBHOOK_TOLERANCE_MS + 1000 }),
  },
  {
    name: 'inherited headers',
    request: { ...good, headers: Object.create(good.headers) as WebhookWithBody['headers'] },
  },
];
for (const { name, request } of forged) {
  test(`${name}: 401, and nothing is parsed or enqueued`, async () => {
    const { status, names, told } = await answerTo(request);
    assert.deepEqual({ status, names }, { status: 401, names: [] });
    assert.equal(told[0]?.code, 'WEBHOOK_UNAUTHENTICATED');
  });
}

const authentic: readonly { name: string; request: WebhookWithBody }[] = [
  { name: 'a bearer in another case', request: distribution(push, { authorization: `bearer ${SECRET}` }) },
  {
    name: 'the oldest timestamp',
    request: generic({ repository: 'team/app' }, { at: NOW - WEBHOOK_TOLERANCE_MS }),
  },
  {
    name: 'the newest timestamp',
    request: generic({ repository: 'team/app' }, { at: NOW + WEBHOOK_TOLERANCE_MS }),
  },
  {
    name: 'several signatures, while a key changes',
    request: withHeaders(good, { 'webhook-signature': `v1,AAAA v1a,BBBB ${signature}` }),
  },
];
for (const { name, request } of authentic) {
  test(`${name} is authentic`, async () => assert.equal((await answerTo(request)).status, 202));
}

test('a key in the form of Standard Webhooks is decoded: its own example verifies', async () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const clock = { ...stoppedClock, now: () => 1_614_265_330_000 };
  const receiver = openReceiver(entries.generic, secret, clock);
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  const request = { method: 'POST', path: receiver.path, headers, body: bytes('{"test": 2432232314}') };
  assert.equal(receiver.authenticate(request), true);
  assert.equal(receiver.authenticate({ ...request, body: bytes('{"test": 2432232315}') }), false);
});

for (const secret of ['', 'whsec_', 'whsec_!!!', 'whsec_=']) {
  test(`the secret ${JSON.stringify(secret)} is refused: anybody would have it`, () => {
    const isInvalid = (error: unknown): boolean => isLandfallError(error) && error.code === 'CONFIG_INVALID';
    assert.throws(() => openReceiver(entries.generic, secret, stoppedClock), isInvalid);
  });
}

test('the path tells nothing of the secret, and differs by secret, name and type', () => {
  const paths = [
    receiverPath(entries.generic, SECRET),
    receiverPath(entries.generic, `${SECRET}2`),
    receiverPath({ ...entries.generic, name: 'ci2' }, SECRET),
    receiverPath({ ...entries.generic, type: 'distribution' }, SECRET),
  ];
  assert.equal(new Set(paths).size, paths.length);
  for (const path of paths) assert.match(path, /^\/receivers\/[0-9a-f]{64}$/);
  assert.equal(receiverPath(entries.generic, SECRET), paths[0]);
});

const malformed: readonly unknown[] = [
  '',
  'null',
  '5',
  '"x"',
  '[]',
  '{}',
  '{"events": {}}',
  '{"events": "x"}',
  '{"events": [',
  'a=b&c=d',
  '\u0000',
  '['.repeat(200_000),
  '{"events":'.repeat(50_000),
  '{"__proto__": {"events": []}}',
];
for (const body of malformed) {
  test(`an authentic body ${JSON.stringify(body).slice(0, 40)} is accepted and does nothing`, async () => {
    for (const request of [distribution(body), generic(body)]) {
      const { status, names } = await answerTo(request);
      assert.deepEqual({ status, names }, { status: 202, names: [] });
    }
  });
}

test('bytes that are not UTF-8, or compressed, are accepted and do nothing', async () => {
  for (const body of [Buffer.from([0xff, 0xfe, 0x7b]), Buffer.from([0x1f, 0x8b, 8, 0])]) {
    const { status, told } = await answerTo({ ...distribution('', { 'content-encoding': 'gzip' }), body });
    assert.equal(status, 202);
    assert.equal(told[0]?.code, 'WEBHOOK_MALFORMED');
  }
});

/** Every place in a document, with what stands there replaced: gone, null, of another type, huge. */
function* mutations(value: unknown, replace: (mutated: unknown) => unknown): Generator<unknown> {
  for (const other of [null, true, -1, 1e308, '', 'x'.repeat(10_000), [], {}, [[[]]], { toString: 1 }])
    yield replace(other);
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const { [key]: _, ...rest } = value as Record<string, unknown>;
    if (!Array.isArray(value)) yield replace(rest);
    yield* mutations((value as Record<string, unknown>)[key], (mutated) =>
      replace(Array.isArray(value) ? value.with(Number(key), mutated) : { ...value, [key]: mutated }),
    );
  }
}

test('every field deleted, nulled, retyped or made huge is still a 202', async () => {
  const genericBody = { repository: 'team/app', tag: '1', digest: DIGEST, host: 'x' };
  for (const body of mutations(push, (mutated) => mutated))
    assert.equal((await answerTo(distribution(body))).status, 202);
  for (const body of mutations(genericBody, (mutated) => mutated))
    assert.equal((await answerTo(generic(body))).status, 202);
});

test('any authentic JSON is a 202, and nothing is enqueued that is not configured', async () => {
  const anything = fc.jsonValue();
  const envelope = fc.record({
    events: fc.array(fc.oneof(anything, fc.record({ action: fc.constant('push'), target: anything }))),
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(anything, envelope), async (body) => {
      for (const request of [distribution(body), generic(body)]) {
        const { status, names } = await answerTo(request);
        assert.equal(status, 202);
        assert.deepEqual(names, []);
      }
    }),
  );
});

test('any request whatever gets an answer below 500', async () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('POST', receiverPath(entries.distribution, SECRET), '/', '//', '?'),
  );
  await fc.assert(
    fc.asyncProperty(
      text,
      text,
      fc.dictionary(fc.string(), fc.string()),
      fc.uint8Array(),
      async (method, path, headers, body) => {
        assert.ok((await answerTo({ method, path, headers, body })).status < 500);
      },
    ),
  );
});

const routes: readonly { name: string; over: Partial<WebhookWithBody>; status: number }[] = [
  { name: 'a path nobody answers', over: { path: '/receivers/0' }, status: 404 },
  { name: 'the root', over: { path: '/' }, status: 404 },
  {
    name: 'more after the path',
    over: { path: `${receiverPath(entries.distribution, SECRET)}/x` },
    status: 404,
  },
  {
    name: 'an upper-case path',
    over: { path: receiverPath(entries.distribution, SECRET).toUpperCase() },
    status: 404,
  },
  { name: 'a query', over: { path: `${receiverPath(entries.distribution, SECRET)}?x=1` }, status: 202 },
  { name: 'GET', over: { method: 'GET' }, status: 405 },
  { name: 'OPTIONS', over: { method: 'OPTIONS' }, status: 405 },
  { name: 'a body of the limit', over: { body: Buffer.alloc(WEBHOOK_BODY_BYTES, ' ') }, status: 202 },
  { name: 'a body one byte over', over: { body: Buffer.alloc(WEBHOOK_BODY_BYTES + 1, ' ') }, status: 413 },
];
for (const { name, over, status } of routes) {
  test(`${name}: ${status}`, async () =>
    assert.equal((await answerTo({ ...distribution(push), ...over })).status, status));
}

test('an unknown repository, a known one and a malformed body get the very same answer, and no answer echoes anything', async () => {
  const canary = 'canary-7f3a';
  const [known, unknown, broken] = await Promise.all(
    [push, { events: [pushEvent({ repository: canary })] }, canary].map(
      async (body) => (await answerTo(distribution(body))).answer,
    ),
  );
  assert.deepEqual(unknown, known);
  assert.deepEqual(broken, known);
  const denied = await answerTo(distribution(canary, { authorization: canary }));
  assert.doesNotMatch(JSON.stringify([broken, unknown, denied.answer, denied.told]), new RegExp(canary));
});

test('a queue that takes nothing is a 503, so that the sender tries again', async () => {
  const told: Received[] = [];
  const queue = { enqueue: () => Promise.reject(new LandfallError('QUEUE_UNAVAILABLE', 'full')) };
  const answer = await receive(distribution(push), {
    receivers,
    sources,
    queue,
    onReceived: (one) => told.push(one),
  });
  assert.equal(answer.status, 503);
  assert.equal(told[0]?.code, 'QUEUE_UNAVAILABLE');
});

test('the same delivery ten times over is one look in flight and one pending', async () => {
  let looks = 0;
  const gate = Promise.withResolvers<void>();
  const queue = new CoalescingQueue(async () => {
    looks += 1;
    await gate.promise;
    return { verdict: 'done' };
  });
  for (let count = 0; count < 10; count += 1) {
    assert.equal((await receive(distribution(push), { receivers, sources, queue })).status, 202);
  }
  gate.resolve();
  await queue.drain();
  assert.equal(looks, 2);
});
