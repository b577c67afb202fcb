import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openConsole } from '../cli/console/open-console.ts';
import { openStore } from '../local/store/open-store.ts';
import { newLedger } from '../shared/deploy/ledger/ledger.ts';
import { silentLog } from '../shared/log.ts';
import { formatDocument } from '../shared/store/document.ts';
import { ledgerKey, statusKey, VERSION_KEY } from '../shared/store/layout.ts';
import { type BrowserPage, openBrowser } from '../test/support/programs/browser.ts';
import { sourceOf } from '../test/support/stores/memory-sources.ts';
import { landedStatus } from './support/artifacts/landed-status.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { milliseconds } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';

const ROUNDS = 5;
const TARGET_MS = 1_000;
const OPEN_MS = 20_000;

function put(root: string, key: string, document: unknown): void {
  const path = join(root, key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, formatDocument(document));
}

/** A store of so many sources that have landed something, each with a deploy. */
function writeStore(root: string, count: number): void {
  put(root, VERSION_KEY, { formatVersion: 1 });
  for (let at = 0; at < count; at += 1) {
    const source = sourceOf({ name: `app-${at}`, namespace: `team-${at % 50}` });
    const status = landedStatus(source);
    put(root, statusKey(source), status);
    const applied = status.current && { ...status.current, at: status.current.committedAt };
    const { namespace, name } = source;
    put(root, ledgerKey('live', source), { ...newLedger({ namespace, name, deploy: 'live' }), applied });
  }
}

const PAINT =
  'new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntriesByName("first-contentful-paint")[0]?.startTime)).observe({ type: "paint", buffered: true }))';

async function paintOf(page: BrowserPage, url: string): Promise<number> {
  await page.goTo('about:blank');
  await page.goTo(url);
  return page.valueOf<number>(PAINT);
}

/** Until the first page of a console that was just started is painted, and the next one. */
async function paintsOf(root: string, page: BrowserPage, busyMs: number) {
  await using store = await openStore(root);
  const ending = new AbortController();
  const address = { host: '127.0.0.1', port: 0 };
  await using opened = await openConsole({ store, address, log: silentLog, signal: ending.signal });
  const first = await paintOf(page, opened.url);
  const next = await paintOf(page, opened.url);
  const began = process.cpuUsage();
  await sleep(busyMs);
  const { user, system } = process.cpuUsage(began);
  await page.goTo('about:blank');
  ending.abort();
  return { first, next, share: busyMs === 0 ? 0 : (user + system) / 1_000 / busyMs };
}

async function figuresOf(
  count: number,
  root: string,
  page: BrowserPage,
  openMs: number,
): Promise<readonly Figure[]> {
  writeStore(root, count);
  const rounds: Awaited<ReturnType<typeof paintsOf>>[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    rounds.push(await paintsOf(root, page, round === 0 ? openMs : 0));
  const first = median(rounds.map((each) => each.first));
  const next = median(rounds.map((each) => each.next));
  return [
    {
      what: `first paint of a console just started, over ${count} sources with a deploy each`,
      measured: milliseconds(first),
      ...(count <= 1_000 && { target: `≤ ${TARGET_MS} ms for 1,000`, met: first <= TARGET_MS }),
    },
    { what: `… of its next page, over ${count}`, measured: milliseconds(next) },
    {
      what: `… CPU while a page of ${count} is open and nothing changes`,
      measured: `${((rounds[0]?.share ?? 0) * 100).toFixed(1)} %`,
    },
  ];
}

async function run({ quick, scratch, say }: BenchContext): Promise<readonly Figure[]> {
  await using stack = new AsyncDisposableStack();
  const page = await openBrowser({ after: (undo) => stack.defer(async () => void (await undo())) });
  const figures: Figure[] = [];
  for (const count of quick ? [100] : [1_000, 10_000]) {
    say(`${count} sources`);
    figures.push(...(await figuresOf(count, join(scratch, String(count)), page, quick ? 2_000 : OPEN_MS)));
  }
  return figures;
}

export const bench: Bench = {
  name: 'console',
  about: 'How soon the console is there, in chromium',
  needs: ['chromium'],
  run,
};
