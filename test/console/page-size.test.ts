import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newLedger } from '../../shared/deploy/ledger/ledger.ts';
import { CONSOLE_PAGE_BYTES, RUN_LOG_CHARACTERS, RUN_LOG_LINES } from '../../shared/limits.ts';
import { ledgerKey, runsKey, statusKey } from '../../shared/store/layout.ts';
import type { Store } from '../../shared/store/store.ts';
import { DIGEST, digestAt, failed, put, revision, sceneOf, statusOf } from './console-scene.ts';

const APP = { namespace: 'web', name: 'app' };
/** The longest name there may be, and text that grows sixfold where it is escaped. */
const LONG = 'n'.repeat(60);
const QUOTES = '"'.repeat(5_000);

const manyRevisions = (count: number) => {
  const all = Array.from({ length: count }, (_, at) => ({
    ...revision,
    ...{ generation: count - at, digest: digestAt(at), revision: `${LONG}@${digestAt(at)}`, reason: QUOTES },
  }));
  return { generation: count, current: all[0], history: all.slice(1) };
};

const ledgerOf = (deploy: string) => ({
  ...newLedger({ ...APP, deploy }),
  failure: { ...failed(QUOTES), generation: 1, revision: 'x' },
});

const run = (at: number) => ({
  ...{ id: `run-${at}`, generation: at + 1, revision: 'x', attempt: 1, state: 'Failed', message: QUOTES },
  ...{ since: '2026-11-29T10:00:00.000Z', ended: '2026-11-29T10:00:03.200Z' },
  log: Array.from({ length: RUN_LOG_LINES }, (_, line) => ({
    at: '2026-11-29T10:00:00.000Z',
    line: `${line} ${'<'.repeat(RUN_LOG_CHARACTERS - 4)}`,
  })),
});

const PLANTS: Readonly<
  Record<string, { readonly plant: (store: Store) => Promise<unknown>; readonly paths: readonly string[] }>
> = {
  'a source with 1,000 revisions': {
    plant: (store) => put(store, statusKey(APP), statusOf('app', manyRevisions(1_000))),
    paths: ['/sources/web/app', '/sources/web/app?at=500', '/events'],
  },
  'a source with 1,000 deploys that fail': {
    plant: async (store) => {
      await put(store, statusKey(APP), statusOf('app', manyRevisions(100)));
      for (let at = 0; at < 1_000; at++) await put(store, ledgerKey(`d${at}`, APP), ledgerOf(`d${at}`));
    },
    paths: [
      '/',
      '/deploys',
      '/deploys?at=900',
      '/sources/web/app',
      '/deploys/d7/web/app',
      '/events',
      '/go?to=d',
    ],
  },
  'a source of 1,000 parts that all change': {
    plant: (store) => {
      const many = manyRevisions(100);
      const composed = [many.current, ...many.history].map((each, at) => ({
        ...each,
        parts: Array.from({ length: 1_000 }, (_, part) => ({
          ...{
            source: `${LONG}/${LONG.slice(5)}${part}`,
            revision: `${at}${QUOTES}@${DIGEST}`,
            digest: DIGEST,
          },
        })).slice(0, at < 2 ? 1_000 : 10),
      }));
      return put(
        store,
        statusKey(APP),
        statusOf('app', { generation: 100, current: composed[0], history: composed.slice(1) }),
      );
    },
    paths: ['/sources/web/app', '/sources/web/app?at=50'],
  },
  'a deploy with ten runs of long logs': {
    plant: async (store) => {
      await put(store, statusKey(APP), statusOf('app'));
      await put(store, ledgerKey('live', APP), ledgerOf('live'));
      const runs = Array.from({ length: 10 }, (_, at) => run(at));
      await put(store, runsKey('live', APP), { formatVersion: 1, runs });
    },
    paths: ['/deploys/live/web/app', '/deploys/live/web/app?run=run-2'],
  },
  '10,000 sources with the longest names, all of which fail at length': {
    plant: async (store) => {
      for (let at = 0; at < 10_000; at++) {
        const id = { namespace: LONG, name: `${LONG.slice(5)}${at}` };
        const status = { ...statusOf(id.name, { failure: failed(QUOTES), url: QUOTES }), ...id };
        await put(store, statusKey(id), status);
      }
    },
    paths: ['/', '/?at=9999', `/?text=${'"'.repeat(2_000)}`, '/go?to=nnn', '/names?to=n'],
  },
};

for (const [what, { plant, paths }] of Object.entries(PLANTS))
  test(`pages over ${what} are no larger than they may be`, async (t) => {
    const { store, ask } = await sceneOf(t);
    await plant(store);
    for (const path of paths) {
      const { status, text } = await ask(path);
      assert.equal(status, 200, path);
      const bytes = Buffer.byteLength(text);
      assert.ok(bytes <= CONSOLE_PAGE_BYTES, `${path}: ${bytes} bytes`);
    }
  });

test('every revision of a source is reached, however many there are', async (t) => {
  const { store, ask } = await sceneOf(t);
  await put(store, statusKey(APP), statusOf('app', manyRevisions(1_000)));
  const seen = new Set<string>();
  for (let path: string | undefined = '/sources/web/app'; path !== undefined; ) {
    const { text } = await ask(path);
    const before = seen.size;
    for (const [, generation = ''] of text.matchAll(/<strong>(\d+)<\/strong>/g)) seen.add(generation);
    assert.ok(seen.size > before, `${path} shows nothing new`);
    const next: string | undefined = /href="\?at=(\d+)">next/.exec(text)?.[1];
    path = next && `/sources/web/app?at=${next}`;
  }
  assert.equal(seen.size, 1_000);
});

test('of a long log the end is shown, and all of it is one link away', async (t) => {
  const { store, ask } = await sceneOf(t);
  await put(store, statusKey(APP), statusOf('app'));
  await put(store, ledgerKey('live', APP), ledgerOf('live'));
  await put(store, runsKey('live', APP), { formatVersion: 1, runs: [run(0), run(1)] });
  const { text } = await ask('/deploys/live/web/app');
  assert.match(text, new RegExp(`${RUN_LOG_LINES - 1} (&lt;)+`));
  assert.match(text, /The last \d+ of 200 lines/);
  assert.match(text, /took 3\.2 s/);
  const link = /href="([^"]+\/log\?run=run-1)"/.exec(text)?.[1] ?? '';
  const whole = await ask(`${new URL(link, 'http://x/deploys/live/web/app').pathname}?run=run-1`);
  assert.equal(whole.text.split('\n').length, RUN_LOG_LINES + 1);
  assert.match(String(whole.headers['content-type']), /^text\/plain/);
  assert.equal(whole.headers['x-content-type-options'], 'nosniff');
  assert.equal((await ask('/deploys/live/web/app/log?run=gone')).status, 404);
});
