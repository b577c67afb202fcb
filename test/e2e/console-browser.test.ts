import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newLedger } from '../../shared/deploy/ledger/ledger.ts';
import { ledgerKey, statusKey } from '../../shared/store/layout.ts';
import type { Store } from '../../shared/store/store.ts';
import { DIGEST, failed, HOSTILE, put, revision, sceneOf, statusOf } from '../console/console-scene.ts';
import { openBrowser } from '../support/programs/browser.ts';
import { skipWithout } from '../support/programs/tool.ts';
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

test('a page that shows what changed leaves focus, what is unfolded and what is marked where they are, and says how it stands', {
  skip,
}, async (t) => {
  const { store, url } = await sceneOf(t);
  await put(store, statusKey(APP), statusOf('app'));
  await put(store, ledgerKey('live', APP), newLedger({ ...APP, deploy: 'live' }));
  const page = await openBrowser(t);
  await page.goTo(`${url}sources/web/app`);
  const focused = 'document.activeElement.getAttribute("href")';
  await page.valueOf('document.querySelector("tbody a").focus()');
  const before = await page.valueOf<string>(focused);
  assert.match(before, /deploys.live.web.app$/);
  const stored = await store.objects.get(statusKey(APP));
  const bytes = Buffer.from(JSON.stringify(statusOf('app', { failure: failed('gone') })));
  await store.objects.replace(statusKey(APP), bytes, stored?.version);
  await until('the page to say so', async () =>
    /gone/.test(await page.valueOf<string>('document.querySelector("main").innerText')) ? true : undefined,
  );
  assert.equal(await page.valueOf(focused), before, 'focus stays');
  assert.match(await page.valueOf<string>('document.getElementById("said").textContent'), /web\/app failing/);
  await page.valueOf('getSelection().selectAllChildren(document.querySelector("h1"))');
  const failing = await store.objects.get(statusKey(APP));
  const ready = Buffer.from(JSON.stringify(statusOf('app')));
  await store.objects.replace(statusKey(APP), ready, failing?.version);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  assert.match(
    await page.valueOf<string>('String(getSelection())'),
    /web\/app failing/,
    'nobody takes a mark away',
  );
});

test('a name is gone to by keyboard alone, with names to choose from', { skip }, async (t) => {
  const { store, url } = await sceneOf(t);
  for (const name of ['app', 'apple', 'other'])
    await put(store, statusKey({ namespace: 'web', name }), statusOf(name));
  const page = await openBrowser(t);
  await page.goTo(url);
  await page.type('/');
  assert.equal(await page.valueOf('document.activeElement.name'), 'to');
  await page.type('web/ap');
  // While it is typed, names are offered for less of it.
  const offered = await until('names to be offered for all of it', async () => {
    const names = await page.valueOf<string[]>(
      '[...document.querySelectorAll("#names option")].map((one) => one.value)',
    );
    return names.length === 2 ? names : undefined;
  });
  assert.deepEqual(offered, ['web/app', 'web/apple']);
  await page.type('p\r');
  await until('the page', async () =>
    (await page.valueOf<string>('location.pathname')) === '/sources/web/app' ? true : undefined,
  );
  assert.deepEqual(page.errors, []);
});

test('every page is as wide as a phone, and each thing on it has a name', { skip }, async (t) => {
  const { store, url } = await sceneOf(t);
  await plantHostile(store);
  const page = await openBrowser(t);
  await page.narrow(360);
  for (const path of [
    '',
    'deploys',
    'events',
    'sources/web/app',
    'deploys/live/web/app',
    'login',
    'go?to=web',
  ]) {
    await page.goTo(url + path);
    assert.equal(
      await page.valueOf('document.documentElement.scrollWidth <= 360'),
      true,
      `${path} is too wide`,
    );
    assert.deepEqual(await page.unnamed(), [], path);
  }
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
