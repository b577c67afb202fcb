import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { newLedger } from '../../shared/deploy/ledger/ledger.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { ledgerKey, runsKey, statusKey } from '../../shared/store/layout.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import { DIGEST, failed, put, revision, sceneOf, statusOf } from '../console/console-scene.ts';
import { openRegistry } from '../embedded-registry/test-registry.ts';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import { folderFor, landfall } from '../support/cli.ts';
import { assertShown, poisoned, HOSTILE_TEXT as TEXT } from '../support/hostile-text.ts';

const APP = { namespace: 'web', name: 'app' };
const AT = '2026-11-29T10:00:00.000Z';

/** Documents as an older version, or whoever may write to the store, has left them: each of their texts is hostile. */
const current = {
  ...revision,
  ...{ tag: TEXT, revision: `${TEXT}@${DIGEST}`, who: TEXT, reason: TEXT, annotations: { [TEXT]: TEXT } },
  ...{ mediaType: TEXT, artifactType: TEXT },
  parts: [{ source: 'web/part', revision: TEXT, digest: DIGEST }],
  verification: {
    ...{ provider: 'cosign', policy: DIGEST },
    signatures: [{ signer: { issuer: TEXT, subject: TEXT }, found: TEXT, signedAt: null, logIndex: null }],
  },
};
const failure = { ...failed(TEXT), code: TEXT, hint: TEXT, subject: TEXT };
const { revision: name, digest, generation, variant, contentDigest } = current;
const of = { revision: name, digest, generation, variant, contentDigest };
const change = { action: 'create', what: TEXT, why: TEXT };
const STATUS = statusOf('app', {
  ...{
    current: { ...current, generation: 2 },
    failure,
    url: TEXT,
    labels: { [TEXT]: TEXT },
    generation: 2,
    history: [current],
  },
  conditions: [{ type: 'Ready', status: 'False', reason: TEXT, message: TEXT, lastTransitionTime: AT }],
  skipped: { revision: TEXT, tag: TEXT, digest: DIGEST, at: AT, reason: TEXT, who: TEXT },
});
const LEDGER = {
  ...newLedger({ ...APP, deploy: 'live' }),
  kind: TEXT,
  applied: { ...of, at: AT },
  failure: { ...failure, generation: 1 },
  waiting: {
    ...{ for: 'approval', ...of, message: TEXT, since: AT, next: null },
    plan: { summary: TEXT, changes: [change], more: 0 },
  },
};
const line = { at: AT, line: TEXT };
const run = {
  ...{ id: TEXT, generation: 1, revision: name, attempt: 1, state: 'Failed', message: TEXT },
  ...{ since: AT, ended: AT, log: [line] },
};
const RUNS = { formatVersion: 1, runs: [run, { ...run, id: 'b' }] };

/** What the name of a file may have of it. */
const NAME = TEXT.replaceAll(/[\0/]/g, '').toWellFormed();

async function storeOf(t: TestContext): Promise<{ readonly store: string; readonly sources: string }> {
  const registry = await openRegistry(t);
  plantFiles(registry, '1.0.0', { a: 'b' });
  const folder = await folderFor(t);
  const [sources, store] = [join(folder, 'sources.yaml'), join(folder, 'store')];
  const url = `oci://${registry.host}/team/app`;
  await writeFile(
    sources,
    `sources: [{ name: first, namespace: web, url: "${url}", ref: { tag: 1.0.0 } }]\n`,
  );
  const ended = await landfall(['serve', '-f', sources, '--store', store, '--once', '--plain-http']);
  assert.equal(ended.code, 0, ended.stderr);
  for (const [key, document] of [
    [statusKey(APP), STATUS],
    [ledgerKey('live', APP), LEDGER],
    [runsKey('live', APP), RUNS],
  ] as const) {
    const path = join(store, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, JSON.stringify(document));
  }
  const log = join(store, 'events', '00000001.jsonl');
  const [line = ''] = (await readFile(log, 'utf8')).split('\n', 1);
  const event = JSON.parse(line) as EventEnvelope;
  await appendFile(log, [...poisoned(event)].map((bad) => `${JSON.stringify(bad)}\n`).join(''));
  return { store, sources };
}

async function plantNames(store: string): Promise<void> {
  for (const key of [
    `sources/web/${NAME}/status.json`,
    `deploys/${NAME}/web/${NAME}.json`,
    `artifacts/${NAME}/x`,
    `${NAME}.json`,
  ]) {
    await mkdir(dirname(join(store, key)), { recursive: true });
    await writeFile(join(store, key), TEXT);
  }
}

async function assertCommands(store: string): Promise<void> {
  const at = ['--store', store];
  const lists = ['sources', 'deploys', 'artifacts', 'events', 'all'].flatMap((list) =>
    [[], ['-o', 'wide'], ['-o', 'yaml'], ['-o', 'name'], ['--json']].map((more) => [
      'get',
      list,
      ...at,
      ...more,
    ]),
  );
  let told = 0;
  for (const argv of [
    ...lists,
    ...[
      ['status'],
      ['history', 'web/app'],
      ['logs', 'live'],
      ['events'],
      ['fsck'],
      ['collect', '--dry-run'],
    ].flatMap((line) => [
      [...line, ...at],
      [...line, ...at, '--json'],
    ]),
    ['logs', 'live', '--last', '9', ...at],
    ['suspend', 'web/app', '--reason', TEXT.replaceAll('\u0000', ''), ...at],
    ['resume', 'web/app', ...at],
    ['approve', '1.0.0', '--deploy', 'live', ...at],
    ['rollback', 'web/app', '--to', name, ...at],
    ['completion', 'words', '--', 'status', ...at, ''],
    ['completion', 'words', '--', 'rollback', 'web/app', ...at, '--to', ''],
    ['completion', 'words', '--', 'logs', ...at, ''],
    ['status', ...at, NAME],
    ['get', 'deploys', ...at, '-n', NAME],
  ]) {
    const { stdout, stderr } = await landfall(argv);
    const where = `landfall ${argv.join(' ')}`;
    assertShown(stdout, `${where}: stdout`);
    assertShown(stderr, `${where}: stderr`);
    if (argv.includes('--json') && stdout !== '') JSON.parse(stdout.trimEnd().split('\n{')[0] ?? '');
    told += stdout.includes('FORGED') ? 1 : 0;
  }
  assert.ok(told > 10, `${told} say it`);
}

test('what is in a store, whoever wrote it, forges and hides nothing in what commands print', async (t) => {
  const { store } = await storeOf(t);
  const { stdout, stderr } = await landfall(['status', 'web/app', '--store', store]);
  assert.equal(stderr, '');
  assert.match(stdout, /^ {2}signed by x/m, stdout);
  await assertCommands(store);
});

test('names in a store forge and hide nothing', async (t) => {
  const { store } = await storeOf(t);
  await plantNames(store);
  await assertCommands(store);
});

test('what is in a store forges no line of a log that the console shows', async (t) => {
  const store = openMemoryStore();
  await put(store, statusKey(APP), STATUS);
  await put(store, ledgerKey('live', APP), LEDGER);
  await put(store, runsKey('live', APP), RUNS);
  const { ask } = await sceneOf(t, { store });
  for (const path of [
    '/deploys/live/web/app?run=b',
    '/deploys/live/web/app/log?run=b',
    '/names?to=',
    '/sources/web/app',
    '/',
  ]) {
    const { status, text } = await ask(path);
    assert.equal(status, 200, path);
    assertShown(text, path);
  }
});
