import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertRefused } from '../support/cli.ts';
import { plantFiles } from '../support/sample-artifacts.ts';
import { openServeMachine, sourceLine } from '../support/serve-machine.ts';
import { eventsOfKind } from '../support/serving.ts';

const KIND = join(import.meta.dirname, '..', '..', 'examples', 'own-kind', 'note-deploy.ts');

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

test('what LANDFALL_KINDS names has to be a module with a kind', async (t) => {
  const machine = await openServeMachine(t);
  const before = process.env['LANDFALL_KINDS'];
  t.after(() => {
    if (before === undefined) delete process.env['LANDFALL_KINDS'];
    else process.env['LANDFALL_KINDS'] = before;
  });
  for (const [path, code, says] of [
    ['/nowhere.ts', 'CONFIG_UNREADABLE', /LANDFALL_KINDS: \/nowhere\.ts cannot be loaded/],
    [
      join(import.meta.dirname, '..', '..', 'shared', 'printable.ts'),
      'CONFIG_INVALID',
      /exports no kind of deploy/,
    ],
  ] as const) {
    process.env['LANDFALL_KINDS'] = path;
    assertRefused(await machine.on('get', 'deploys'), { code, says, next: /xport/, exit: 2 });
  }
});
