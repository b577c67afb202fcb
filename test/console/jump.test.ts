import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newLedger } from '../../shared/deploy/ledger/ledger.ts';
import { CONSOLE_NAMES } from '../../shared/limits.ts';
import { ledgerKey, statusKey } from '../../shared/store/layout.ts';
import { put, sceneOf, statusOf } from './console-scene.ts';

/** Where a text leads: a location, or the status of the page that offers several. */
const LEADS: readonly (readonly [text: string, to: string | number])[] = [
  ['web/app', './sources/web/app'],
  ['app', './sources/web/app'],
  [' APP ', './sources/web/app'],
  ['live', './deploys/live/web/app'],
  ['other', './sources/web/another'],
  ['r.example/another', './sources/web/another'],
  ['1.0.0@sha256', 200],
  ['web', 200],
  ['nothing of that', 200],
  ['', 200],
  ['//evil.example', 200],
  ['../login', 200],
];

for (const [text, to] of LEADS)
  test(`${JSON.stringify(text)} leads to ${typeof to === 'string' ? to : 'a page to choose on'}`, async (t) => {
    const { store, ask } = await sceneOf(t);
    for (const name of ['app', 'another', 'apps'])
      await put(store, statusKey({ namespace: 'web', name }), statusOf(name));
    const of = { namespace: 'web', name: 'app' };
    await put(store, ledgerKey('live', of), newLedger({ ...of, deploy: 'live' }));
    const { status, headers } = await ask(`/go?${new URLSearchParams({ to: text }).toString()}`);
    assert.equal(status === 302 ? headers['location'] : status, to);
  });

test('who is still typing is offered some names, and no page', async (t) => {
  const { store, ask } = await sceneOf(t);
  for (let at = 0; at < 50; at++)
    await put(store, statusKey({ namespace: 'web', name: `s${at}` }), statusOf(`s${at}`));
  const { text, headers } = await ask('/names?to=web/s');
  assert.equal(text.split('\n').length, CONSOLE_NAMES);
  assert.match(String(headers['content-type']), /^text\/plain/);
  assert.equal((await ask('/names?to=')).text, '');
});

test('the field is on every page, and needs no script', async (t) => {
  const { ask } = await sceneOf(t);
  for (const path of ['/', '/deploys', '/events', '/login', '/nowhere'])
    assert.match(
      (await ask(path)).text,
      /<form[^>]*role="search"[^>]*action="[^"]*go"><input[^>]*name="to"/,
      path,
    );
});
