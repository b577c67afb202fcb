import assert from 'node:assert/strict';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { digestOf } from '../../../shared/oci/digest.ts';
import { openDirectoryStore } from '../../../shared/store/directory/directory-store.ts';
import { formatDocument } from '../../../shared/store/document.ts';
import { artifactPrefix, ledgerKey, statusKey } from '../../../shared/store/layout.ts';
import { land } from '../../conformance/planted-artifacts.ts';
import { revisionOf, SOURCE, statusOf } from '../../store/support/sample.ts';
import { atEnd } from '../../support/at-end.ts';
import { documentOf, folderFor, landfall } from '../../support/cli.ts';
import { asAnother } from '../../support/programs/as-another.ts';

const GOOD = { digest: digestOf('good'), variant: 'default' };
const LEDGER = { deploy: 'live', ...SOURCE, formatVersion: 1, applied: null, failure: null, outbox: [] };
const OF_STATUS = ['Bad_Name/x', 'web/Podinfo.bak', 'web/podinfo (copy)', 'lost+found/x', 'x.y/podinfo'];
const OF_LEDGER = ['deploys/Live/web/podinfo.json', 'deploys/live/WEB/podinfo.json'];
const BESIDE = ['deploys/live/web/podinfo.json~', 'deploys/live/web/podinfo copy.json'];
const JUNK = [
  ...['sources/.DS_Store', 'sources/web/.DS_Store', 'sources/web/podinfo/status.json~'],
  ...['deploys/.DS_Store', 'deploys/live/.DS_Store', 'sites/.DS_Store', 'runs/.DS_Store', 'notify/.DS_Store'],
  ...['artifacts/.DS_Store', 'artifacts/sha256/.DS_Store'],
];
const COPIED = `artifacts/sha256/${GOOD.digest.slice(7)}/default copy/artifact.json`;

async function put(root: string, key: string, content = ''): Promise<void> {
  await mkdir(dirname(join(root, key)), { recursive: true });
  await writeFile(join(root, key), content);
}

/** A store with one source and its deploy, and what people, editors and systems leave in folders. */
async function strewn(t: TestContext) {
  const root = join(await folderFor(t), 'store');
  const store = await openDirectoryStore(root, { durable: false });
  await land(store, GOOD, { a: 'a' });
  const status = Buffer.from(formatDocument(statusOf({ current: revisionOf('good', 1) }))).toString();
  await put(root, statusKey(SOURCE), status);
  await put(root, ledgerKey('live', SOURCE), JSON.stringify(LEDGER));
  for (const folder of OF_STATUS) await put(root, `sources/${folder}/status.json`, status);
  for (const key of [...OF_LEDGER, ...BESIDE]) await put(root, key, JSON.stringify(LEDGER));
  for (const key of JUNK) await put(root, key, 'junk');
  await mkdir(join(root, 'sources/web/empty'));
  const whole = join(root, artifactPrefix(GOOD));
  await cp(whole, whole.replace(/default\/$/, 'default copy'), { recursive: true });
  return { root, on: (...argv: readonly string[]) => landfall([...argv, '--store', root]) };
}

/** What a command says where nothing foreign is there, but for times. */
const withoutAges = (text: string): string => text.replace(/\b\d+[smhd]\b/g, 'AGE');

// A folder Bad_Name ended `landfall status` with USAGE; .DS_Store was a deploy that cannot be read.
for (const argv of [
  ['status'],
  ['status', '-n', 'web'],
  ['get', 'sources'],
  ['get', 'deploys'],
  ['get', 'artifacts'],
  ['get', 'all'],
  ['history'],
  ['collect', '--dry-run'],
] as const)
  test(`${argv.join(' ')} shows the same beside names that are none of a store`, async (t) => {
    const { root, on } = await strewn(t);
    const beside = await on(...argv);
    for (const folder of ['Bad_Name', 'lost+found', 'x.y', 'web/Podinfo.bak', 'web/podinfo (copy)'])
      await rm(join(root, 'sources', folder), { recursive: true });
    for (const key of [...OF_LEDGER, ...BESIDE, ...JUNK]) await rm(join(root, key));
    await rm(join(root, dirname(COPIED)), { recursive: true });
    const alone = await on(...argv);
    assert.equal(beside.code, 0, beside.stderr);
    assert.deepEqual(withoutAges(beside.stdout), withoutAges(alone.stdout));
    assert.equal(beside.stderr, alone.stderr);
  });

test('completion offers no name that is none of a store', async (t) => {
  const { root } = await strewn(t);
  const offered = async (command: string) =>
    (await landfall(['completion', 'words', '--', command, '--store', root, ''])).stdout;
  assert.deepEqual([await offered('status'), await offered('logs')], ['web/podinfo\n', 'live\n']);
});

test('fsck tells each name that is none of a store once, and is content with what is', async (t) => {
  const { root, on } = await strewn(t);
  const wanted = [
    ...OF_STATUS.map((folder) => `sources/${folder}/status.json`),
    ...[...OF_LEDGER, ...BESIDE, ...JUNK, COPIED],
    COPIED.replace('artifact.json', 'files/a'),
  ];
  const report = documentOf(await on('fsck', '--json'));
  assert.deepEqual([report['problems'], report['sources'], report['artifacts']], [[], 1, 1]);
  assert.deepEqual((report['foreign'] as string[]).toSorted(), wanted.toSorted());
  const { stderr } = await on('fsck');
  assert.match(
    stderr,
    /^note: 21 names are none of Landfall's, and are passed over: artifacts\/\.DS_Store, /m,
  );
  assert.equal((await on('fsck', '--repair')).code, 0);
  assert.equal(await readFile(join(root, 'sources/.DS_Store'), 'utf8'), 'junk', 'nothing of them is deleted');
});

test('backup leaves names behind that are none of a store', async (t) => {
  const { on } = await strewn(t);
  const to = join(await folderFor(t), 'backup');
  const { code, stdout, stderr } = await on('backup', to);
  assert.deepEqual([code, stderr], [0, ''], stdout);
  assert.match(stdout, /^1 sources, 1 deploys, 1 artifacts/);
  assert.deepEqual(documentOf(await landfall(['fsck', '--store', to, '--json']))['foreign'], []);
});

// Of root's, as each new disk has one: no other user may look into it.
test('a closed folder lost+found among the sources hides none of them', async (t) => {
  const { root } = await strewn(t);
  const store = await openDirectoryStore(root, { durable: false });
  for (const name of ['sources', 'deploys', 'artifacts']) {
    const folder = join(root, name, 'lost+found');
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0);
    atEnd(t, () => chmod(folder, 0o700));
  }
  await chmod(dirname(root), 0o755);
  await asAnother(async () => {
    for (const prefix of ['sources/', 'deploys/'])
      assert.ok((await Array.fromAsync(store.objects.list(prefix))).length > 0);
    assert.equal((await Array.fromAsync(store.artifacts.list())).length, 1);
  });
});

test('status and history of all show every source, though the status of one is damaged', async (t) => {
  const { root, on } = await strewn(t);
  await put(root, 'sources/web/broken/status.json', '{');
  const status = await on('status');
  assert.equal(status.code, 0, status.stderr);
  assert.match(status.stdout, /^web\/podinfo {2}oci:/m);
  assert.match(status.stdout, /^web\/broken {2}STORE_CORRUPT: .*not JSON\n {2}next: Restore it/m);
  const documents = documentOf<Record<string, unknown>[]>(await on('status', '--json'));
  assert.deepEqual(
    documents.map(({ name, error }) => [name, (error as { code?: string } | undefined)?.code]),
    [
      ['broken', 'STORE_CORRUPT'],
      ['podinfo', undefined],
    ],
  );
  const history = await on('history');
  assert.equal(history.code, 0, history.stderr);
  assert.match(history.stdout, /^web\/podinfo +1 /m);
  assert.match(history.stderr, /^note: STORE_CORRUPT: .*broken.*\n {2}next: Restore it/m);
});

test('a ledger under the name of another deploy is told of, and not shown as that one', async (t) => {
  const { root, on } = await strewn(t);
  await put(root, 'deploys/live-old/web/podinfo.json', JSON.stringify(LEDGER));
  const { stdout, stderr } = await on('get', 'deploys');
  assert.match(stdout, /^live +web\/podinfo /m);
  assert.match(stdout, /^live-old +web\/podinfo .*STORE_CORRUPT/m);
  assert.match(stderr, /is that of live, web\/podinfo\n {2}next: Move it/);
});
