import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { documentOf } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';

test('a list of nothing says so, and of which namespace; for programs it is empty', async (t) => {
  const machine = await openServeMachine(t);
  const { registry } = machine;
  await machine.write({ sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')] });
  plantFiles(registry, 'stable', { 'a.txt': '1' });
  await machine.on('serve', '-f', machine.sources, '--once');
  for (const [argv, note] of [
    [['get', 'sources', '-n', 'wbe'], 'note: no sources in namespace wbe\n'],
    [['get', 'deploys'], 'note: no deploys yet\n'],
    [['get', 'all', '-n', 'wbe'], 'note: no sources in namespace wbe\nnote: no deploys in namespace wbe\n'],
  ] as const) {
    const { stderr, code } = await machine.on(...argv);
    assert.deepEqual({ stderr, code }, { stderr: note, code: 0 });
  }
  assert.equal((await machine.on('get', 'sources')).stderr, '');
  const json = await machine.on('get', 'sources', '-n', 'wbe', '--json');
  assert.deepEqual([documentOf(json), json.stderr], [[], '']);
  const names = await machine.on('get', 'sources', '-n', 'wbe', '-o', 'name');
  assert.deepEqual([names.stdout, names.stderr], ['', 'note: no sources in namespace wbe\n']);
});
