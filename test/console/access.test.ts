import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnForm } from '../../console/guard.ts';
import { CONSOLE_LOGINS } from '../../shared/limits.ts';
import { statusKey } from '../../shared/store/layout.ts';
import { put, sceneOf, statusOf } from './console-scene.ts';

const APP = { namespace: 'web', name: 'app' };
const TOKEN = 'correct-horse';

async function unlocked(scene: Awaited<ReturnType<typeof sceneOf>>): Promise<{ readonly cookie: string }> {
  const login = await scene.ask('/login', { method: 'POST', body: `token=${TOKEN}` });
  return { cookie: String(login.headers['set-cookie']).split(';')[0] ?? '' };
}

test('a browser with the cookie of an older console reads, presses nothing, and is told to unlock again', async (t) => {
  const [old, now] = [await sceneOf(t, { token: TOKEN }), await sceneOf(t, { token: TOKEN })];
  await put(now.store, statusKey(APP), statusOf('app'));
  const { cookie } = await unlocked(old);
  // The name of the cookie has the port: after a restart it is the same one.
  const headers = { cookie: cookie.replace(new URL(old.url).port, new URL(now.url).port) };
  const page = await now.ask('/sources/web/app', { headers });
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.text, /<button>Suspend/);
  const body = 'what=suspend&namespace=web&name=app&form=old';
  const pressed = await now.ask('/act', { method: 'POST', body, headers });
  assert.equal(pressed.status, 403);
  assert.match(pressed.text, /<h1>Nothing was done.*href="login"/s);
  assert.deepEqual(now.acted, []);
});

test('a page of an older console, unlocked in this one, presses nothing and is told to load again', async (t) => {
  const scene = await sceneOf(t, { token: TOKEN });
  await put(scene.store, statusKey(APP), statusOf('app'));
  const headers = await unlocked(scene);
  const body = 'what=suspend&namespace=web&name=app&form=old';
  const pressed = await scene.ask('/act', { method: 'POST', body, headers });
  assert.equal(pressed.status, 403);
  assert.match(pressed.text, /older console, or of another site/);
  assert.deepEqual(scene.acted, []);
});

test('another name for this machine (DNS rebinding) gets nothing: no page, no stream, no style', async (t) => {
  const { store, ask } = await sceneOf(t);
  await put(store, statusKey(APP), statusOf('app'));
  for (const path of ['/', '/sources/web/app', '/live', '/names?to=a', '/console.js', '/nowhere'])
    for (const host of [
      'evil.example',
      'evil.example:5081',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
    ])
      assert.deepEqual(
        await ask(path, { headers: { host } }).then(({ status, text }) => [status, text]),
        [421, 'not a name of this console\n'],
        `${host}${path}`,
      );
});

const FORGED: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['a page of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['a page of another port of this host', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:9' }],
  ['an older browser on another site', { origin: 'https://evil.example' }],
  ['a sandboxed frame', { origin: 'null' }],
  ['a link that somebody typed', { 'sec-fetch-site': 'none' }],
];
for (const [what, headers] of FORGED)
  test(`a form of ${what} presses nothing, even with the token of the form (CSRF)`, async (t) => {
    const { store, ask, form, acted } = await sceneOf(t);
    await put(store, statusKey(APP), statusOf('app'));
    const body = `what=suspend&namespace=web&name=app&form=${await form('/sources/web/app')}`;
    assert.equal((await ask('/act', { method: 'POST', body, headers })).status, 403);
    assert.deepEqual(acted, []);
    assert.equal(isOwnForm({ address: '127.0.0.1', header: (name) => headers[name] }), false);
  });

test('a proxy that says nothing of whom it speaks for is no way to the buttons: its users name it, not us', async (t) => {
  const { store, ask, form, acted } = await sceneOf(t);
  await put(store, statusKey(APP), statusOf('app'));
  const body = `what=suspend&namespace=web&name=app&form=${await form('/sources/web/app')}`;
  const headers = { 'sec-fetch-site': 'same-origin', origin: 'https://console.example' };
  assert.equal((await ask('/act', { method: 'POST', body, headers })).status, 403);
  assert.deepEqual(acted, []);
});

test('a method that changes nothing changes nothing', async (t) => {
  const { ask, acted } = await sceneOf(t);
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])
    assert.equal((await ask('/act?what=suspend&namespace=web&name=app', { method })).status, 404, method);
  assert.deepEqual(acted, []);
});

test('tokens cannot be tried many at a time', async (t) => {
  const { ask } = await sceneOf(t, { token: TOKEN });
  const tries = await Promise.all(
    Array.from({ length: 4 * CONSOLE_LOGINS }, () => ask('/login', { method: 'POST', body: 'token=wrong' })),
  );
  const counts = Map.groupBy(tries, ({ status }) => status);
  assert.deepEqual([counts.get(403)?.length, counts.get(429)?.length], [CONSOLE_LOGINS, 3 * CONSOLE_LOGINS]);
  assert.equal(
    (await ask('/login', { method: 'POST', body: `token=${TOKEN}` })).status,
    303,
    'and then it is free',
  );
});

test('what was unlocked is locked again by its button, and not by another site', async (t) => {
  const scene = await sceneOf(t, { token: TOKEN });
  await put(scene.store, statusKey(APP), statusOf('app'));
  const headers = await unlocked(scene);
  const form = await scene.form('/', headers);
  assert.ok(form);
  const forged = await scene.ask('/logout', { method: 'POST', body: 'form=x', headers });
  assert.equal(forged.headers['set-cookie'], undefined);
  const locked = await scene.ask('/logout', { method: 'POST', body: `form=${form}`, headers });
  assert.match(String(locked.headers['set-cookie']), /^landfall-console\d+=; Max-Age=0; Path=\//);
});

test('two consoles of one host have a cookie each', async (t) => {
  const [one, two] = [await sceneOf(t, { token: TOKEN }), await sceneOf(t, { token: TOKEN })];
  const names = [await unlocked(one), await unlocked(two)].map(({ cookie }) => cookie.split('=')[0]);
  assert.notEqual(names[0], names[1]);
});
