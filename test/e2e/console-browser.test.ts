import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newLedger } from '../../shared/deploy/ledger/ledger.ts';
import { ledgerKey, statusKey } from '../../shared/store/layout.ts';
import type { Store } from '../../shared/store/store.ts';
import { DIGEST, failed, HOSTILE, put, revision, sceneOf, statusOf } from '../console/console-scene.ts';
import { openBrowser } from '../support/browser.ts';
import { skipWithout } from '../support/tool.ts';
import { until } from '../support/until.ts';

const skip = skipWithout(['chromium'], 'the console in a browser');
const APP = { namespace: 'web', name: 'app' };

async function plantHostile(store: Store): Promise<void> {
  const current = { ...revision, tag: HOSTILE, revision: `${HOSTILE}@${DIGEST}` };
  await put(store, statusKey(APP), statusOf('app', { current, failure: failed(HOSTILE), url: HOSTILE }));
  await put(store, ledgerKey('live', APP), {
    ...newLedger({ ...APP, deploy: 'live' }),
    failure: { ...failed(HOSTILE), generation: 1, revision: HOSTILE },
  });
}

test('each page is whole in a browser, breaks no rule of its own, and runs nothing that a registry says', {
  skip,
}, async (t) => {
  const { store, url } = await sceneOf(t);
  await plantHostile(store);
  const page = await openBrowser(t);
  for (const path of ['', 'deploys', 'events', 'sources/web/app', 'deploys/live/web/app', 'login']) {
    await page.goTo(url + path);
    assert.equal(await page.valueOf('document.querySelectorAll("main h1").length'), 1, path);
    assert.equal(await page.valueOf('document.querySelectorAll("img").length'), 0, path);
    assert.equal(
      await page.valueOf('document.documentElement.scrollWidth <= innerWidth'),
      true,
      `${path} is too wide`,
    );
  }
  assert.deepEqual(page.errors, []);
});

test('a page that is open shows what changed, without being asked', { skip }, async (t) => {
  const { store, url } = await sceneOf(t);
  await put(store, statusKey(APP), statusOf('app'));
  const page = await openBrowser(t);
  await page.goTo(url);
  assert.match(await page.valueOf<string>('document.querySelector("tbody").innerText'), /ready/);
  const stored = await store.objects.get(statusKey(APP));
  const bytes = Buffer.from(JSON.stringify(statusOf('app', { failure: failed('gone') })));
  await store.objects.replace(statusKey(APP), bytes, stored?.version);
  await until('the page to say so', async () =>
    /TAG_NOT_FOUND: gone/.test(await page.valueOf<string>('document.querySelector("tbody").innerText'))
      ? true
      : undefined,
  );
});

test('a button is pressed in the browser, and does what it says', { skip }, async (t) => {
  const { store, url, acted } = await sceneOf(t);
  await put(store, statusKey(APP), statusOf('app'));
  const page = await openBrowser(t);
  await page.goTo(`${url}sources/web/app`);
  await page.valueOf(
    '[...document.querySelectorAll("button")].find((one) => one.innerText === "Suspend").click()',
  );
  await until('it to be done', () => acted[0]);
  assert.deepEqual(acted, [{ what: 'suspend', source: APP }]);
});

test('10,000 sources can be looked through', { skip }, async (t) => {
  const { store, url } = await sceneOf(t);
  for (let at = 0; at < 10_000; at++)
    await put(store, statusKey({ namespace: 'web', name: `s${at}` }), statusOf(`s${at}`));
  const page = await openBrowser(t);
  await page.goTo(url);
  const first = await page.valueOf<number>(
    'new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries()[0].startTime)).observe({ type: "paint", buffered: true }))',
  );
  t.diagnostic(`first paint of 10,000 sources: ${Math.round(first)} ms`);
  assert.equal(await page.valueOf('document.querySelectorAll("tbody tr").length'), 100);
  await page.goTo(`${url}?text=s9999`);
  assert.equal(await page.valueOf('document.querySelectorAll("tbody tr").length'), 1);
});
