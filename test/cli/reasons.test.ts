import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf } from '../support/cli.ts';
import { openServeMachine, type ServeMachine, sourceLine } from '../support/programs/serve-machine.ts';

type Facts = Readonly<Record<string, unknown>>;

/** 1.0.0, then 1.1.0. */
async function twoVersions(
  t: TestContext,
): Promise<ServeMachine & { readonly once: () => Promise<unknown> }> {
  const machine = await openServeMachine(t);
  await machine.write({ sources: [sourceLine(machine.registry, 'name: app, ref: { semver: 1.x }')] });
  const once = async () => {
    const ended = await machine.on('serve', '-f', machine.sources, '--once');
    assert.equal(ended.code, 0, ended.stderr);
  };
  for (const version of ['1.0.0', '1.1.0']) {
    plantFiles(machine.registry, version, { 'app.yaml': `v: ${version}\n` });
    await once();
  }
  return { ...machine, once };
}

const lastEvent = async (machine: ServeMachine): Promise<Facts> => {
  const [event] = documentOf<readonly { readonly detail: Facts; readonly 'detail-type': string }[]>(
    await machine.on('events', '-n', '1', '--json'),
  );
  return { type: event?.['detail-type'], ...event?.detail };
};

test('suspend and resume keep who and why, and tell it as events', async (t) => {
  const machine = await twoVersions(t);
  await machine.on('suspend', 'web/app', '--reason', 'the incident', '--by', 'ann');
  const { suspended } = documentOf(await machine.on('status', 'web/app', '--json'));
  assert.partialDeepStrictEqual(suspended, { by: 'suspend', who: 'ann', reason: 'the incident' });
  assert.match(
    (await machine.on('status', 'web/app')).stdout,
    /^suspended by suspend of ann at .*: the incident; /m,
  );
  assert.match((await machine.on('get', 'sources')).stdout, /^web\/app +True +Suspended/m);
  assert.partialDeepStrictEqual(await lastEvent(machine), {
    type: 'Source Suspended',
    by: 'ann',
    reason: 'the incident',
  });
  await machine.on('resume', 'web/app', '--by', 'bob');
  assert.partialDeepStrictEqual(await lastEvent(machine), {
    type: 'Source Resumed',
    by: 'bob',
    reason: null,
  });
});

test('rollback --skip keeps the source followed: the bad revision stays out until something newer comes', async (t) => {
  const machine = await twoVersions(t);
  const rolled = await machine.on(
    'rollback',
    'web/app',
    '--to',
    '1.0.0',
    '--skip',
    '--reason',
    'breaks',
    '--by',
    'ann',
  );
  assert.match(rolled.stdout, /at 1\.0\.0@.*, generation 3, what was current is skipped/);
  assert.partialDeepStrictEqual(await lastEvent(machine), {
    generation: 3,
    trigger: 'rollback',
    by: 'ann',
    reason: 'breaks',
  });
  machine.registry.requests.reset();
  await machine.once();
  assert.equal(machine.registry.requests.count('GET', /\/(?:manifests|blobs)\//), 0, 'nothing is fetched');
  const status = documentOf(await machine.on('status', 'web/app', '--json'));
  assert.partialDeepStrictEqual(status, {
    generation: 3,
    suspended: null,
    skipped: { tag: '1.1.0', reason: 'breaks' },
  });
  assert.match(String(status['observed']), /^1\.1\.0@/);
  plantFiles(machine.registry, '1.2.0', { 'app.yaml': 'v: 1.2.0\n' });
  await machine.once();
  const after = documentOf(await machine.on('status', 'web/app', '--json'));
  assert.equal(after['generation'], 4);
  assert.ok(!('skipped' in after));
  assert.match((await machine.on('history', 'web/app', '-o', 'wide')).stdout, /rollback +ann +breaks$/m);
});

test('resume ends what is skipped, which then lands', async (t) => {
  const machine = await twoVersions(t);
  await machine.on('rollback', 'web/app', '--to', '1.0.0', '--skip');
  assert.match((await machine.on('resume', 'web/app')).stdout, /followed again/);
  await machine.once();
  assert.match((await machine.on('status', 'web/app')).stdout, /^at 1\.1\.0@/m);
});

test('a rollback without --skip suspends, and takes a revision as lists print it', async (t) => {
  const machine = await twoVersions(t);
  const [, second] = documentOf<readonly { readonly revision: string }[]>(
    await machine.on('history', 'web/app', '--json'),
  );
  const short = String(second?.revision).slice(0, '1.0.0@sha256:12345678'.length);
  assert.match(
    (await machine.on('rollback', 'web/app', '--to', short)).stdout,
    /at 1\.0\.0@.*, and suspended$/m,
  );
  const wrong = await machine.on('rollback', 'web/app', '--to', '1.1.0@sha256:00000000');
  assertRefused(wrong, { code: 'REVISION_NOT_FOUND', says: /names no revision/, next: /history/ });
});
