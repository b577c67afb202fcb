import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { type PackOptions, packDirectory } from '../../shared/pack/pack.ts';
import type { PackedArtifact, PackedBlob } from '../../shared/pack/packed-artifact.ts';
import { UnpackBudget } from '../../shared/unpack/budget.ts';
import { untarLayer } from '../../shared/unpack/layer/read-layer.ts';
import { unpack } from '../../shared/unpack/unpack.ts';
import { listing } from '../support/artifacts/read-archive.ts';
import { DEFAULT_OPTIONS, type TestUnpacked } from '../support/artifacts/unpack-artifact.ts';
import { stageInMemory } from '../support/stores/memory-staging.ts';

/** Text, or bytes with a mode, or where a link points. */
export type Planted = string | { readonly text: string; readonly mode: number } | { readonly link: string };

/** A folder on disk that ends with the test. */
export function plantFolder(t: TestContext, content: Readonly<Record<string, Planted>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-pack-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, planted] of Object.entries(content)) {
    const location = join(folder, path);
    mkdirSync(dirname(location), { recursive: true });
    if (typeof planted === 'string') writeFileSync(location, planted);
    else if ('link' in planted) symlinkSync(planted.link, location);
    else {
      writeFileSync(location, planted.text);
      chmodSync(location, planted.mode);
    }
    if (typeof planted === 'string') utimesSync(location, Math.random() * 1e9, Math.random() * 1e9);
  }
  return folder;
}

export async function packed(
  t: TestContext,
  dir: string,
  options: PackOptions = {},
): Promise<PackedArtifact> {
  const artifact = await packDirectory(dir, options);
  t.after(() => artifact.dispose());
  return artifact;
}

/** Of what a folder is packed into, the one layer. */
export function layerOf({ layers }: Pick<PackedArtifact, 'layers'>): PackedBlob {
  const [layer] = layers;
  assert.ok(layer !== undefined && layers.length === 1);
  return layer;
}

function blobOf({ layers }: PackedArtifact, digest: string): PackedBlob {
  const found = layers.find(({ descriptor }) => descriptor.digest === digest);
  assert.ok(found);
  return found;
}

/** Unpacks what was packed, from its bytes, and checks that both saw the same content. */
export async function unpacked(artifact: PackedArtifact): Promise<Pick<TestUnpacked, 'texts' | 'files'>> {
  const { bytes, digest, mediaType } = artifact.manifest;
  assert.equal(digestOf(bytes), digest);
  const manifest = parseManifest(bytes, digest, mediaType);
  assert.ok(manifest.kind === 'manifest');
  assert.deepEqual(
    manifest.layers,
    artifact.layers.map(({ descriptor }) => descriptor),
  );
  assert.equal(digestOf(await buffer(artifact.config.open())), manifest.config.digest);
  const staging = stageInMemory();
  const tree = await unpack(
    { manifest, options: DEFAULT_OPTIONS, limits: DEFAULT_LIMITS, prefixBytes: 0 },
    { openBlob: async ({ digest: of }) => blobOf(artifact, of).open(), staging },
  );
  assert.equal(tree.contentDigest, artifact.contentDigest);
  assert.equal(tree.files.length, artifact.files);
  assert.equal(tree.size, artifact.size);
  const texts = tree.files.map(({ path }) => [path, staging.files.get(path)?.bytes.toString() ?? '']);
  return { files: tree.files, texts: Object.fromEntries(texts) };
}

/** What is in the layer, whatever its ignore files say: its files, or its folders as well. */
export async function packedPaths(
  artifact: Pick<PackedArtifact, 'layers'>,
  which: 'files' | 'any' = 'files',
): Promise<readonly string[]> {
  const layer = layerOf(artifact);
  const { visitor, entries } = listing();
  const budget = new UnpackBudget(DEFAULT_LIMITS);
  await untarLayer({ blob: layer.open(), descriptor: layer.descriptor, budget }, visitor);
  return entries.filter(({ type }) => which === 'any' || type === 'file').map(({ path }) => path);
}
