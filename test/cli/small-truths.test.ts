import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LandfallError } from '../../shared/errors.ts';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf } from '../support/cli.ts';
import { openServeMachine, sourceLine } from '../support/programs/serve-machine.ts';

const FILES = { 'app.yaml': 'v: 1\n' };

/** One source that has landed 1.0.0, and a deploy of it. */
async function landed(t: TestContext, more: readonly string[] = []) {
  const machine = await openServeMachine(t);
  const { registry, live } = machine;
  const { digest } = plantFiles(registry, '1.0.0', FILES);
  const sources = [sourceLine(registry, 'name: site, ref: { semver: 1.x }'), ...more];
  const deploys = [`{ name: live, kind: directory, source: web/site, target: "${live}" }`];
  await machine.write({ sources, deploys });
  assert.equal((await machine.on('serve', '-f', machine.sources, '--once')).code, 0);
  return { ...machine, digest };
}

test('a repair that runs into its deadline reports what it removed, what landed and what did not in time', async (t) => {
  const { on, store, digest, registry, sources } = await landed(t);
  await writeFile(join(store, 'artifacts', 'sha256', digest.slice(7), 'default/files/app.yaml'), 'other');
  registry.faults.add({ path: /./ }, { kind: 'stall', at: 'head' });
  const repaired = await on('fsck', '--repair', '-f', sources, '--timeout', '1s');
  assert.equal(repaired.code, 1, repaired.stderr);
  assert.match(
    repaired.stdout,
    /app\.yaml: wanted .*1 artifacts removed.*not landed in time: web\/site 1\.0\.0@/s,
  );
  const again = await on('fsck', '--repair', '-f', sources, '--timeout', '1s', '--json');
  const { late, lost } = JSON.parse(again.stdout) as Record<string, readonly { readonly name: string }[]>;
  assert.deepEqual([late?.map(({ name }) => name), lost, again.code], [['site'], [], 1]);
});

test('reconcile --wait tells what this look failed with, and then what was wrong before', async (t) => {
  const { on, registry, sources } = await landed(t);
  registry.faults.add({ path: /./ }, { kind: 'status', status: 403 });
  const argv = ['reconcile', 'web/site', '-f', sources, '--wait', '--timeout', '60s'];
  assertRefused(await on(...argv, '--json'), { code: 'FORBIDDEN', says: /403/, next: /./ });
  await registry.close();
  const wanted = {
    code: 'REGISTRY_UNREACHABLE',
    says: /127\.0\.0\.1/,
    next: /Before that it failed with FORBIDDEN/,
  };
  assertRefused(
    await on(...argv, '--json'),
    wanted as { code: LandfallError['code']; says: RegExp; next: RegExp },
  );
});

test('reconcile --wait of a suspended source tells no failure of before: it was not looked at', async (t) => {
  const { on, registry, sources } = await landed(t);
  registry.faults.add({ path: /./ }, { kind: 'status', status: 403 });
  await on('serve', '-f', sources, '--once');
  await on('suspend', 'web/site');
  const asked = await on('reconcile', 'web/site', '-f', sources, '--wait');
  assert.equal(asked.code, 0, asked.stderr);
  assert.match(asked.stderr, /is suspended and was not looked at/);
});

test('resume says that it ends a skip, too', async (t) => {
  const machine = await landed(t);
  const { on, registry, sources } = machine;
  plantFiles(registry, '1.1.0', { 'app.yaml': 'v: 2\n' });
  await on('serve', '-f', sources, '--once');
  await on('rollback', 'web/site', '--to', '1.0.0', '--skip');
  const resumed = await on('resume', 'web/site');
  assert.match(
    resumed.stdout,
    /is followed again\nit skips 1\.1\.0@sha256:[0-9a-f]{8} no more: that may land now\n$/,
  );
  assert.equal((await on('resume', 'web/site')).stdout, 'web/site is followed again\n');
});

test('a second suspend keeps the reason of the first, adds its own, and begins nothing anew', async (t) => {
  const { on } = await landed(t);
  await on('suspend', 'web/site', '--reason', 'the incident', '--by', 'ann');
  const before = documentOf(await on('status', 'web/site', '--json'))['suspended'] as { at: string };
  await on('suspend', 'web/site');
  await on('suspend', 'web/site', '--reason', 'the incident', '--by', 'bob');
  const same = documentOf(await on('status', 'web/site', '--json'))['suspended'];
  assert.deepEqual(same, { by: 'suspend', at: before.at, who: 'ann', reason: 'the incident' });
  const second = await on('suspend', 'web/site', '--reason', 'and the audit', '--by', 'bob');
  assert.match(second.stdout, /: the incident; and the audit\n$/);
  const after = documentOf(await on('status', 'web/site', '--json'))['suspended'];
  assert.deepEqual(after, {
    by: 'suspend',
    at: before.at,
    who: 'bob',
    reason: 'the incident; and the audit',
  });
  const events = documentOf<readonly { 'detail-type': string }[]>(await on('events', '-n', '9', '--json'));
  assert.equal(events.filter((event) => event['detail-type'] === 'Source Suspended').length, 2);
});

/** Every command that takes a source, of one in another namespace. */
const NAMED: readonly (readonly [
  argv: readonly string[],
  code: 'SOURCE_NOT_FOUND' | 'DEPLOY_NOT_FOUND' | 'USAGE',
])[] = [
  [['status', 'site'], 'SOURCE_NOT_FOUND'],
  [['history', 'site'], 'SOURCE_NOT_FOUND'],
  [['suspend', 'site'], 'SOURCE_NOT_FOUND'],
  [['resume', 'site'], 'SOURCE_NOT_FOUND'],
  [['rollback', 'site', '--to', '1.0.0'], 'SOURCE_NOT_FOUND'],
  [['replay', 'site', '--deploy', 'live'], 'SOURCE_NOT_FOUND'],
  [['get', 'events', '--source', 'site'], 'SOURCE_NOT_FOUND'],
  [['events', '--source', 'site'], 'SOURCE_NOT_FOUND'],
  [['logs', 'live', '--source', 'site'], 'DEPLOY_NOT_FOUND'],
  [['approve', 'live', '--source', 'site'], 'DEPLOY_NOT_FOUND'],
  [['reconcile', 'site', '-f', 'FILE'], 'USAGE'],
];

test('a source that is named without its namespace is guessed by every command, where one namespace alone has it', async (t) => {
  const { on, sources } = await landed(t);
  for (const [argv, code] of NAMED) {
    const given = argv.map((word) => (word === 'FILE' ? sources : word));
    const ended = await on(...given, '--json');
    const exit = code === 'USAGE' ? 2 : 1;
    assertRefused(ended, {
      code,
      exit,
      says: /default\/site/,
      next: /Did you mean (?:--source )?web\/site\?/,
    });
  }
});

test('a source whose name two namespaces have is not guessed', async (t) => {
  const machine = await openServeMachine(t);
  const { registry } = machine;
  plantFiles(registry, '1.0.0', FILES);
  const line = sourceLine(registry, 'name: site, ref: { semver: 1.x }');
  await machine.write({ sources: [line, line.replace('namespace: web', 'namespace: ops')] });
  await machine.on('serve', '-f', machine.sources, '--once');
  const { stdout } = await machine.on('status', 'site', '--json');
  assert.match(stdout, /SOURCE_NOT_FOUND/);
  assert.doesNotMatch(stdout, /Did you mean/);
});
