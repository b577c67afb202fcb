import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { INDEX_MANIFESTS } from '../../shared/limits.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { parsePlatform } from '../../shared/oci/platform.ts';
import {
  committed,
  currentFiles,
  type Image,
  imageOf,
  openWorld,
  pushImage,
  type World,
} from '../support/stores/memory-sources.ts';

type Child = readonly [of: Image, more?: object];

const platform = (text: string): object => {
  const [os, architecture, variant] = text.split('/');
  return { platform: { os, architecture, ...(variant !== undefined && { variant }) } };
};

function indexOf(...children: readonly Child[]): Image {
  const manifests = children.map(([{ digest, bytes, mediaType }, more]) => ({
    mediaType,
    digest,
    size: bytes.length,
    ...more,
  }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
  return { bytes, digest: digestOf(bytes), mediaType: OCI_INDEX, blobs: [] };
}

const AMD64 = imageOf({ a: 'amd64' });
const ARM64 = imageOf({ a: 'arm64' });
const S390X = imageOf({ a: 's390x' });
const BOTH = indexOf([AMD64, platform('linux/amd64')], [ARM64, platform('linux/arm64')]);
const ATTESTED = [
  S390X,
  { ...platform('unknown/unknown'), annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
] as const;

/** Puts an index and everything in it into the registry. */
function pushed(world: World, top: Image, ...others: readonly Image[]): void {
  for (const image of [AMD64, ARM64, S390X, BOTH, ...others])
    pushImage(world.registry, `t${image.digest.slice(7, 20)}`, image);
  pushImage(world.registry, 'latest', top);
}

const INNER = indexOf([BOTH]);
const FOUND: readonly (readonly [
  what: string,
  top: Image,
  want: string | undefined,
  text: string,
  requests: number,
])[] = [
  [
    'the only platform beside an attestation',
    indexOf([ARM64, platform('linux/arm64')], ATTESTED),
    undefined,
    'arm64',
    2,
  ],
  ['an index in an index', indexOf([BOTH]), 'linux/arm64', 'arm64', 3],
  ['the default platform, in an index in an index', indexOf([BOTH]), undefined, 'amd64', 3],
  ['an index in an index in an index', indexOf([INNER]), 'linux/arm64', 'arm64', 4],
  [
    'a platform of the outer index, without reading the inner one',
    indexOf([BOTH], [S390X, platform('linux/s390x')]),
    'linux/s390x',
    's390x',
    2,
  ],
  [
    'the inner index where the outer has another platform',
    indexOf([S390X, platform('linux/s390x')], [BOTH]),
    'linux/arm64',
    'arm64',
    3,
  ],
  [
    'the second of two inner indexes',
    indexOf([indexOf([S390X, platform('linux/s390x')])], [BOTH]),
    'linux/arm64',
    'arm64',
    4,
  ],
  [
    'the only platform that two indexes have',
    indexOf([indexOf([S390X, platform('linux/s390x')])], [indexOf(ATTESTED)]),
    undefined,
    's390x',
    4,
  ],
  [
    'a manifest that is listed as an index',
    indexOf([{ ...ARM64, mediaType: OCI_INDEX }, platform('linux/arm64')]),
    undefined,
    'arm64',
    3,
  ],
  [
    'an index that is listed as a manifest',
    indexOf([{ ...BOTH, mediaType: OCI_MANIFEST }]),
    undefined,
    'amd64',
    3,
  ],
];

describe('through an index is found', () => {
  for (const [what, top, want, text, requests] of FOUND) {
    test(`${what}, with ${requests} manifests`, async () => {
      const world = openWorld();
      const inners = [INNER, indexOf([S390X, platform('linux/s390x')]), indexOf(ATTESTED)];
      pushed(world, top, ...inners);
      const unpack = want === undefined ? {} : { platform: parsePlatform(want) };
      committed(await world.look({ unpack }));
      assert.deepEqual(await currentFiles(world), { a: text });
      assert.equal(world.asked().filter((call) => call.startsWith('manifest')).length, requests);
    });
  }
});

test(`at most ${INDEX_MANIFESTS} manifests are read on the way through indexes in indexes`, async () => {
  const nest = (depth: number): readonly Image[] => {
    const all = [AMD64];
    for (let at = 0; at < depth; at++) all.unshift(indexOf([all[0] as Image, platform('linux/amd64')]));
    return all;
  };
  for (const [depth, outcome] of [
    [INDEX_MANIFESTS, 'committed'],
    [INDEX_MANIFESTS + 1, 'failed'],
  ] as const) {
    const world = openWorld();
    const [top = AMD64, ...others] = nest(depth);
    pushed(world, top, ...others);
    const got = await world.look();
    assert.equal(got.outcome, outcome);
    if (got.outcome === 'failed') assert.equal(got.error.code, 'MANIFEST_INVALID');
    assert.ok(world.asked().length <= INDEX_MANIFESTS + 2);
  }
});

test('what indexes in an index have is offered where none fits, once each', async () => {
  const world = openWorld();
  pushed(world, indexOf([BOTH], [ARM64, platform('linux/arm64')], ATTESTED));
  const outcome = await world.look({ unpack: { platform: parsePlatform('linux/s390x') } });
  assert.ok(outcome.outcome === 'failed');
  assert.equal(outcome.error.code, 'PLATFORM_NOT_FOUND');
  assert.match(outcome.error.message, /it has: linux\/arm64, linux\/amd64, 1 without a platform/);
});

test('a child of an algorithm that is not ours stands in nobody’s way but its own', async () => {
  const foreign = [ARM64, { ...platform('linux/arm64'), digest: `blake3:${'a'.repeat(64)}` }] as const;
  const world = openWorld();
  pushed(world, indexOf(foreign, [AMD64, platform('linux/amd64')]));
  committed(await world.look());
  const outcome = await world.look({ unpack: { platform: parsePlatform('linux/arm64') } });
  assert.ok(outcome.outcome === 'failed');
  assert.equal(outcome.error.code, 'DIGEST_INVALID');
});

test('a platform that nobody asked for names the variant with all that tells it from another', async () => {
  const world = openWorld();
  pushed(world, indexOf([ARM64, platform('linux/arm/v7')]));
  assert.equal(committed(await world.look()).variant, 'linux-arm-v7');
});

test('a version of Windows that was asked for names the variant, and one that was not does not', async () => {
  const windows = (image: Image, version: string): Child => [
    image,
    { platform: { os: 'windows', architecture: 'amd64', 'os.version': version } },
  ];
  const world = openWorld();
  pushed(world, indexOf(windows(AMD64, '10.0.17763.1'), windows(ARM64, '10.0.20348.9')));
  const first = committed(await world.look({ unpack: { platform: parsePlatform('windows/amd64') } }));
  assert.equal(first.variant, 'windows-amd64');
  assert.deepEqual(await currentFiles(world), { a: 'amd64' });
  const second = committed(
    await world.look({ unpack: { platform: parsePlatform('windows(10.0.20348)/amd64') } }),
  );
  assert.match(second.variant, /^platform[0-9a-f]{10}$/);
  assert.deepEqual(await currentFiles(world), { a: 'arm64' });
});
