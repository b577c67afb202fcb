import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { ErrorCode } from '../../../shared/errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../shared/limits.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { DOCKER_CONFIG, FLUX_CONFIG, OCI_CONFIG, OCI_LAYER } from '../../../shared/oci/media-types.ts';
import { unpack } from '../../../shared/unpack/unpack.ts';
import { file, gzip, tar } from '../../support/artifacts/tar-builder.ts';
import {
  artifact,
  DEFAULT_OPTIONS,
  refusal,
  type TestArtifact,
  type TestLayer,
  titled,
  unpackArtifact,
} from '../../support/artifacts/unpack-artifact.ts';
import { stageInMemory } from '../../support/stores/memory-staging.ts';

const LOWER = tar(file('a', 'lower'), file('b', 'lower'));
const UPPER = tar(file('a', 'upper'));
const WRONG = `sha256:${'0'.repeat(64)}`;

const zipped = (bytes: Buffer): TestLayer => ({
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  bytes: gzip(bytes),
});
const LAYERS = [zipped(LOWER), zipped(UPPER)];

async function refused(of: TestArtifact, code: ErrorCode, says: RegExp, limits: Partial<Limits> = {}) {
  const error = await refusal(unpackArtifact(of, { limits }));
  assert.equal(error.code, code);
  assert.match(error.message, says);
}

/** As buildkit writes it, without history. */
const configOf = (rootfs: unknown): Buffer =>
  Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs }));
const claiming = (...ids: readonly unknown[]): Buffer => configOf({ type: 'layers', diff_ids: ids });
const TRUE = claiming(digestOf(LOWER), digestOf(UPPER));

for (const type of [OCI_CONFIG, DOCKER_CONFIG])
  test(`an image whose config says what its layers are is unpacked (${type})`, async () => {
    const { texts } = await unpackArtifact(artifact(LAYERS, type, TRUE));
    assert.deepEqual(texts, { a: 'upper', b: 'lower' });
  });

test('a plain tar is its own diff_id, and one of sha512 is held to as well', async () => {
  const plain = { mediaType: OCI_LAYER, bytes: LOWER };
  const sha512 = `sha512:${createHash('sha512').update(UPPER).digest('hex')}`;
  await unpackArtifact(artifact([plain, zipped(UPPER)], OCI_CONFIG, claiming(digestOf(LOWER), sha512)));
  const wrong = claiming(digestOf(LOWER), `sha512:${'0'.repeat(128)}`);
  await refused(artifact([plain, zipped(UPPER)], OCI_CONFIG, wrong), 'DIFF_ID_MISMATCH', /sha512:0/);
});

test('a layer that an image has twice is held to both its diff_ids', async () => {
  const twice = [zipped(UPPER), zipped(UPPER)];
  await unpackArtifact(artifact(twice, OCI_CONFIG, claiming(digestOf(UPPER), digestOf(UPPER))));
  for (const ids of [
    [WRONG, digestOf(UPPER)],
    [digestOf(UPPER), WRONG],
  ])
    await refused(artifact(twice, OCI_CONFIG, claiming(...ids)), 'DIFF_ID_MISMATCH', /config.*says/);
});

for (const [what, config, says] of [
  [
    'another digest',
    claiming(digestOf(LOWER), WRONG),
    /layer sha256:\w+ unpacks to sha256:\w+, but the config .* says sha256:0000/,
  ],
  ['the digests in another order', claiming(digestOf(UPPER), digestOf(LOWER)), /unpacks to/],
  ['the digest of the compressed bytes', claiming(digestOf(gzip(LOWER)), digestOf(UPPER)), /unpacks to/],
  ['fewer diff_ids than layers', claiming(digestOf(LOWER)), /has 1 diff_ids, but its manifest has 2 layers/],
  ['more diff_ids than layers', claiming(digestOf(LOWER), digestOf(UPPER), WRONG), /has 3 diff_ids/],
  [
    'a diff_id of an algorithm that nobody has',
    claiming(digestOf(LOWER), 'blake3:abc'),
    /diff_ids\[1\] "blake3:abc"/,
  ],
  ['a diff_id that is none', claiming(digestOf(LOWER), 5), /diff_ids\[1\] 5/],
] as const)
  test(`an image whose config lies is refused: ${what}`, async () => {
    await refused(artifact(LAYERS, OCI_CONFIG, config), 'DIFF_ID_MISMATCH', says);
  });

for (const [what, config] of [
  ['is empty', Buffer.from('{}')],
  ['is no JSON', Buffer.from('none')],
  ['has no rootfs', configOf(undefined)],
  ['has a rootfs that is null', configOf(null)],
  ['has no diff_ids', configOf({ type: 'layers' })],
  ['has diff_ids that are null', configOf({ type: 'layers', diff_ids: null })],
  ['has none of them', claiming()],
] as const)
  test(`what was pushed with an image's config that claims nothing is unpacked: it ${what}`, async () => {
    const { texts } = await unpackArtifact(artifact(LAYERS, OCI_CONFIG, config));
    assert.deepEqual(texts, { a: 'upper', b: 'lower' });
  });

for (const [what, config, says] of [
  ['names diff_ids twice', Buffer.from('{"rootfs":{"diff_ids":[],"diff_ids":[]}}'), /appears twice/],
  ['has rootfs in another case, which Go reads', Buffer.from('{"RootFS":{"diff_ids":[]}}'), /RootFS/],
  ['has diff_ids that are no list', configOf({ diff_ids: 'x' }), /wanted a list/],
] as const)
  test(`a config that readers disagree on is refused: it ${what}`, async () => {
    await refused(artifact(LAYERS, OCI_CONFIG, config), 'MANIFEST_INVALID', says);
  });

test('a config is read to the limit of a manifest, and what is no image is asked for none', async () => {
  const size = TRUE.length;
  const of = artifact(LAYERS, OCI_CONFIG, TRUE);
  await unpackArtifact(of, { limits: { manifestBytes: size } });
  await refused(of, 'MANIFEST_TOO_LARGE', /config sha256/, { manifestBytes: size - 1 });
  const lie = claiming(WRONG, WRONG);
  await unpackArtifact(artifact(LAYERS, FLUX_CONFIG, lie));
  const files = [titled({ mediaType: 'text/plain', bytes: Buffer.from('hi') }, 'a')];
  await unpackArtifact(artifact(files, OCI_CONFIG, lie));
});

test('a config other than its digest says is refused', async () => {
  const { manifest, blobs } = artifact(LAYERS, OCI_CONFIG, TRUE);
  const changed = Buffer.from(TRUE);
  changed[10] = 0x20;
  const of = { manifest, blobs: new Map([...blobs, [manifest.config.digest, changed]]) };
  await refused(of, 'DIGEST_MISMATCH', /blob sha256/);
});

test('a staging is told of the largest layer before the config is asked for', async () => {
  const { manifest, blobs } = artifact([...LAYERS], OCI_CONFIG, TRUE);
  const seen: (string | number)[] = [];
  await unpack(
    { manifest, options: DEFAULT_OPTIONS, limits: DEFAULT_LIMITS, prefixBytes: 0 },
    {
      openBlob: async ({ digest }) => {
        seen.push(digest);
        return Readable.from([blobs.get(digest)]);
      },
      staging: Object.assign(stageInMemory(), { expect: (bytes: number) => void seen.push(bytes) }),
    },
  );
  const largest = Math.max(...manifest.layers.map(({ size }) => size));
  assert.deepEqual(seen.slice(0, 2), [largest, manifest.config.digest]);
});
