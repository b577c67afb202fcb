import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, globSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { OCI_LAYER } from '../../shared/oci/media-types.ts';
import { tarHeader } from '../../shared/pack/tar-header.ts';
import { inWalkOrder } from '../../shared/pack/tar-writer.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { layerOf, packed, packedPaths, plantFolder, unpacked } from './pack-folder.ts';

const NAMES = {
  'a/z.yaml': 'z',
  'a-b': 'between a and a/, but not in a walk',
  'a.b': '',
  'run.sh': { text: '#!/bin/sh', mode: 0o755 },
  'naïve/ünï.yaml': 'ü',
  '😀/😀': 'beyond the basic plane',
  '\uffee': 'before it in UTF-8, behind it in UTF-16',
  [`${'n'.repeat(100)}`]: 'as long as the field',
  [`${'n'.repeat(101)}`]: 'one longer, and no folder to split at',
  [`${'p'.repeat(155)}/${'n'.repeat(100)}`]: 'as long as both fields',
  [`${'p'.repeat(156)}/${'n'.repeat(100)}`]: 'one longer',
  [`${'long/'.repeat(30)}${'n'.repeat(120)}.yaml`]: 'long',
  [`${'é'.repeat(60)}/${'é'.repeat(60)}.yaml`]: 'long in bytes',
  [`${'x'.repeat(98)}/y`]: 'split at the last slash',
  big: 'x'.repeat(70_000),
};

test("the tar is the one that Flux's packages make of the same folder, byte for byte", {
  skip: skipWithout(['go'], "comparing with Go's archive/tar"),
}, async (t) => {
  const dir = plantFolder(t, NAMES);
  mkdirSync(join(dir, 'empty/er'), { recursive: true });
  for (const path of globSync('**', { cwd: dir })) {
    const { mode } = statSync(join(dir, path));
    chmodSync(join(dir, path), mode & 0o100 ? 0o755 : 0o644);
  }
  chmodSync(dir, 0o755);
  const layer = layerOf(await packed(t, dir, { mediaType: OCI_LAYER.replace('+gzip', '') }));
  const program = join(import.meta.dirname, 'flux-tar/main.go');
  const run = spawnSync('go', ['run', program, dir], {
    maxBuffer: 1 << 26,
    env: { ...process.env, GOFLAGS: '' },
  });
  assert.equal(run.status, 0, run.stderr.toString());
  const ours = await buffer(layer.open());
  const differs = ours.findIndex((byte, at) => byte !== run.stdout[at]);
  assert.equal(
    differs,
    -1,
    `from byte ${differs} on: ${ours.subarray(differs - (differs % 512), differs + 100)}`,
  );
  assert.equal(ours.length, run.stdout.length);
});

test('a folder is packed with itself and every folder in it, in the order of a walk', async (t) => {
  const dir = plantFolder(t, { 'a/z': '', 'a-b': '', 'd/.git/x': '' });
  mkdirSync(join(dir, 'e'));
  const artifact = await packed(t, dir, { mediaType: OCI_LAYER });
  assert.deepEqual(await packedPaths(artifact, 'any'), ['a', 'a/z', 'a-b', 'd', 'e']);
});

test('push says the content digest that pull will say, whatever that makes of empty folders', async (t) => {
  const dir = plantFolder(t, { 'a/z': 'z' });
  mkdirSync(join(dir, 'empty/er'), { recursive: true });
  await unpacked(await packed(t, dir));
});

test('one file is packed without a folder', async (t) => {
  const dir = plantFolder(t, { a: '1' });
  const layer = layerOf(await packed(t, join(dir, 'a'), { mediaType: OCI_LAYER.replace('+gzip', '') }));
  assert.equal((await buffer(layer.open())).length, 4 * 512);
});

test('a size beyond eleven octal digits stands in an extension, one below does not', () => {
  const header = (size: number) => tarHeader({ type: 'file', path: 'f', size, mode: 0o644 });
  assert.equal(header(8 ** 11 - 1).length, 512);
  assert.match(header(8 ** 11).toString('latin1'), /19 size=8589934592\n/);
});

test('a path that counts the length of its own length is told right', () => {
  for (const length of [84, 85, 86, 87, 88, 89, 90, 984, 985, 986, 987, 988, 989, 990]) {
    const path = `é${'x'.repeat(length)}`;
    const [, size = '', said = ''] =
      /(\d+) path=(.*)\n/.exec(tarHeader({ type: 'file', path, size: 0, mode: 0o644 }).toString()) ?? [];
    assert.equal(said, path);
    assert.equal(Number(size), Buffer.byteLength(`${size} path=${path}\n`));
  }
});

test('the order of a walk is that of names, folder by folder', () => {
  const paths = ['b', 'a/c', 'a-', 'a', 'a/b/c', '.', 'a/b-'];
  assert.deepEqual(
    inWalkOrder(paths.map((path) => ({ path }))).map(({ path }) => path),
    ['.', 'a', 'a/b/c', 'a/b-', 'a/c', 'a-', 'b'],
  );
});
