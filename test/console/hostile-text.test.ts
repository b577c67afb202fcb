import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newLedger } from '../../shared/deploy/ledger/ledger.ts';
import { ledgerKey, runsKey, statusKey } from '../../shared/store/layout.ts';
import { committed, ID, openWorld } from '../support/stores/memory-sources.ts';
import { DIGEST, failed, HOSTILE, put, revision, sceneOf, statusOf } from './console-scene.ts';

const APP = { namespace: 'web', name: 'app' };
/** Turns what follows around, hides it, moves the cursor of a terminal, and puts what is not there into a word. */
const TURNED = 'a\u202eb\u2066c\u200bd\u001b[2Je\u0000f';
const TEXT = `${HOSTILE}${TURNED}</script><script>alert(1)</script><a href="javascript:alert(1)">`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what may not be in a page
const UNSEEN = /[\u202a-\u202e\u2066-\u2069\u200b\u0000\u001b]/;

function assertText(text: string, where: string): void {
  assert.doesNotMatch(text, /<img|<script>|href="javascript|<a href="java/, where);
  assert.doesNotMatch(text, UNSEEN, where);
}

test('names, tags, messages, annotations, plans, reasons and logs are text that hides and turns nothing', async (t) => {
  const { store, ask } = await sceneOf(t);
  const current = {
    ...revision,
    ...{ tag: TEXT, revision: `${TEXT}@${DIGEST}`, who: TEXT, reason: TEXT, annotations: { [TEXT]: TEXT } },
    parts: [{ source: `${TEXT}/${TEXT}`, revision: TEXT, digest: DIGEST }],
    verification: {
      ...{ provider: 'cosign', policy: DIGEST },
      signatures: [{ signer: { issuer: TEXT, subject: TEXT }, found: TEXT, signedAt: null, logIndex: null }],
    },
  };
  const failure = { ...failed(TEXT), hint: TEXT };
  await put(store, statusKey(APP), statusOf('app', { current, failure, url: TEXT }));
  const { revision: name, digest, generation, variant, contentDigest } = current;
  const of = { revision: name, digest, generation, variant, contentDigest };
  await put(store, ledgerKey('live', APP), {
    ...newLedger({ ...APP, deploy: 'live' }),
    applied: { ...of, at: '2026-11-29T10:00:00.000Z' },
    failure: { ...failure, generation: 1 },
    waiting: {
      ...{ for: 'approval', ...of, message: TEXT, since: '2026-11-29T10:00:00.000Z', next: null },
      plan: { summary: TEXT, changes: [{ action: 'create', what: TEXT, why: TEXT }], more: 0 },
    },
  });
  const line = { at: '2026-11-29T10:00:00.000Z', line: TEXT };
  const run = { id: TEXT, generation: 1, revision: name, attempt: 1, state: 'Failed', message: TEXT };
  const when = { since: line.at, ended: line.at, log: [line] };
  await put(store, runsKey('live', APP), {
    formatVersion: 1,
    runs: [
      { ...run, ...when },
      { ...run, ...when, id: 'b' },
    ],
  });
  const asked = encodeURIComponent(TEXT);
  for (const path of [
    ...['/', '/sources/web/app', '/deploys', '/deploys/live/web/app', '/events'],
    ...[
      `/?text=${asked}&standing=${asked}&at=${asked}`,
      `/deploys?text=${asked}&state=${asked}`,
      `/go?to=${asked}`,
    ],
    ...[
      `/sources/web/app?asked=${asked}`,
      `/deploys/live/web/app?run=${asked}`,
      `/sources/${asked}/x`,
      `/${asked}`,
    ],
    ...[`/sources/web/app/diff?from=${asked}&to=${asked}`, `/deploys/${asked}/web/app`],
  ])
    assertText((await ask(path)).text, decodeURIComponent(path));
});

test('a key of the store that is no name is no source: neither in the list nor where its page would be', async (t) => {
  const { store, ask } = await sceneOf(t);
  const name = '"><img src=x>?a#b';
  await store.objects.putIfAbsent(`sources/web/${name}/status.json`, Buffer.from('{'));
  const { text } = await ask('/');
  assertText(text, 'the list');
  assert.doesNotMatch(text, /href="sources\/web\//);
  const { status, text: own } = await ask(`/sources/web/${encodeURIComponent(name)}`);
  assert.equal(status, 404);
  assertText(own, 'what is said in place of its page');
});

test('a path out of the store is no source', async (t) => {
  const { ask } = await sceneOf(t);
  for (const path of [
    '/sources/..%2f..%2fetc/passwd',
    '/sources/%2e%2e/x',
    '/sources/web/%00',
    '/sources/..%5c/x',
  ]) {
    const { status, text } = await ask(path);
    assert.ok(status === 404 || status === 500, `${path}: ${status}`);
    assert.doesNotMatch(text, /root:/);
  }
});

test('a file whose name or lines turn letters around is shown as it is written', async (t) => {
  const { ask, store } = await sceneOf(t, { store: world.store });
  assert.ok(store);
  const status = await land();
  const query = new URLSearchParams({ from: status[0], to: status[1] }).toString();
  const { text, status: code } = await ask(`/sources/${ID.namespace}/${ID.name}/diff?${query}`);
  assert.equal(code, 200, text);
  assertText(text, 'the difference');
  assert.match(text, /\\u202e/);
  const one = await ask(`/sources/${ID.namespace}/${ID.name}/diff?${query}&path=app.sh`);
  assert.match(one.text, /role="region" aria-label="Lines of app.sh"/);
  assertText(one.text, 'one file');
});

const world = openWorld();
async function land(): Promise<readonly [string, string]> {
  const digests: string[] = [];
  for (const text of ['if (admin) {\n', `if (admin) { // ${HOSTILE}\u202e\u2066\n`]) {
    world.push('latest', { 'app.sh': text, [`<img src=x>${digests.length}.txt`]: text });
    digests.push(committed(await world.look()).digest);
  }
  return digests as unknown as readonly [string, string];
}
