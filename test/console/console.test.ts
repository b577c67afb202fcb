import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAction } from '../../console/action.ts';
import { isFromHere, isOurName } from '../../console/guard.ts';
import { newLedger } from '../../shared/deploy/ledger/ledger.ts';
import { CONSOLE_STREAMS } from '../../shared/limits.ts';
import { ledgerKey, statusKey } from '../../shared/store/layout.ts';
import { DIGEST, failed, HOSTILE, put, revision, sceneOf, statusOf } from './console-scene.ts';

test('sources in trouble are first, and one that cannot be read hides no other', async (t) => {
  const { store, ask } = await sceneOf(t);
  await put(store, statusKey({ namespace: 'web', name: 'good' }), statusOf('good'));
  await put(
    store,
    statusKey({ namespace: 'web', name: 'bad' }),
    statusOf('bad', { failure: failed('gone') }),
  );
  await store.objects.putIfAbsent(statusKey({ namespace: 'web', name: 'torn' }), Buffer.from('{'));
  const { status, text } = await ask('/');
  assert.equal(status, 200);
  assert.deepEqual(
    [...text.matchAll(/sources\/web\/(\w+)"/g)].map(([, name]) => name),
    ['bad', 'torn', 'good'],
  );
  assert.match(text, /TAG_NOT_FOUND: gone/);
  assert.match(text, /STORE_CORRUPT/);
  assert.doesNotMatch((await ask('/?text=good')).text, /sources\/web\/bad/);
});

// The console told of a wrong password, and what to do about it, while the registry could not be reached at all.
test('what failed last is told, with its own next step, beside what was wrong before', async (t) => {
  const { store, ask } = await sceneOf(t);
  const conditions = [
    {
      type: 'Ready',
      status: 'False',
      reason: 'REGISTRY_UNREACHABLE',
      message: 'nothing listens there',
      lastTransitionTime: '2026-11-29T10:00:00.000Z',
    },
  ];
  const failure = { ...failed('wrong password'), kind: 'permanent', hint: 'Correct the password.' };
  await put(store, statusKey({ namespace: 'web', name: 'app' }), statusOf('app', { conditions, failure }));
  for (const path of ['/', '/sources/web/app'])
    assert.match((await ask(path)).text, /REGISTRY_UNREACHABLE: nothing listens there/, path);
  const { text } = await ask('/sources/web/app');
  assert.match(text, /Next: Check the host/);
  assert.doesNotMatch(text, /Correct the password/);
});

test('what a registry or an artifact says is text, whatever it looks like', async (t) => {
  const { store, ask } = await sceneOf(t);
  const hostile = { ...revision, tag: HOSTILE, revision: `${HOSTILE}@${DIGEST}` };
  await put(
    store,
    statusKey({ namespace: 'web', name: 'app' }),
    statusOf('app', { current: hostile, failure: failed(HOSTILE), url: HOSTILE }),
  );
  await put(store, ledgerKey('live', { namespace: 'web', name: 'app' }), {
    ...newLedger({ deploy: 'live', namespace: 'web', name: 'app' }),
    failure: { ...failed(HOSTILE), generation: 1, revision: HOSTILE },
  });
  for (const path of [
    '/',
    `/?text=${encodeURIComponent(HOSTILE)}`,
    '/sources/web/app',
    '/deploys',
    '/deploys/live/web/app',
    `/sources/${encodeURIComponent(HOSTILE)}/x`,
  ]) {
    const { text, headers } = await ask(path);
    assert.doesNotMatch(text, /<img|onerror=alert\(1\)>"/, path);
    assert.match(String(headers['content-security-policy']), /default-src 'none'.*script-src 'self'/);
    assert.doesNotMatch(text, /<script>|style="/, 'nothing inline');
  }
});

test('a button does what it says, from this machine, with the token of its form', async (t) => {
  const { store, ask, form, acted } = await sceneOf(t);
  await put(store, statusKey({ namespace: 'web', name: 'app' }), statusOf('app'));
  const token = await form('/sources/web/app');
  assert.ok(token);
  const body = `what=suspend&namespace=web&name=app&form=${token}`;
  const done = await ask('/act', { method: 'POST', body });
  assert.deepEqual([done.status, done.headers['location']], [303, './sources/web/app?asked=suspend']);
  assert.deepEqual(acted, [{ what: 'suspend', source: { namespace: 'web', name: 'app' } }]);
  const missing = await ask('/act', { method: 'POST', body: body.replace('name=app', 'name=missing') });
  assert.equal(missing.status, 404);
  assert.match(missing.text, /SOURCE_NOT_FOUND/);
});

const REFUSED: readonly (readonly [string, Record<string, string>, number])[] = [
  ['another site’s form', { 'sec-fetch-site': 'cross-site' }, 403],
  ['a form of a sibling domain', { 'sec-fetch-site': 'same-site' }, 403],
  ['an older browser’s form of another site', { origin: 'https://evil.example' }, 403],
  ['a name that was pointed at this machine', { host: 'evil.example' }, 421],
  ['a request that a proxy passes on', { 'x-forwarded-for': '203.0.113.9' }, 403],
  ['a request that a newer proxy passes on', { forwarded: 'for=203.0.113.9' }, 403],
  ['a request that nginx passes on', { 'x-real-ip': '203.0.113.9' }, 403],
];
for (const [name, headers, status] of REFUSED) {
  test(`${name} presses no button`, async (t) => {
    const { store, ask, form, acted } = await sceneOf(t);
    await put(store, statusKey({ namespace: 'web', name: 'app' }), statusOf('app'));
    const body = `what=suspend&namespace=web&name=app&form=${await form('/sources/web/app')}`;
    assert.equal((await ask('/act', { method: 'POST', body, headers })).status, status);
    assert.deepEqual(acted, []);
  });
}

test('an old or missing token of a form, and what is no action, do nothing', async (t) => {
  const { ask, form, acted, store } = await sceneOf(t);
  await put(store, statusKey({ namespace: 'web', name: 'app' }), statusOf('app'));
  const token = await form('/sources/web/app');
  for (const [body, status] of [
    ['what=suspend&namespace=web&name=app', 403],
    ['what=suspend&namespace=web&name=app&form=old', 403],
    [`what=destroy&namespace=web&name=app&form=${token}`, 400],
    [`what=suspend&namespace=..&name=app&form=${token}`, 400],
    [`what=approve&namespace=web&name=app&deploy=../x&form=${token}`, 400],
    [`what=suspend&namespace=web&name=app&form=${token}&x=${'x'.repeat(20_000)}`, 403],
  ] as const)
    assert.equal((await ask('/act', { method: 'POST', body })).status, status, body.slice(0, 60));
  assert.equal((await ask('/act')).status, 404, 'GET changes nothing');
  assert.deepEqual(acted, []);
});

test('the token unlocks buttons from elsewhere, and a wrong one nothing', async (t) => {
  const { store, ask, form, acted } = await sceneOf(t, { token: 'correct-horse' });
  await put(store, statusKey({ namespace: 'web', name: 'app' }), statusOf('app'));
  const away = { 'x-forwarded-for': '203.0.113.9' };
  assert.equal(await form('/sources/web/app', away), undefined, 'reading only');
  assert.equal((await ask('/login', { method: 'POST', body: 'token=wrong', headers: away })).status, 403);
  const login = await ask('/login', { method: 'POST', body: 'token=correct-horse', headers: away });
  const cookie = String(login.headers['set-cookie']);
  assert.match(cookie, /HttpOnly; SameSite=Strict/);
  const headers = { ...away, cookie: cookie.split(';')[0] ?? '' };
  const body = `what=reconcile&namespace=web&name=app&form=${await form('/sources/web/app', headers)}`;
  assert.equal((await ask('/act', { method: 'POST', body, headers })).status, 303);
  assert.equal(acted.length, 1);
  assert.doesNotMatch((await ask('/login', { headers: away })).text, /correct-horse/);
});

test('pages stay small, also over 10,000 sources', async (t) => {
  const { store, ask } = await sceneOf(t);
  for (let at = 0; at < 10_000; at++)
    await put(store, statusKey({ namespace: 'web', name: `s${at}` }), statusOf(`s${at}`));
  const { text } = await ask('/?at=200');
  assert.match(text, /201 to 300 of 10000 sources/);
  assert.ok(Buffer.byteLength(text) <= 100_000, `${Buffer.byteLength(text)} bytes`);
  const assets = (await ask('/console.css')).text + (await ask('/console.js')).text;
  assert.ok(Buffer.byteLength(assets) <= 15_000, `${Buffer.byteLength(assets)} bytes`);
});

test('with a token nobody presses a button without it, whoever passes the request on; and the cookie is not the token', async (t) => {
  const { store, ask, form } = await sceneOf(t, { token: 'correct-horse' });
  await put(store, statusKey({ namespace: 'web', name: 'app' }), statusOf('app'));
  assert.equal(
    await form('/sources/web/app'),
    undefined,
    'a proxy that says nothing looks like this machine',
  );
  const login = await ask('/login', { method: 'POST', body: 'token=correct-horse' });
  assert.doesNotMatch(String(login.headers['set-cookie']), /correct-horse/);
  const headers = { cookie: 'landfall-console=correct-horse' };
  assert.equal(await form('/sources/web/app', headers), undefined);
});

test('an approval is of the revision that the page showed', async (t) => {
  const { store, ask, acted } = await sceneOf(t);
  const id = { namespace: 'web', name: 'app' };
  await put(store, statusKey(id), statusOf('app'));
  const { revision: name, digest, generation, variant, contentDigest } = revision;
  await put(store, ledgerKey('live', id), {
    ...newLedger({ ...id, deploy: 'live' }),
    waiting: {
      ...{ for: 'approval', revision: name, digest, generation, variant, contentDigest },
      ...{ message: 'for an approval', since: '2026-11-29T10:00:00.000Z', next: null, plan: null },
    },
  });
  const { text } = await ask('/deploys/live/web/app');
  const fields = [...text.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(
    ([, key = '', value = '']) => [key, value] as const,
  );
  const approve = fields
    .slice(
      0,
      fields.findIndex(([key, value]) => key === 'what' && value === 'reject'),
    )
    .concat([['what', 'approve']]);
  assert.ok(
    approve.some(([key, value]) => key === 'revision' && value === DIGEST),
    text,
  );
  const form = fields.find(([key]) => key === 'form')?.[1] ?? '';
  const body = `what=approve&namespace=web&name=app&deploy=live&form=${form}`;
  assert.equal((await ask('/act', { method: 'POST', body })).status, 400, 'without one it is of nothing');
  assert.equal((await ask('/act', { method: 'POST', body: `${body}&revision=${DIGEST}` })).status, 303);
  assert.ok(acted[0]?.what === 'approve' && acted[0].revision === DIGEST);
});

test('what only asks whether there is something holds no stream', async (t) => {
  const { ask } = await sceneOf(t);
  for (let at = 0; at <= CONSOLE_STREAMS; at++)
    assert.equal((await ask('/live', { method: 'HEAD' })).status, 200);
});

const NAMES: readonly (readonly [string | undefined, boolean])[] = [
  ['localhost:8080', true],
  ['LOCALHOST', true],
  ['10.0.0.1:80', true],
  ['[::1]:8080', true],
  ['console.internal:8080', true],
  ['console.internal.evil.example', false],
  ['', false],
  [undefined, false],
];
for (const [host, isOurs] of NAMES)
  test(`${JSON.stringify(host)} is ${isOurs ? '' : 'not '}a name of the console`, () => {
    assert.equal(isOurName(host, ['console.internal']), isOurs);
  });

const ADDRESSES: readonly (readonly [string, boolean])[] = [
  ['127.0.0.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.127', false],
  ['::ffff:10.0.0.1', false],
  ['fe80::1', false],
  ['', false],
];
for (const [address, isHere] of ADDRESSES)
  test(`${JSON.stringify(address)} is ${isHere ? '' : 'not '}this machine`, () => {
    assert.equal(isFromHere({ address, header: () => undefined }), isHere);
  });

test('so many pages listen, and no more', async (t) => {
  const { url } = await sceneOf(t);
  const closing = new AbortController();
  const listen = () => fetch(new URL('/live', url), { signal: closing.signal });
  const open = await Promise.all(Array.from({ length: CONSOLE_STREAMS }, listen));
  assert.ok(open.every(({ status }) => status === 200));
  assert.equal((await listen()).status, 503);
  closing.abort();
});

test('the page after a button shows what is there now, not what was read before it', async (t) => {
  const { store, ask, form } = await sceneOf(t);
  await put(store, statusKey({ namespace: 'web', name: 'app' }), statusOf('app'));
  const body = `what=suspend&namespace=web&name=app&form=${await form('/sources/web/app')}`;
  await put(store, statusKey({ namespace: 'web', name: 'new' }), statusOf('new'));
  assert.equal((await ask('/act', { method: 'POST', body })).status, 303);
  assert.match((await ask('/')).text, /sources\/web\/new"/);
});

test('a deploy over clusters has the same buttons: NAME and NAME.CLUSTER are names, and no other is', () => {
  const of = (deploy: string) =>
    parseAction({ what: 'replay', namespace: 'web', name: 'app', deploy, revision: '', reason: '' });
  for (const deploy of ['live', 'live.eu', `${'a'.repeat(63)}.${'b'.repeat(63)}`])
    assert.partialDeepStrictEqual(of(deploy), { what: 'replay', deploy });
  for (const deploy of [
    '',
    '.',
    'live.',
    '.eu',
    'live.eu.x',
    'live..eu',
    '../x',
    'live/eu',
    'live\n',
    'Live',
    'a'.repeat(64),
  ])
    assert.equal(of(deploy), undefined, deploy);
});
