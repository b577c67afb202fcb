import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf } from '../../support/cli.ts';
import { openServeMachine, type ServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';

/** Two namespaces, one source each, with a deploy of one of them. */
async function twoTeams(t: TestContext): Promise<ServeMachine> {
  const machine = await openServeMachine(t);
  const { registry } = machine;
  plantFiles(registry, 'stable', { 'app.yaml': 'a: 1\n' });
  const other = sourceLine(registry, 'name: api, ref: { tag: stable }').replace(
    'namespace: web',
    'namespace: core',
  );
  await machine.write({
    sources: [sourceLine(registry, 'name: app, ref: { tag: stable }'), other],
    deploys: ['{ name: live, kind: command, source: web/app, command: ["true"] }'],
  });
  const once = await machine.on('serve', '-f', machine.sources, '--once');
  assert.equal(once.code, 0, once.stderr);
  return machine;
}

test('lists are wide, JSON, YAML or names', async (t) => {
  const machine = await twoTeams(t);
  const plain = await machine.on('get', 'sources');
  assert.match(plain.stdout, /^SOURCE .* AGE +NEXT$/m);
  assert.match(plain.stdout, /^web\/app +True +Succeeded +1 +stable@sha256:[0-9a-f]{8} +\d+s/m);
  for (const line of plain.stdout.split('\n')) assert.ok(line.length <= 80, line);
  assert.match(
    (await machine.on('get', 'sources', '-o', 'wide')).stdout,
    /stable@sha256:[0-9a-f]{64} .*oci:\/\//,
  );
  assert.equal((await machine.on('get', 'sources', '-o', 'name')).stdout, 'core/api\nweb/app\n');
  const json = documentOf<unknown>(await machine.on('get', 'sources', '-o', 'json'));
  assert.deepEqual(json, documentOf<unknown>(await machine.on('get', 'sources', '--json')));
  const ages = (document: unknown): string =>
    JSON.stringify(document).replaceAll(/"nextLookAt":"[^"]*"/g, '');
  assert.equal(ages(parse((await machine.on('get', 'sources', '-o', 'yaml')).stdout)), ages(json));
  const wrong = await machine.on('get', 'sources', '-o', 'xml');
  assertRefused(wrong, { code: 'USAGE', exit: 2, says: /wide, json, yaml, name/, next: /--help/ });
});

test('-o json has a failure as JSON, too', async (t) => {
  const machine = await twoTeams(t);
  const { code, stdout } = await machine.on('status', 'web/none', '-o', 'json');
  assert.equal(code, 1);
  assert.equal(JSON.parse(stdout).error.code, 'SOURCE_NOT_FOUND');
});

test('-n is of one namespace and names it for a source, -A of all', async (t) => {
  const machine = await twoTeams(t);
  assert.equal((await machine.on('get', 'sources', '-n', 'web', '-o', 'name')).stdout, 'web/app\n');
  assert.equal((await machine.on('get', 'deploys', '-n', 'core', '-o', 'name')).stdout, '');
  assert.equal((await machine.on('get', 'sources', '-A', '-o', 'name')).stdout, 'core/api\nweb/app\n');
  assert.match((await machine.on('status', 'app', '-n', 'web')).stdout, /^web\/app {2}oci:/);
  assert.equal(documentOf<readonly unknown[]>(await machine.on('history', '-n', 'core', '--json')).length, 1);
  const both = await machine.on('get', 'sources', '-A', '-n', 'web');
  assertRefused(both, { code: 'USAGE', exit: 2, says: /-A .* -n/, next: /Leave one/ });
});

test('status and history of everything, and get all', async (t) => {
  const machine = await twoTeams(t);
  const status = await machine.on('status');
  assert.match(
    status.stdout,
    /^core\/api {2}oci:[\s\S]*\n\nweb\/app {2}oci:[\s\S]*^deploy live: Succeeded for /m,
  );
  const all = documentOf<readonly { readonly name: string }[]>(await machine.on('status', '--json'));
  assert.deepEqual(
    all.map(({ name }) => name),
    ['api', 'app'],
  );
  assert.match(
    (await machine.on('history')).stdout,
    /^SOURCE +GEN +TAG[\s\S]*^core\/api +1 +stable [\s\S]*^web\/app +1 +stable /m,
  );
  assert.equal((await machine.on('history', '--since', '2999-01-01', '--json')).stdout, '[]\n');
  const everything = documentOf(await machine.on('get', 'all', '--json'));
  assert.deepEqual(Object.keys(everything), ['sources', 'deploys', 'artifacts']);
  assert.match(
    (await machine.on('get', 'all', '-o', 'name')).stdout,
    /^sources\/core\/api$[\s\S]*^deploys\/live\/web\/app$/m,
  );
});

test('events takes globs over types and sources, and a glob that matches no source is an error', async (t) => {
  const machine = await twoTeams(t);
  const types = async (...argv: readonly string[]) =>
    documentOf<readonly Readonly<Record<string, unknown>>[]>(
      await machine.on('events', '--json', ...argv),
    ).map((event) => event['detail-type']);
  assert.deepEqual(await types('--type', 'deploy-*'), ['Deploy Started', 'Deploy Succeeded']);
  assert.deepEqual(await types('--source', 'core/*'), ['Artifact Revision Changed']);
  assert.deepEqual(await types('-n', 'core'), ['Artifact Revision Changed']);
  assert.equal((await types('-n', '1')).length, 1);
  const none = await machine.on('events', '--source', 'nope/*');
  assertRefused(none, { code: 'SOURCE_NOT_FOUND', says: /no source/, next: /get sources/ });
  assertRefused(await machine.on('events', '--type', 'deplyo-*'), {
    code: 'USAGE',
    exit: 2,
    says: /no type/,
    next: /deploy-started/,
  });
});
