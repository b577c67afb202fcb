import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { digestOf } from '../../../shared/oci/digest.ts';
import { openDirectoryStore } from '../../../shared/store/directory/directory-store.ts';
import { formatDocument } from '../../../shared/store/document.ts';
import { ledgerKey, recordKey, siteKey, statusKey } from '../../../shared/store/layout.ts';
import { land } from '../../conformance/planted-artifacts.ts';
import { sampleEvent } from '../../event/samples.ts';
import { revisionOf, SOURCE, statusOf } from '../../store/support/sample.ts';
import { documentOf, folderFor, landfall } from '../../support/cli.ts';

const BROKEN = { namespace: 'web', name: 'broken' };
const GOOD = { digest: digestOf('good'), variant: 'default' };
const BAD = { digest: digestOf('bad'), variant: 'default' };
const LEDGER = { deploy: 'site', ...SOURCE, formatVersion: 1, applied: null, failure: null, outbox: [] };

async function put(root: string, key: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, key)), { recursive: true });
  await writeFile(join(root, key), content);
}

/** One sound and one damaged of each: status, artifact, ledger; and a log with a damaged line. */
async function damaged(t: TestContext) {
  const root = join(await folderFor(t), 'store');
  const store = await openDirectoryStore(root, { durable: false });
  for (const id of [GOOD, BAD]) await land(store, id, { a: 'a' });
  const status = statusOf({ current: revisionOf('good', 1) });
  await put(root, statusKey(SOURCE), Buffer.from(formatDocument(status)).toString());
  await put(root, statusKey(BROKEN), '{');
  await put(root, recordKey(BAD), '{');
  await put(root, ledgerKey('site', SOURCE), JSON.stringify(LEDGER));
  await put(root, ledgerKey('site', BROKEN), '{');
  const event = JSON.stringify(sampleEvent(1));
  await put(root, 'events/00000001.jsonl', `${event}\n${event.replace('"id"', '"#d"')}\n{"cut\n`);
  return {
    root,
    on: (...argv: readonly string[]) => landfall([...argv, '--store', root]),
  };
}

/** Which documents are told of as damaged, and whether the others are there. */
for (const [kind, sound, code] of [
  ['sources', /^web\/podinfo +Unknown +NotLookedAt/m, /^web\/broken +Unknown +STORE_CORRUPT/m],
  ['artifacts', new RegExp(`^${GOOD.digest.slice(0, 19)}… +default +sha256`, 'm'), /default +STORE_CORRUPT/],
  ['deploys', /^site +web\/podinfo .*Waiting/m, /^site +web\/broken .*STORE_CORRUPT/m],
] as const)
  test(`get ${kind} shows every row, though one file is damaged`, async (t) => {
    const { on } = await damaged(t);
    const { code: exit, stdout, stderr } = await on('get', kind);
    assert.equal(exit, 0);
    assert.match(stdout, sound);
    assert.match(stdout, code);
    assert.match(stderr, /note: STORE_CORRUPT: store: .*\n {2}next: /);
    const documents = JSON.parse((await on('get', kind, '--json')).stdout) as unknown[];
    assert.equal(documents.length, 2);
  });

// get sources said UNAUTHORIZED, of days ago, while status said that nothing listened there.
test('get sources and status tell the same reason: that of the condition, not of the failure before it', async (t) => {
  const { root, on } = await damaged(t);
  const [at, message] = ['2026-11-21T08:00:00.000Z', 'ghcr.io: nothing listens there'];
  const failed = {
    type: 'Ready',
    status: 'False',
    reason: 'REGISTRY_UNREACHABLE',
    message,
    lastTransitionTime: at,
  };
  const before = {
    code: 'UNAUTHORIZED',
    message: 'the password is wrong',
    hint: 'Check that the credential is right.',
    kind: 'permanent',
    subject: 's',
  };
  const status = {
    ...statusOf(),
    conditions: [failed],
    failure: { ...before, since: at, at, attempts: 3 },
  };
  await put(root, statusKey(SOURCE), JSON.stringify(status));
  assert.match((await on('get', 'sources')).stdout, /^web\/podinfo +False +REGISTRY_UNREACHABLE /m);
  const [, document] = JSON.parse((await on('get', 'sources', '--json')).stdout) as Record<string, unknown>[];
  assert.deepEqual([document?.['reason'], document?.['message']], ['REGISTRY_UNREACHABLE', message]);
  const told = (await on('status', 'web/podinfo')).stdout;
  assert.match(told, /Ready=False \(REGISTRY_UNREACHABLE\)/);
  assert.match(told, /nothing listens there\n {2}next: Check the host/);
  assert.match(told, /^and failing before that, .*: UNAUTHORIZED: the password is wrong$/m);
  assert.match((await on('get', 'sources')).stderr, /nothing listens there\n {2}next: Check the host/);
});

test('get events shows every event, and says how many lines are damaged', async (t) => {
  const { on } = await damaged(t);
  const { code, stdout, stderr } = await on('get', 'events');
  assert.deepEqual([code, stdout.split('\n').length], [0, 2]);
  assert.match(stderr, /note: 1 damaged lines/);
});

test('status of a source beside a damaged one is as ever, and of that one an error that names the file', async (t) => {
  const { on } = await damaged(t);
  assert.equal((await on('status', 'web/podinfo')).code, 0);
  for (const command of ['status', 'history']) {
    const { code, stderr } = await on(command, 'web/broken');
    assert.equal(code, 1);
    assert.match(stderr, /STORE_CORRUPT: store: sources\/web\/broken\/status\.json/);
  }
});

test('collect goes on beside a damaged status, says so, and keeps what it may name', async (t) => {
  const { on } = await damaged(t);
  const report = documentOf(await on('collect', '--grace', '0s', '--force', '--json'));
  assert.equal(report['kept'], 2);
  const keys = (report['unreadable'] as { key: string }[]).map(({ key }) => key);
  assert.deepEqual(keys, [statusKey(BROKEN), ledgerKey('site', BROKEN)]);
});

test('collect with a grace under ten minutes wants --force; ten minutes, and a dry run, do not', async (t) => {
  const { on } = await damaged(t);
  const { code, stderr } = await on('collect', '--grace', '9m59s');
  assert.equal(code, 2);
  assert.match(stderr, /USAGE: --grace 9m59s is under 10m.*\n {2}next: .*--force/);
  assert.equal((await on('collect', '--grace', '10m')).code, 0);
  assert.equal((await on('collect', '--grace', '1s', '--dry-run')).code, 0);
});

test('fsck names damaged ledgers, lists of sites, events and requests beside artifacts and statuses', async (t) => {
  const { root, on } = await damaged(t);
  await put(root, siteKey('site', SOURCE), '[]');
  await put(root, ledgerKey('other', SOURCE), JSON.stringify(LEDGER));
  await put(root, 'requests/00000000-0000-4000-8000-000000000000.json', '{"name":1}');
  const report = JSON.parse((await on('fsck', '--json')).stdout) as Record<string, unknown>;
  const found = (report['problems'] as { kind: string; key: string; hint: string }[]).map(
    ({ kind, key, hint }) => {
      assert.ok(hint);
      return `${kind} ${key}`;
    },
  );
  assert.deepEqual(found, [
    `record-invalid ${recordKey(BAD)}`,
    `status-invalid ${statusKey(BROKEN)}`,
    `ledger-invalid ${ledgerKey('other', SOURCE)}`,
    `ledger-invalid ${ledgerKey('site', BROKEN)}`,
    `site-invalid ${siteKey('site', SOURCE)}`,
    'event-invalid events/00000001.jsonl',
    'request-invalid requests/00000000-0000-4000-8000-000000000000.json',
  ]);
  assert.equal(report['forPerson'], 6);
  const repaired = await on('fsck', '--repair');
  assert.equal(repaired.code, 1, 'what is left is for a person');
});

// It said to run the repair that it just was.
test('fsck --repair tells of each problem what is left to do after it', async (t) => {
  const { root, on } = await damaged(t);
  const named = { ...revisionOf('bad', 1), ...BAD };
  const other = { namespace: 'web', name: 'other' };
  await put(root, statusKey(other), JSON.stringify({ ...statusOf({ current: named }), ...other }));
  await put(root, recordKey({ ...BAD, variant: 'unnamed' }), '{');
  const before = JSON.parse((await on('fsck', '--json')).stdout) as { problems: { hint: string }[] };
  assert.match(before.problems[0]?.hint ?? '', /fsck --repair/);
  const { stdout } = await on('fsck', '--repair');
  assert.doesNotMatch(stdout, /next: .*fsck --repair/);
  const nextOf = (key: string): string | undefined =>
    stdout.split('\n').find((_, at, lines) => lines[at - 1]?.includes(`: ${key}: `));
  assert.match(nextOf(recordKey(BAD)) ?? '', /^ {2}next: Run `landfall reconcile web\/other`/);
  assert.equal(nextOf(recordKey({ ...BAD, variant: 'unnamed' })), '  next: Nothing: it was repaired.');
  assert.match(nextOf(statusKey(BROKEN)) ?? '', /^ {2}next: Restore it from a backup/, 'for a person');
  const again = JSON.parse((await on('fsck', '--repair', '--json')).stdout) as typeof before;
  for (const { hint } of again.problems) assert.doesNotMatch(hint, /fsck --repair/);
});

for (const [what, argv, says] of [
  ['a type there is not', ['--type', 'deploy-vanished'], /no type of an event[\s\S]*deploy-failed/],
  ['a time that is none', ['--since', 'yesterday'], /--since/],
  ['a number that is none', ['-n', '0'], /not a number from 1/],
] as const)
  test(`get events refuses ${what}`, async (t) => {
    const { on } = await damaged(t);
    const { code, stderr } = await on('get', 'events', ...argv);
    assert.equal(code, 2);
    assert.match(stderr, says);
  });

test('get events takes a type as it is told or with hyphens, a time, and a number', async (t) => {
  const { on } = await damaged(t);
  for (const [argv, count] of [
    [['--type', 'Artifact Revision Changed'], 1],
    [['--type', 'artifact-revision-changed', '-n', '1'], 1],
    [['--type', 'deploy-failed'], 0],
    [['--since', '2026-11-21T08:00:00Z'], 1],
    [['--since', '2999-01-01'], 0],
    [['--since', '0s'], 0],
  ] as const)
    assert.equal(
      JSON.parse((await on('get', 'events', '--json', ...argv)).stdout).length,
      count,
      argv.join(' '),
    );
});
