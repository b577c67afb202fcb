import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusKey } from '../../shared/store/layout.ts';
import { DIGEST, digestAt, put, revision, sceneOf, statusOf } from './console-scene.ts';

const APP = { namespace: 'web', name: 'app' };

const part = (source: string, tag: string, at: number) => ({
  source,
  revision: `${tag}@${digestAt(at)}`,
  digest: digestAt(at),
});

const revisionAt = (generation: number, parts?: readonly object[]) => ({
  ...revision,
  generation,
  digest: digestAt(100 + generation),
  revision: digestAt(100 + generation),
  ...(parts !== undefined && { parts }),
});

const BASE = part('web/app.base', 'main', 1);

async function pageOf(t: Parameters<typeof sceneOf>[0], revisions: readonly object[]): Promise<string> {
  const { store, ask } = await sceneOf(t);
  const [current, ...history] = revisions;
  await put(store, statusKey(APP), statusOf('app', { generation: revisions.length, current, history }));
  const { text, status } = await ask('/sources/web/app');
  assert.equal(status, 200);
  return text;
}

const sectionOf = (page: string, heading: string): string =>
  page.split(`<h2>${heading}</h2>`)[1]?.split('<h2>')[0] ?? '';

test('the page of a composed source shows each part with its revision and the way to it, and what changed when', async (t) => {
  const page = await pageOf(t, [
    revisionAt(3, [BASE, part('web/podinfo', '6.1.0', 3), part('infra/policies', '2.0.0', 4)]),
    revisionAt(2, [BASE, part('web/podinfo', '6.0.0', 2), part('infra/policies', '2.0.0', 4)]),
    revisionAt(1),
  ]);
  const parts = sectionOf(page, 'Composed of');
  for (const [path, tag, at] of [
    ['web/app.base', 'main', 1],
    ['web/podinfo', '6.1.0', 3],
    ['infra/policies', '2.0.0', 4],
  ] as const) {
    assert.match(parts, new RegExp(`<a href="\\.\\./\\.\\./sources/${path}">${path}</a>`));
    assert.match(parts, new RegExp(`title="${tag}@${digestAt(at)}">${tag} <code>00000000</code>`));
  }
  const history = sectionOf(page, 'History');
  assert.match(history, /sources\/web\/podinfo">.*6\.1\.0/);
  assert.doesNotMatch(
    history,
    /6\.0\.0|policies|app\.base/,
    'what stayed, and all of the first composed one',
  );
});

test('of many parts that change at once five are named', async (t) => {
  const parts = (at: number) => Array.from({ length: 8 }, (_, each) => part(`web/p${each}`, `${at}.0.0`, at));
  const history = sectionOf(await pageOf(t, [revisionAt(2, parts(2)), revisionAt(1, parts(1))]), 'History');
  assert.equal(history.match(/sources\/web\/p\d/g)?.length, 5);
  assert.match(history, /and 3 more parts/);
});

test('a source of a registry is composed of nothing', async (t) => {
  assert.doesNotMatch(await pageOf(t, [{ ...revision, digest: DIGEST }]), /Composed of/);
});
