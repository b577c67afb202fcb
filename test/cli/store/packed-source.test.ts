import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { documentOf, landfall } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';

const PACKED = 'name: app, ref: { tag: stable }, layout: pack';
const TREE = 'name: app, ref: { tag: stable }';

interface Row {
  readonly generation: number;
  readonly contentDigest: string;
}

test('a packed source is landed, told, compared, gone back in, checked, backed up and read like any other', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({ sources: [sourceLine(machine.registry, PACKED)] });
  const serve = async (): Promise<void> => {
    const ended = await machine.on('serve', '-f', machine.sources, '--once');
    assert.equal(ended.code, 0, ended.stderr);
  };
  for (const version of ['1', '2']) {
    plantFiles(machine.registry, 'stable', { 'a.yaml': `a: ${version}\n`, 'b.yaml': 'b\n', empty: '' });
    await serve();
  }
  const stored = await readdir(join(machine.store, 'artifacts'), { recursive: true });
  assert.deepEqual(
    stored
      .filter((path) => path.includes('/files/'))
      .map((path) => path.slice(path.indexOf('default--pack'))),
    ['default--pack/files/0.pack', 'default--pack/files/0.pack'],
  );
  const [newest] = documentOf<readonly { readonly detail: Readonly<Record<string, unknown>> }[]>(
    await machine.on('events', '--type', 'Artifact Revision Changed', '--json'),
  ).toReversed();
  assert.partialDeepStrictEqual(newest?.detail, {
    artifact: { layout: 'pack', files: 3 },
    changes: { modified: 1, paths: ['a.yaml'] },
  });
  const history = documentOf<readonly (Row & { readonly digest: string })[]>(
    await machine.on('history', 'web/app', '--json'),
  );
  const diff = await machine.on(
    'diff',
    '--store',
    machine.store,
    `web/app@${history[1]?.digest}`,
    'web/app',
    '-u',
  );
  assert.match(diff.stdout, /-a: 1\n\+a: 2/, diff.stderr);
  assert.equal((await machine.on('fsck')).code, 0);
  const copy = join(machine.folder, 'copy');
  assert.equal((await machine.on('backup', copy)).code, 0);
  const checked = await landfall(['fsck', '--store', copy]);
  assert.equal(checked.code, 0, checked.stdout + checked.stderr);
  const back = await machine.on('rollback', 'web/app', '--to', history[1]?.digest ?? '');
  assert.equal(back.code, 0, back.stderr);
  await rm(machine.store, { recursive: true });
  assert.equal((await machine.on('restore', copy)).code, 0);
  assert.equal((await machine.on('fsck')).code, 0);
});

test('a source whose layout changes is landed again in the other, with the same content; a link wants a tree', async (t) => {
  const machine = await openServeMachine(t);
  const deploys = [`{ name: live, kind: directory, source: web/app, target: ${machine.live} }`];
  plantFiles(machine.registry, 'stable', { 'a.yaml': 'a\n' });
  const serveWith = async (source: string) => {
    await machine.write({ sources: [sourceLine(machine.registry, source)], deploys });
    return machine.on('serve', '-f', machine.sources, '--once');
  };
  const packed = await serveWith(PACKED);
  assert.equal(packed.code, 1);
  assert.match(packed.stderr, /DEPLOY_FAILED.*files of its source are packed/);
  assert.match(packed.stderr, /layout: tree/);
  const tree = await serveWith(TREE);
  assert.equal(tree.code, 0, tree.stderr);
  assert.equal(await readFile(join(machine.live, 'a.yaml'), 'utf8'), 'a\n');
  const history = documentOf<readonly Row[]>(await machine.on('history', 'web/app', '--json'));
  assert.equal(new Set(history.map(({ contentDigest }) => contentDigest)).size, 1);
});
