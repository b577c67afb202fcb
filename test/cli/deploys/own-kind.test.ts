import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { eventsOfKind } from '../../support/programs/serving.ts';

const KIND = join(import.meta.dirname, '..', '..', '..', 'examples', 'own-kind', 'note-deploy.ts');

test('a kind of one’s own runs in serve, with all that every kind has', async (t) => {
  const machine = await openServeMachine(t);
  const file = join(machine.folder, 'notes');
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [`{ name: notes, kind: note, source: web/app, file: "${file}", approval: required }`],
  });
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'version: 1\n' });
  await machine.serve({ env: { LANDFALL_KINDS: KIND } });
  await eventsOfKind(machine.store, 'Deploy Waiting', 1);
  await machine.on('approve', 'notes');
  await eventsOfKind(machine.store, 'Deploy Succeeded', 1);
  assert.match(await readFile(file, 'utf8'), /^stable@sha256:\w+ landfall-[0-9a-f]{24}\n$/);
});

// One such module ended every command, and with it the sources and the deploys of every other kind.
test('what LANDFALL_KINDS names and cannot be had is told, and keeps neither the other kinds nor the sources', async (t) => {
  const machine = await openServeMachine(t);
  const file = join(machine.folder, 'notes');
  const bad = {
    throws: 'throw new Error("out of order");\n',
    hangs: 'await new Promise(() => setInterval(() => {}, 1000));\n',
    empty: 'export const nothing = 1;\n',
    taken: `export { noteDeploy } from ${JSON.stringify(KIND)};\n`,
  };
  const paths = ['/nowhere.ts', KIND];
  for (const [name, text] of Object.entries(bad)) {
    paths.push(join(machine.folder, `${name}.ts`));
    await writeFile(join(machine.folder, `${name}.ts`), text);
  }
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [`{ name: notes, kind: note, source: web/app, file: "${file}" }`],
  });
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'version: 1\n' });
  const serve = await machine.serve({ env: { LANDFALL_KINDS: paths.join(delimiter) } });
  await serve.logged('deploy applied', { deploy: 'notes' });
  const { code, stderr } = await serve.end('SIGTERM');
  assert.equal(code, 0);
  for (const told of [
    /note: CONFIG_UNREADABLE: LANDFALL_KINDS: \/nowhere\.ts cannot be loaded: .*; going on without it\n {2}next: .*export/,
    /CONFIG_UNREADABLE: LANDFALL_KINDS: .*throws\.ts cannot be loaded: .*out of order/,
    /CONFIG_UNREADABLE: LANDFALL_KINDS: .*hangs\.ts cannot be loaded: .*not loaded within 10 s/,
    /CONFIG_INVALID: LANDFALL_KINDS: .*empty\.ts exports no kind of deploy/,
  ])
    assert.match(stderr, told);
});
