import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantLayer } from '../../support/artifacts/sample-artifacts.ts';
import { directory, file, hardlink, symlink, tar } from '../../support/artifacts/tar-builder.ts';
import { documentOf, folderFor, landfall } from '../../support/cli.ts';

const ENTRIES = [
  file('bin/app', 'x'),
  hardlink('bin/app2', 'bin/app'),
  symlink('l', '/etc'),
  directory('d/e'),
];

test('pull makes hard links files, keeps empty folders, and tells the links it left out', async (t) => {
  const registry = await openRegistry(t);
  plantLayer(registry, 'v1', gzipSync(tar(...ENTRIES)));
  const out = join(await folderFor(t), 'out');
  const argv = ['pull', `oci://${registry.host}/team/app:v1`, '-o', out, '--plain-http'];
  const ended = await landfall(argv);
  assert.match(
    ended.stdout,
    /2 files, 2 B in .*out; 1 links left out, 1 empty folders \(--links materialize/,
  );
  assert.deepEqual((await readdir(out, { recursive: true })).sort(), [
    'bin',
    'bin/app',
    'bin/app2',
    'd',
    'd/e',
  ]);
  const { files, links, folders, leftOut } = documentOf(await landfall([...argv, '--force', '--json']));
  assert.deepEqual({ files, links, folders, leftOut }, { files: 2, links: 1, folders: 1, leftOut: 0 });
  const same = await landfall(['diff', `oci://${registry.host}/team/app:v1`, out, '--plain-http', '--json']);
  assert.deepEqual(documentOf(same)['removed'], ['l']);
});
