import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { digestOf } from '../../shared/oci/digest.ts';
import { committed, currentFiles, imageOf, openWorld, pushImage } from '../support/stores/memory-sources.ts';

const FILES = { 'a.txt': 'one' };

/** The image with its layer gzipped, and still labelled as a plain tar. */
function mislabelled() {
  const { bytes, blobs, mediaType } = imageOf(FILES);
  const [config = Buffer.alloc(0), layer = Buffer.alloc(0)] = blobs;
  const packed = gzipSync(layer);
  const text = bytes
    .toString()
    .replace(digestOf(layer), digestOf(packed))
    .replace(`"size":${layer.length}`, `"size":${packed.length}`);
  const manifest = Buffer.from(text);
  return {
    layer: digestOf(packed),
    image: { bytes: manifest, digest: digestOf(manifest), mediaType, blobs: [config, packed] },
  };
}

test('lands a layer that is not compressed as its media type says, and tells once', async () => {
  const world = openWorld();
  const { layer, image } = mislabelled();
  pushImage(world.registry, 'latest', image);
  const notes: string[] = [];
  const deps = {
    onNote: (source: { name: string }, note: string, step: string) =>
      void notes.push(`${source.name} ${step}: ${note}`),
  };
  committed(await world.look({}, { deps }));
  await world.look({}, { deps });
  assert.deepEqual(await currentFiles(world), FILES);
  assert.equal(notes.length, 1);
  assert.match(
    notes[0] ?? '',
    /^site unpacked: layer sha256:\w+ is gzip, though its media type says not compressed/,
  );
  assert.ok(notes[0]?.includes(layer));
  assert.equal((await world.status()).failure, null);
});
