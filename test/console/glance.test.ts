import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTHING_WATCHED } from '../../console/facts/watched-sources.ts';
import { newLedger } from '../../shared/deploy/ledger/ledger.ts';
import { ledgerKey, statusKey } from '../../shared/store/layout.ts';
import type { Store } from '../../shared/store/store.ts';
import { digestAt, put, revision, sceneOf, statusOf } from './console-scene.ts';

const APP = { namespace: 'web', name: 'app' };
const KEY = `sha256:${'c0ffee'.repeat(10)}abcd`;

const signature = (signer: unknown) => ({ signer, found: 'bundle x', signedAt: null, logIndex: null });
const signed = (...signers: readonly unknown[]) => ({
  ...{ provider: 'cosign', policy: KEY },
  signatures: signers.map(signature),
});

const at = (generation: number, verification?: unknown) => ({
  ...revision,
  ...{ generation, digest: digestAt(generation), revision: `${generation}.0.0@${digestAt(generation)}` },
  ...(verification !== undefined && { verification }),
});

/** Generation 3 is current, by an identity; 2 by a key, 1 by nobody. */
async function plant(store: Store): Promise<void> {
  const identity = { issuer: 'https://issuer.example', subject: 'release@example.com' };
  const status = {
    generation: 3,
    current: at(3, signed(identity, { key: KEY })),
    history: [at(2, signed({ key: KEY })), at(1, signed())],
  };
  await put(store, statusKey(APP), statusOf('app', status));
}

async function plantDeploy(store: Store, deploy: string, generation: number): Promise<void> {
  const { digest, revision: name, variant, contentDigest } = at(generation);
  await put(store, ledgerKey(deploy, APP), {
    ...newLedger({ ...APP, deploy }),
    applied: { generation, digest, revision: name, variant, contentDigest, at: '2026-11-29T10:00:00.000Z' },
  });
}

test('who signed a revision is said wherever it is shown', async (t) => {
  const { store, ask } = await sceneOf(t);
  await plant(store);
  await plantDeploy(store, 'live', 2);
  const current = 'signed by release@example.com by https://issuer.example and 1 more';
  const before = 'signed by key c0ffeec0ffee';
  for (const [path, told] of [
    ['/', [current]],
    ['/sources/web/app', [current, before, 'nobody is proven to have signed it']],
    ['/deploys', [current, before]],
    ['/deploys/live/web/app', [current, before]],
    ['/events', [current, before]],
  ] as const) {
    const { text } = await ask(path);
    for (const each of told) assert.ok(text.includes(each), `${path}: ${each}`);
  }
});

test('what a deploy is behind is seen in every list, and a deploy that wants some revisions only is behind of nothing', async (t) => {
  const { store, ask } = await sceneOf(t, {
    watched: { ...NOTHING_WATCHED, isSelective: (deploy) => deploy === 'some' },
  });
  await plant(store);
  await plantDeploy(store, 'live', 3);
  await plantDeploy(store, 'late', 1);
  await plantDeploy(store, 'some', 1);
  await put(store, ledgerKey('none', APP), newLedger({ ...APP, deploy: 'none' }));
  const sources = (await ask('/')).text;
  const [, deployed = ''] = /(<a href="deploys\/late.*?)<\/td>/s.exec(sources) ?? [];
  assert.match(
    deployed,
    /late<\/a> <span[^>]*>2 behind.*live<\/a> <span[^>]*>current.*none<\/a> <span[^>]*>nothing applied/s,
  );
  assert.match(deployed, /and 1 more/);
  const deploys = (await ask('/deploys')).text;
  assert.match(deploys, /\?state=behind"><span class="badge behind">behind<\/span> 2/);
  assert.match(deploys, /generation 1</);
  const late = (await ask('/deploys?state=behind')).text;
  assert.deepEqual(
    [...late.matchAll(/deploys\/(\w+)\/web\/app"/g)].map(([, name]) => name),
    ['none', 'late'],
  );
  assert.match((await ask('/deploys/late/web/app')).text, /2 behind: current is .*3\.0\.0/);
  assert.match((await ask('/sources/web/app')).text, /2 behind of .*3\.0\.0/);
});

test('a serve that is dead, and a source that has landed nothing, are seen in the console', async (t) => {
  const { store, ask } = await sceneOf(t, {
    watched: {
      ...NOTHING_WATCHED,
      notes: ['no serve runs on this store since 10:00: nothing is looked at'],
      ids: [APP, { namespace: 'web', name: 'hanging' }],
      linesOf: ({ name }) => [`${name} was looked at`],
    },
  });
  await plant(store);
  const { text } = await ask('/');
  assert.match(text, /no serve runs on this store/);
  assert.match(text, /sources\/web\/hanging"/);
  assert.match((await ask('/deploys')).text, /no serve runs on this store/);
  assert.match((await ask('/sources/web/app')).text, /app was looked at/);
});

test('a source of the documents that has landed nothing has a page', async (t) => {
  const id = { namespace: 'web', name: 'hanging' };
  const { ask } = await sceneOf(t, { watched: { ...NOTHING_WATCHED, ids: [id] } });
  const { status, text } = await ask('/sources/web/hanging');
  assert.equal(status, 200);
  assert.match(text, /badge new.*Nothing has landed yet/s);
});

test('a source whose status is damaged has a page that says so', async (t) => {
  const { store, ask } = await sceneOf(t);
  await store.objects.putIfAbsent(statusKey(APP), Buffer.from('{'));
  const { status, text } = await ask('/sources/web/app');
  assert.equal(status, 200);
  assert.match(text, /badge unknown.*STORE_CORRUPT/s);
});
