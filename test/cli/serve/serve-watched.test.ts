import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { documentOf } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { until } from '../../support/until.ts';

// A killed serve looked healthy for ever.
test('get sources and status say that serve was killed, when it looked, and of whom it looks no more', async (t) => {
  const machine = await openServeMachine(t);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  const [app, gone] = ['app', 'gone'].map((name) =>
    sourceLine(machine.registry, `name: ${name}, ref: { tag: stable }`),
  );
  await machine.write({ sources: [app ?? '', gone ?? ''] });
  const serve = await machine.serve();
  for (const source of ['web/app', 'web/gone']) await serve.logged('landed', { source });
  assert.doesNotMatch((await machine.on('get', 'sources')).stderr, /no serve/);
  await machine.write({ sources: [app ?? ''] });
  await serve.logged('documents read again', { sources: 1 });
  const running = await machine.on('get', 'sources', '--json');
  const [first, second] = documentOf<readonly Record<string, unknown>[]>(running);
  assert.deepEqual([first?.['watched'], second?.['watched']], [true, false]);
  assert.match(String(first?.['lastLookedAt']), /^\d{4}-.*Z$/);
  assert.match(String(first?.['nextLookAt']), /^\d{4}-.*Z$/);
  assert.match((await machine.on('status', 'web/gone')).stdout, /in no document that serve follows/);
  assert.match((await machine.on('get', 'sources')).stdout, /^web\/gone .* in no document$/m);
  await serve.end('SIGKILL');
  for (const argv of [
    ['get', 'sources'],
    ['status', 'web/app'],
    ['suspend', 'web/app'],
    ['resume', 'web/app'],
  ]) {
    const { stderr, code } = await machine.on(...argv);
    assert.match(stderr, /note: no serve runs on this store since about \d{4}-.*Z: nothing is looked at/);
    assert.equal(code, 0);
  }
});

// A source of 10 s was told to be looked at next at a time that was over, for up to half a minute.
test('of few sources status says within seconds that they were looked at again, and of one suspended not when next', async (t) => {
  const machine = await openServeMachine(t);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }').replace('1h', '2s')],
  });
  await machine.serve();
  const looks = new Set<string>();
  await until('a third look to be written', async () => {
    const text = await readFile(join(machine.store, 'serve.json'), 'utf8').catch(() => '{}');
    looks.add(/"lastLookedAt":"([^"]+)"/.exec(text)?.[1] ?? '');
    looks.delete('');
    return looks.size >= 3 ? true : undefined;
  });
  const told = async (): Promise<string> => (await machine.on('status', 'web/app')).stdout;
  assert.match(await told(), /last looked at \S+, next about /);
  await machine.on('suspend', 'web/app');
  assert.match(await told(), /last looked at \S+\n/, 'nothing is looked at next while it is suspended');
});

test('a source whose first reconcile is under way is listed, and status says so', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({ sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')] });
  const beat = { formatVersion: 1, at: new Date().toISOString(), once: false, sources: { 'web/new': {} } };
  const serve = await machine.serve();
  await serve.end('SIGTERM');
  await writeFile(join(machine.store, 'serve.json'), JSON.stringify(beat));
  assert.match((await machine.on('get', 'sources')).stdout, /^web\/new +Unknown +NotLookedAt/m);
  assert.match((await machine.on('status', 'web/new')).stdout, /not looked at yet: first look/);
});

/** Of a store without a source, where there is nothing to say of `serve`. */
const NOTHING_ELSE = 'note: no sources yet\n';

// A disk that is full or read-only left Ready=True, and nothing but the log told.
test('a serve that runs and has written nothing for long is told of', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({ sources: [] });
  await machine.serve();
  const note = async (agoMs: number): Promise<string> => {
    const at = new Date(Date.now() - agoMs).toISOString();
    const beat = { formatVersion: 1, at, once: false, sources: {} };
    await writeFile(join(machine.store, 'serve.json'), JSON.stringify(beat));
    return (await machine.on('get', 'sources')).stderr;
  };
  assert.match(
    await note(100_000),
    /note: serve runs, but has written nothing into this store since about \d{4}-/,
  );
  assert.equal(await note(60_000), NOTHING_ELSE);
});

for (const text of ['', '{', '[]', '{"formatVersion":2,"at":"x","sources":{}}', '{"formatVersion":1,"at":1}'])
  test(`a heartbeat that says ${JSON.stringify(text)} is none`, async (t) => {
    const machine = await openServeMachine(t);
    await machine.write({ sources: [] });
    await (await machine.serve()).end('SIGTERM');
    await writeFile(join(machine.store, 'serve.json'), text);
    const { code, stderr } = await machine.on('get', 'sources');
    assert.deepEqual([code, stderr], [0, NOTHING_ELSE]);
  });

// A day of next month was told to whoever looked at night, of a registry that was asked again within seconds.
test('a source whose registry is down is told to be looked at when it is tried again, and not when it is polled', async (t) => {
  const machine = await openServeMachine(t);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }').replace('1h', '720h')],
  });
  await machine.serve();
  await until('it to land', async () => (await machine.on('status', 'web/app')).code === 0 || undefined);
  await machine.registry.close();
  await machine.on('reconcile', 'web/app', '--wait');
  await until('a next look long before the poll', async () => {
    const text = await readFile(join(machine.store, 'serve.json'), 'utf8').catch(() => '{}');
    const [, last = '', next = ''] = /"lastLookedAt":"([^"]+)","nextLookAt":"([^"]+)"/.exec(text) ?? [];
    const { failure } = documentOf<{ readonly failure: object | null }>(
      await machine.on('status', 'web/app', '--json'),
    );
    return (failure !== null && Date.parse(next) - Date.parse(last) < 600_000) || undefined;
  });
});
