import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { openMetrics } from '../../local/metrics/metrics.ts';
import { systemClock } from '../../shared/clock.ts';
import { NO_DOCUMENTS } from '../../shared/source/source.ts';
import { memoryObjectStore } from '../../shared/store/memory/memory-object-store.ts';
import { folderFor } from '../support/cli.ts';
import { skipWithout } from '../support/programs/tool.ts';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly w: number };
  readonly targets: readonly { readonly expr: string; readonly refId: string }[];
}

const DASHBOARD = JSON.parse(readFileSync('monitoring/grafana-dashboard.json', 'utf8')) as {
  readonly panels: readonly Panel[];
};
const RULES = readFileSync('monitoring/landfall.rules.yaml', 'utf8');

const EXPRESSIONS = DASHBOARD.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

const promtool = (...argv: readonly string[]) => spawnSync('promtool', argv, { encoding: 'utf8' });
const NEEDS = { skip: skipWithout(['promtool'], 'what promtool says of the rules') };

/** Every metric that there is. */
async function namesOf(root: string): Promise<ReadonlySet<string>> {
  using metrics = openMetrics({
    objects: memoryObjectStore(),
    root,
    clock: systemClock,
    signal: new AbortController().signal,
    log: () => undefined,
    configuration: () => NO_DOCUMENTS,
    polled: () => [],
    depth: () => ({ ready: 0, inFlight: 0, waiting: 0 }),
    problems: () => [],
  });
  const text = await metrics.scrape();
  return new Set(Array.from(text.matchAll(/^# TYPE (\w+)/gm), ([, name = '']) => name));
}

test('the dashboard and the alerts ask for metrics that there are', async (t) => {
  const names = await namesOf(await folderFor(t));
  const asked = `${EXPRESSIONS.join('\n')}\n${RULES}`.matchAll(/\b(?:landfall|process|nodejs)_\w+/g);
  const missing = [...asked]
    .map(([name]) => name.replace(/_seconds_(?:bucket|count|sum)$/, '_seconds'))
    .filter((name) => !names.has(name));
  assert.deepEqual(missing, []);
});

test('panels have numbers of their own, and stand inside the dashboard', () => {
  const ids = DASHBOARD.panels.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { title, gridPos, targets } of DASHBOARD.panels) {
    assert.ok(gridPos.x + gridPos.w <= 24, title);
    assert.ok(targets.length > 0, title);
  }
});

test('promtool reads every expression of the dashboard', NEEDS, async (t) => {
  const path = join(await folderFor(t), 'panels.yaml');
  const rules = EXPRESSIONS.map((expr, at) => ({
    record: `panel:${at}`,
    expr: expr.replaceAll('$__rate_interval', '5m'),
  }));
  await writeFile(path, stringify({ groups: [{ name: 'panels', rules }] }));
  const { status, stderr } = promtool('check', 'rules', path);
  assert.equal(status, 0, stderr);
});

test('promtool takes the alerts, and each fires when it should and not before', NEEDS, () => {
  for (const argv of [
    ['check', 'rules', 'monitoring/landfall.rules.yaml'],
    ['test', 'rules', 'test/metrics/alert-rules.yaml'],
  ]) {
    const { status, stdout, stderr } = promtool(...argv);
    assert.equal(status, 0, `${stdout}${stderr}`);
  }
});

test('docs/monitoring.md has every metric, and no other', async (t) => {
  const names = await namesOf(await folderFor(t));
  const rows = readFileSync('docs/monitoring.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const cells = rows.map((row) => row.split('|')[1] ?? '');
  const told = cells.flatMap((cell) => cell.match(/\b(?:landfall|process|nodejs)_\w+/g) ?? []);
  assert.deepEqual(told.sort(), [...names].sort());
});
