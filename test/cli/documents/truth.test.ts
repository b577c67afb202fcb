import assert from 'node:assert/strict';
import { appendFile, chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf, folderFor, landfall, landfallProcess } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { until } from '../../support/until.ts';

type Facts = Readonly<Record<string, unknown>>;

const FILES = { 'app.yaml': 'a: 1\n' };
/** A document that somebody is still writing. */
const HALF = 'sources:\n  - { name: app, namespace: web, url: "oci';

test('a document that is refused while its last good one stays is told by get sources, status and their JSON', async (t) => {
  const machine = await openServeMachine(t);
  const { registry } = machine;
  plantFiles(registry, 'stable', FILES);
  await machine.write({
    sources: [sourceLine(registry, 'name: app, onRefused: keep, ref: { tag: stable }')],
  });
  const serve = await machine.serve();
  await serve.logged('landed', { source: 'web/app' });
  await machine.write({
    sources: [sourceLine(registry, 'name: app, onRefused: keep, ref: { tga: stable }')],
  });
  await serve.logged('documents read again', {});
  const [kept] = documentOf<readonly Facts[]>(await machine.on('get', 'sources', '--json'));
  assert.partialDeepStrictEqual(kept, { document: 'kept', ready: 'True', watched: true });
  assert.match(
    (await machine.on('status', 'web/app')).stdout,
    /its document is refused, and the last good one stays in force: .*tga/,
  );
  await machine.write({ sources: [sourceLine(registry, 'name: app, ref: { tga: stable }')] });
  const refused = await until('it to stall', async () => {
    const [source] = documentOf<readonly Facts[]>(await machine.on('get', 'sources', '--json'));
    return source?.['ready'] === 'False' ? source : undefined;
  });
  assert.partialDeepStrictEqual(refused, { document: 'refused', reason: 'CONFIG_INVALID' });
  const listed = await machine.on('get', 'sources');
  const status = await machine.on('status', 'web/app');
  const message = String(refused['message']).split('\n', 1)[0] ?? '';
  assert.ok(listed.stderr.includes(message) && status.stdout.includes(message), 'one message in both');
});

test('a half-written document is told by get sources for as long as it is one', async (t) => {
  const machine = await openServeMachine(t);
  plantFiles(machine.registry, 'stable', FILES);
  const good = sourceLine(machine.registry, 'name: app, ref: { tag: stable }');
  await machine.write({ sources: [good] });
  const serve = await machine.serve();
  await serve.logged('landed', { source: 'web/app' });
  await writeFile(machine.sources, HALF);
  const told = await until('it to be told', async () => {
    const { stderr } = await machine.on('get', 'sources');
    return /sources\.yaml:\d+:\d+/.test(stderr) ? stderr : undefined;
  });
  assert.match(told, /sources\.yaml/);
  await machine.write({ sources: [good] });
  await until('it to be well', async () =>
    (await machine.on('get', 'sources')).stderr === '' ? true : undefined,
  );
});

test('documents that cannot be read any more are told by get sources, and what was stays', {
  skip: process.getuid?.() === 0 ? false : 'only a folder that is gone, which root cannot read either',
}, async (t) => {
  const machine = await openServeMachine(t);
  plantFiles(machine.registry, 'stable', FILES);
  await machine.write({ sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')] });
  const folder = join(machine.folder, 'documents');
  await mkdir(folder);
  await writeFile(join(folder, 'a.yaml'), await readFile(machine.sources));
  const serve = await machine.serve({ documents: [folder] });
  await serve.logged('landed', { source: 'web/app' });
  await rm(folder, { recursive: true });
  const told = await until('it to be told', async () => {
    const { stderr } = await machine.on('get', 'sources');
    return /note: document is refused: /.test(stderr) ? stderr : undefined;
  });
  assert.match(told, /documents/);
  assert.match((await machine.on('get', 'sources')).stdout, /^web\/app +True +Succeeded/m);
});

test('status has what the registry is at, also where that cannot land', async (t) => {
  const machine = await openServeMachine(t);
  const { registry } = machine;
  const good = plantFiles(registry, 'stable', FILES);
  const document = sourceLine(registry, 'name: app, limits: { files: 1 }, ref: { tag: stable }');
  await machine.write({ sources: [document] });
  await machine.on('serve', '-f', machine.sources, '--once');
  const observed = async () => documentOf(await machine.on('status', 'web/app', '--json'))['observed'];
  assert.equal(await observed(), `stable@${good.digest}`);
  const bad = plantFiles(registry, 'stable', { a: '1', b: '2' });
  await machine.on('serve', '-f', machine.sources, '--once');
  assert.equal(await observed(), `stable@${bad.digest}`);
  assert.match((await machine.on('status', 'web/app')).stdout, /^the registry is at stable@sha256:/m);
});

test('a first look is told within a second or so, not after half a minute', async (t) => {
  const machine = await openServeMachine(t);
  plantFiles(machine.registry, 'stable', FILES);
  await machine.write({ sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')] });
  await machine.serve();
  await until('lastLookedAt', async () => {
    const [source] = documentOf<readonly Facts[]>(await machine.on('get', 'sources', '--json'));
    return source?.['lastLookedAt'] ?? undefined;
  });
});

test('reconcile --wait --deploys waits for deploys, and ends 1 with what one failed with', async (t) => {
  const machine = await openServeMachine(t);
  const command = '[sh, -c, "sleep 1; test -f good || { echo no such table >&2; exit 2; }"]';
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [
      `{ name: slow, kind: command, source: web/app, command: ${command} }`,
      '{ name: never, kind: command, source: web/app, command: ["true"], pattern: { detail: { tag: [other] } } }',
    ],
  });
  plantFiles(machine.registry, 'stable', { good: '' });
  const serve = await machine.serve();
  await serve.logged('deploy applied', { deploy: 'slow' });
  plantFiles(machine.registry, 'stable', { good: '2' });
  const well = await machine.on('reconcile', 'web/app', '--wait', '--deploys');
  assert.match(well.stdout, /generation 2\ndeployed by slow\n$/);
  const [slow] = documentOf<
    readonly { readonly deploy: string; readonly applied: { readonly generation: number } }[]
  >(await machine.on('get', 'deploys', '--json')).filter(({ deploy }) => deploy === 'slow');
  assert.equal(slow?.applied.generation, 2);
  plantFiles(machine.registry, 'stable', { bad: '' });
  const failed = await machine.on('reconcile', 'web/app', '--wait', '--deploys');
  assertRefused(failed, { code: 'DEPLOY_FAILED', says: /no such table/, next: /replay/ });
  const alone = await machine.on('reconcile', 'web/app', '--deploys');
  assertRefused(alone, { code: 'USAGE', exit: 2, says: /--wait/, next: /--wait --deploys/ });
  await serve.end('SIGTERM');
  const nobody = await machine.on('reconcile', 'web/app', '-f', machine.sources, '--wait', '--deploys');
  assertRefused(nobody, { code: 'USAGE', exit: 2, says: /no serve runs/, next: /--once/ });
});

test('reconcile --wait --deploys says what a deploy waits for', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: ['{ name: live, kind: command, source: web/app, command: ["true"], approval: required }'],
  });
  plantFiles(machine.registry, 'stable', FILES);
  const serve = await machine.serve();
  await serve.logged('landed', { source: 'web/app' });
  const held = await machine.on('reconcile', 'web/app', '--wait', '--deploys');
  assertRefused(held, {
    code: 'DEPLOY_UNAVAILABLE',
    says: /live waits: for an approval/,
    next: /get deploys/,
  });
});

for (const isServed of [true, false])
  test(`fsck --repair lands again by digest what it can, ${isServed ? 'through serve' : 'with -f'}, and says what is lost`, async (t) => {
    const machine = await openServeMachine(t);
    const { registry, store } = machine;
    await machine.write({ sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')] });
    const digests: string[] = [];
    for (const version of ['1', '2', '3']) {
      digests.push(plantFiles(registry, 'stable', { 'app.yaml': `a: ${version}\n` }).digest);
      assert.equal((await machine.on('serve', '-f', machine.sources, '--once')).code, 0);
    }
    const [first = '', second = ''] = digests;
    for (const digest of [first, second])
      await appendFile(join(store, 'artifacts/sha256', digest.slice(7), 'default/files/app.yaml'), 'x');
    registry.faults.add({ path: new RegExp(first) }, { kind: 'status', status: 404 });
    if (isServed) await machine.serve();
    const unasked = isServed ? [] : ['-f', machine.sources];
    const repaired = await machine.on('fsck', '--repair', ...unasked);
    assert.equal(repaired.code, 1, 'something is lost');
    assert.match(repaired.stdout, new RegExp(`^landed again: web/app stable@${second}$`, 'm'));
    assert.match(
      repaired.stdout,
      new RegExp(`^lost: web/app stable@${first}: it cannot be rolled back to$`, 'm'),
    );
    assert.equal((await machine.on('fsck')).code, 0);
    const history = documentOf<readonly { readonly digest: string }[]>(
      await machine.on('history', 'web/app', '--json'),
    );
    assert.deepEqual(
      history.map(({ digest }) => digest),
      [digests[2], second],
    );
  });

test('logs --follow prints lines of a run while it goes on', async (t) => {
  const machine = await openServeMachine(t);
  const gate = join(machine.folder, 'gate');
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [
      `{ name: talk, kind: command, source: web/app, command: [sh, -c, "echo begun; while ! test -f ${gate}; do sleep 0.1; done; echo ended"] }`,
    ],
  });
  plantFiles(machine.registry, 'stable', FILES);
  const serve = await machine.serve();
  const said = async () => (await machine.on('logs', 'talk')).stdout;
  const begun = await until('the first line', async () => {
    const text = await said().catch(() => '');
    return text.includes('begun') ? text : undefined;
  });
  assert.match(begun, /try 1: Running, .* – now\n\S+ {2}begun\n$/);
  await writeFile(gate, '');
  await serve.logged('deploy applied', { deploy: 'talk' });
  const lines = (await said())
    .trim()
    .split('\n')
    .map((line) => line.replace(/^\S+ {2}/, ''));
  assert.deepEqual(lines.slice(1), ['begun', 'ended'], 'each line once');
});

test('a lost store is told with what to do, and made anew by nobody who only reads', async (t) => {
  const store = join(await folderFor(t), 'gone');
  for (const argv of [
    ['get', 'sources'],
    ['status'],
    ['history'],
    ['events'],
    ['logs', 'live'],
    ['backup', `${store}-copy`],
  ])
    assertRefused(await landfall([...argv, '--store', store]), {
      code: 'USAGE',
      exit: 2,
      says: /is not there/,
      next: /--store/,
    });
});

test('a HOME that cannot be written, or is none, keeps no command', async (t) => {
  const home = await folderFor(t);
  await chmod(home, 0o500);
  for (const HOME of [home, '/nonexistent']) {
    const { code, stdout, stderr } = await landfallProcess(['version'], {
      env: { HOME, XDG_CACHE_HOME: '' },
    });
    assert.deepEqual([code, stderr], [0, ''], HOME);
    assert.match(stdout, /^landfall /);
  }
});

test('a folder of documents that cannot be read is refused with what to do', async (t) => {
  const folder = await folderFor(t);
  const none = await landfall([
    'serve',
    '-f',
    join(folder, 'none'),
    '--store',
    join(folder, 'store'),
    '--once',
  ]);
  assertRefused(none, { code: 'CONFIG_UNREADABLE', exit: 2, says: /none/, next: /./ });
  await writeFile(join(folder, 'half.yaml'), HALF);
  const half = await landfall([
    'serve',
    '-f',
    join(folder, 'half.yaml'),
    '--store',
    join(folder, 'store'),
    '--once',
  ]);
  assertRefused(half, { code: 'CONFIG_INVALID', exit: 2, says: /half\.yaml:\d+:\d+/, next: /validate/ });
});
