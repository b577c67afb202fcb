import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { MiB } from '../../shared/limits.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import {
  FLUX_CONFIG,
  FLUX_CONTENT,
  OCI_LAYER,
  OCI_LAYER_ZSTD,
  OCI_MANIFEST,
} from '../../shared/oci/media-types.ts';
import type { PackOptions } from '../../shared/pack/pack.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { layerOf, type Planted, packed, packedPaths, plantFolder, unpacked } from './pack-folder.ts';

const SAMPLE: Readonly<Record<string, Planted>> = {
  'b.yaml': 'b: 2',
  'a/z.yaml': 'z',
  'a/empty': '',
  'a-b': 'between a and a/',
  'run.sh': { text: '#!/bin/sh', mode: 0o775 },
  private: { text: 'p', mode: 0o600 },
  'naïve/ünï.yaml': 'ü',
  [`${'long/'.repeat(30)}${'n'.repeat(120)}.yaml`]: 'long',
};

test('what is packed unpacks to the same files', async (t) => {
  const { texts, files } = await unpacked(await packed(t, plantFolder(t, SAMPLE)));
  const wanted = Object.entries(SAMPLE).map(([path, planted]) => [
    path,
    typeof planted === 'string' ? planted : 'text' in planted ? planted.text : '',
  ]);
  assert.deepEqual(texts, Object.fromEntries(wanted.sort()));
  const modes = Object.fromEntries(files.map(({ path, mode }) => [path, mode]));
  assert.deepEqual([modes['run.sh'], modes['private'], modes['b.yaml']], [0o755, 0o644, 0o644]);
});

test('the artifact is what Flux and kluctl read', async (t) => {
  const artifact = await packed(t, plantFolder(t, { a: '1' }));
  const { manifest, config } = artifact;
  const layer = layerOf(artifact);
  const document = JSON.parse(Buffer.from(manifest.bytes).toString());
  assert.deepEqual(Object.keys(document), ['schemaVersion', 'mediaType', 'config', 'layers', 'annotations']);
  assert.equal(document.mediaType, OCI_MANIFEST);
  assert.equal(document.config.mediaType, FLUX_CONFIG);
  assert.deepEqual(document.layers, [{ ...layer.descriptor }]);
  assert.equal(layer.descriptor.mediaType, FLUX_CONTENT);
  assert.deepEqual(document.annotations, { 'org.opencontainers.image.created': '1970-01-01T00:00:00Z' });
  const blob = await buffer(layer.open());
  assert.equal(digestOf(blob), layer.descriptor.digest);
  assert.equal(blob.length, layer.descriptor.size);
  const diffIds = JSON.parse(Buffer.from(await buffer(config.open())).toString()).rootfs.diff_ids;
  assert.deepEqual(diffIds, [digestOf(gunzipSync(blob))]);
  // No name, no time, unknown system.
  assert.equal(Buffer.from(blob).subarray(0, 10).toString('hex'), '1f8b08000000000000ff');
});

test('the same files give the same bytes, whatever their times, umask and order on disk', async (t) => {
  const again = Object.fromEntries(
    Object.entries(SAMPLE)
      .reverse()
      .map(([path, planted]) => {
        if (path === 'private') return [path, { text: 'p', mode: 0o664 }];
        return [path, path === 'run.sh' ? { text: '#!/bin/sh', mode: 0o700 } : planted];
      }),
  );
  for (const mediaType of [FLUX_CONTENT, OCI_LAYER, OCI_LAYER_ZSTD]) {
    const [one, two] = [plantFolder(t, SAMPLE), plantFolder(t, again)];
    const options = {
      mediaType,
      source: 'https://git.example/a',
      revision: 'main@sha1:0',
      annotations: { b: '1', a: '2' },
    };
    const other = { ...options, annotations: { a: '2', b: '1' } };
    const [a, b] = [await packed(t, one, options), await packed(t, two, other)];
    assert.deepEqual(a.manifest, b.manifest);
    assert.ok(
      Buffer.from(await buffer(layerOf(a).open())).equals(Buffer.from(await buffer(layerOf(b).open()))),
    );
    assert.deepEqual((await unpacked(a)).texts, (await unpacked(b)).texts);
  }
});

test('the bytes of a tar never change', async (t) => {
  const dir = plantFolder(t, { 'd/a': '1', 'd/ü': '2', x: { text: '3', mode: 0o755 } });
  const artifact = await packed(t, dir, { mediaType: OCI_LAYER });
  const { manifest } = artifact;
  const layer = layerOf(artifact);
  assert.equal(
    layer.descriptor.digest,
    // As Flux makes it since it has the folder itself and Go's header in it: see flux-tar.test.ts.
    'sha256:2640b8e3a44f49b2ab560f842ff1de7d57824bf1f2ce1f0d68cc1e80a43519a4',
  );
  assert.equal(manifest.digest, 'sha256:38c568a19d4e9f77afc4d4231cfa8c40863f9b9dde89d4821938de8cc54137e2');
});

test('large files are streamed, their bytes the same', async (t) => {
  const big = randomBytes(3 * MiB + 17);
  const dir = plantFolder(t, { 'a/small': 's', z: 'z' });
  writeFileSync(join(dir, 'a', 'big'), big);
  const artifact = await packed(t, dir);
  const { files } = await unpacked(artifact);
  assert.equal(`sha256:${files.find(({ path }) => path === 'a/big')?.sha256}`, digestOf(big));
});

interface Selection {
  readonly does: string;
  readonly content: Readonly<Record<string, Planted>>;
  readonly options?: PackOptions;
  readonly files: readonly string[];
}

const SELECTIONS: readonly Selection[] = [
  {
    does: 'leaves .git out at any depth, as folder or file',
    content: { a: '', '.git/config': '', 'sub/.git': '', '.github/b': '', '.gitignore': '' },
    files: ['.github/b', '.gitignore', 'a'],
  },
  {
    does: 'honours .sourceignore files, each in its folder, and packs them',
    content: {
      '.sourceignore': '*.md\nout/',
      'a.md': '',
      'd/.sourceignore': '!keep.md\n/x',
      'd/keep.md': '',
      'd/x': '',
      'd/e/x': '',
      'out/b': '',
    },
    files: ['.sourceignore', 'd/.sourceignore', 'd/e/x', 'd/keep.md'],
  },
  {
    does: 'puts --ignore over them',
    content: { '.sourceignore': '*.md', 'a.md': '', 'b.txt': '' },
    options: { ignore: '!a.md\n*.txt' },
    files: ['.sourceignore', 'a.md'],
  },
  {
    does: 'does not look at links that are ruled out',
    content: { a: '', l: { link: '/etc/passwd' } },
    options: { ignore: 'l' },
    files: ['a'],
  },
  {
    does: 'packs copies of linked files and folders',
    content: { 'd/a': '', 'd/e/b': '', l: { link: 'd' }, k: { link: 'd/a' } },
    options: { resolveSymlinks: true },
    files: ['d/a', 'd/e/b', 'k', 'l/a', 'l/e/b'],
  },
  {
    does: 'takes names of Object.prototype for names',
    content: { '__proto__/constructor': '' },
    files: ['__proto__/constructor'],
  },
];

for (const { does, content, options = {}, files } of SELECTIONS) {
  test(`packing ${does}`, async (t) => {
    const artifact = await packed(t, plantFolder(t, content), options);
    assert.deepEqual(await packedPaths(artifact), files);
  });
}

test('one file is packed under its own name', async (t) => {
  const dir = plantFolder(t, { 'd/app.yaml': 'a: 1', other: '' });
  assert.deepEqual((await unpacked(await packed(t, join(dir, 'd/app.yaml')))).texts, { 'app.yaml': 'a: 1' });
});

test('a link to the folder is as good as the folder', async (t) => {
  const dir = plantFolder(t, { 'v1/a': '1', current: { link: 'v1' } });
  assert.deepEqual((await unpacked(await packed(t, join(dir, 'current')))).texts, { a: '1' });
});

const PODINFO = join(import.meta.dirname, '../../../shared/data/podinfo');

test('a real project packs and unpacks', {
  skip: existsSync(PODINFO) ? false : '../shared/data is not there',
}, async (t) => {
  const artifact = await packed(t, PODINFO);
  const { texts } = await unpacked(artifact);
  assert.ok(texts['kustomize/kustomization.yaml']?.includes('deployment.yaml'));
  assert.equal((await packed(t, PODINFO)).manifest.digest, artifact.manifest.digest);
});

test('other tools list and extract what was packed', {
  skip: skipWithout(['tar', 'diff'], 'tar reads a packed layer'),
}, async (t) => {
  const dir = plantFolder(t, SAMPLE);
  const out = mkdtempSync(join(tmpdir(), 'landfall-pack-test-'));
  t.after(() => rmSync(out, { recursive: true, force: true }));
  mkdirSync(join(out, 'x'));
  const layer = layerOf(await packed(t, dir));
  const run = spawnSync('tar', ['xzf', '-', '-C', join(out, 'x')], {
    input: Buffer.from(await buffer(layer.open())),
  });
  assert.equal(run.status, 0, run.stderr.toString());
  const diff = spawnSync('diff', ['-r', dir, join(out, 'x')], { encoding: 'utf8' });
  assert.equal(diff.stdout, '');
});
