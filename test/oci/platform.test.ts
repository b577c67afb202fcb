import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ListedDescriptor } from '../../shared/oci/descriptor.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { formatPlatform, parsePlatform } from '../../shared/oci/platform.ts';
import { selectPlatform } from '../../shared/oci/select-platform.ts';

const child = (platform: string | undefined, more: Partial<ListedDescriptor> = {}): ListedDescriptor => ({
  mediaType: OCI_MANIFEST,
  digest: digestOf(platform ?? 'none'),
  size: 1,
  ...(platform !== undefined && { platform: parsePlatform(platform) }),
  ...more,
});

/** As buildx writes it. @see https://github.com/moby/buildkit/blob/v0.25.0/docs/attestations/attestation-storage.md */
const ATTESTATION = child('unknown/unknown', {
  annotations: {
    'vnd.docker.reference.digest': digestOf('of'),
    'vnd.docker.reference.type': 'attestation-manifest',
  },
});
/** As ORAS and cosign list what they attach. */
const SBOM = child(undefined, { digest: digestOf('sbom'), artifactType: 'application/spdx+json' });

const CASES: readonly (readonly [
  children: readonly (string | undefined)[],
  want: string | undefined,
  chosen: string | undefined,
])[] = [
  [['linux/amd64', 'linux/arm64'], undefined, 'linux/amd64'],
  [['linux/amd64', 'linux/arm64'], 'linux/arm64', 'linux/arm64'],
  [['linux/arm/v6', 'linux/arm/v7'], 'linux/arm/v7', 'linux/arm/v7'],
  [['linux/arm/v7', 'linux/arm'], 'linux/arm', 'linux/arm/v7'],
  [['linux/arm64/v8'], 'linux/arm64', 'linux/arm64/v8'],
  [['linux/arm64'], 'linux/arm64/v8', 'linux/arm64'],
  [['windows/amd64', undefined, 'linux/amd64'], undefined, 'linux/amd64'],
  [['linux/arm64'], undefined, 'linux/arm64'],
  [['linux/arm64', undefined], undefined, 'linux/arm64'],
  [[undefined], undefined, undefined],
  // As containerd/platforms compare.go: what runs there, the best first.
  [['linux/arm/v5', 'linux/arm/v6'], 'linux/arm/v7', 'linux/arm/v6'],
  [['linux/arm/v5', 'linux/arm/v6'], 'linux/arm', 'linux/arm/v6'],
  [['linux/arm/v5', 'linux/arm/v7'], 'linux/arm/v6', 'linux/arm/v5'],
  [['linux/arm/v5', 'linux/arm'], 'linux/arm/v8', 'linux/arm'],
  [['linux/arm/7'], 'linux/arm/v7', 'linux/arm/7'],
  [['linux/armhf'], 'linux/arm/v7', 'linux/armhf'],
  [['linux/armel', 'linux/arm/v5'], 'linux/arm/v6', 'linux/armel'],
  [['linux/aarch64'], 'linux/arm64', 'linux/aarch64'],
  [['linux/x86_64'], undefined, 'linux/x86_64'],
  [['linux/arm64', 'linux/arm64/v8.2', 'linux/arm64/v8.1'], 'linux/arm64/v8.4', 'linux/arm64/v8.2'],
  [['linux/arm64', 'linux/arm64/v8.5', 'linux/arm64/v9'], 'linux/arm64/v9', 'linux/arm64/v9'],
  [['linux/arm64', 'linux/arm64/v8.5', 'linux/arm64/v8.6'], 'linux/arm64/v9', 'linux/arm64/v8.5'],
  [['linux/arm64/8'], 'linux/arm64', 'linux/arm64/8'],
  [['linux/amd64', 'linux/amd64/v3', 'linux/amd64/v2'], 'linux/amd64/v4', 'linux/amd64/v3'],
  [['linux/amd64/v3', 'linux/amd64'], undefined, 'linux/amd64'],
  [['linux/amd64/v1'], 'linux/amd64', 'linux/amd64/v1'],
  [['linux/riscv64/rva23'], 'linux/riscv64/rva23', 'linux/riscv64/rva23'],
  // Windows: the version is that of the build, of which there are many.
  [
    ['windows(10.0.17763.1)/amd64', 'windows(10.0.20348.9)/amd64'],
    'windows/amd64',
    'windows(10.0.17763.1)/amd64',
  ],
  [
    ['windows(10.0.17763.1)/amd64', 'windows(10.0.20348.9)/amd64'],
    'windows(10.0.20348)/amd64',
    'windows(10.0.20348.9)/amd64',
  ],
  [
    ['windows(10.0.20348.9)/amd64', 'windows(10.0.20348.10)/amd64'],
    'windows(10.0.20348.10)/amd64',
    'windows(10.0.20348.10)/amd64',
  ],
  [['windows(+win32k)/amd64', 'windows/amd64'], 'windows/amd64', 'windows/amd64'],
  [
    ['windows(+a+win32k)/amd64', 'windows(+win32k)/amd64'],
    'windows(+win32k)/amd64',
    'windows(+win32k)/amd64',
  ],
];

describe('a platform of an index', () => {
  for (const [children, want, chosen] of CASES) {
    test(`of ${children.join(', ') || 'none'} is ${chosen ?? 'the only one'} for ${want ?? 'nothing in particular'}`, () => {
      const all = children.map((platform) => child(platform));
      const found = selectPlatform(all, want === undefined ? undefined : parsePlatform(want));
      assert.equal(found.digest, digestOf(chosen ?? 'none'));
    });
  }
});

/** What would not run there is not taken for it, however near. */
const REFUSED: readonly (readonly [children: readonly string[], want: string])[] = [
  [['linux/arm/v7'], 'linux/arm/v6'],
  [['linux/arm/v8'], 'linux/arm'],
  [['linux/arm/v7'], 'linux/arm64'],
  [['linux/386'], 'linux/amd64'],
  [['linux/amd64/v3'], 'linux/amd64'],
  [['linux/arm64/v9'], 'linux/arm64'],
  [['linux/arm64/v8.6'], 'linux/arm64/v9'],
  [['windows(10.0.17763.1)/amd64'], 'windows(10.0.20348)/amd64'],
  [['windows(10.0.203481)/amd64'], 'windows(10.0.20348)/amd64'],
  [['windows(+win32k)/amd64'], 'windows(+other)/amd64'],
  [['linux/toString'.toLowerCase()], 'linux/constructor'],
];

for (const [children, want] of REFUSED) {
  test(`${children} is not taken for ${want}`, () => {
    const all = children.map((platform) => child(platform));
    assert.throws(() => selectPlatform(all, parsePlatform(want)), { code: 'PLATFORM_NOT_FOUND' });
  });
}

const REAL = child('linux/arm64');
const ONLY_REAL: readonly (readonly [what: string, children: readonly ListedDescriptor[]])[] = [
  ['an attestation of buildx', [REAL, ATTESTATION]],
  ['attestations before it', [ATTESTATION, ATTESTATION, REAL]],
  ['an attestation that is named by its platform alone', [child('unknown/unknown'), REAL]],
  [
    'one that is named by its annotation alone',
    [{ ...ATTESTATION, platform: { os: 'linux', architecture: 'amd64' } }, REAL],
  ],
  ['an attached bill of materials', [SBOM, REAL]],
  [
    'an artifact manifest of old',
    [child(undefined, { mediaType: 'application/vnd.oci.artifact.manifest.v1+json' }), REAL],
  ],
  ['all of them', [SBOM, ATTESTATION, REAL, child('unknown/unknown')]],
];

for (const [what, children] of ONLY_REAL) {
  test(`the only platform is taken beside ${what}`, () => {
    assert.equal(selectPlatform(children, undefined), REAL);
  });
}

/** As soci convert lists its index of an image's layers. @see https://github.com/awslabs/soci-snapshotter/blob/v0.11.0/soci/soci_convert.go */
const soci = (platform: string): ListedDescriptor =>
  child(platform, {
    digest: digestOf(`soci of ${platform}`),
    artifactType: 'application/vnd.amazon.soci.index.v2+json',
    annotations: { 'com.amazon.soci.image-manifest-digest': digestOf(platform) },
  });
/** As podman lists an image that it pushed a second time with --add-compression zstd. */
const ZSTD = child('linux/arm64', {
  digest: digestOf('zstd'),
  annotations: { 'io.github.containers.compression.zstd': 'true' },
});
const NYDUS = child('linux(+nydus.remoteimage.v1)/arm64');
const ONE_PLATFORM: readonly (readonly [what: string, children: readonly ListedDescriptor[]])[] = [
  ['SOCI’s index of it', [REAL, soci('linux/arm64')]],
  ['SOCI’s index of it, listed first', [soci('linux/arm64'), REAL]],
  ['itself in zstd', [REAL, ZSTD]],
  ['itself for a lazy puller', [NYDUS, REAL]],
  ['itself by the other name of its platform', [REAL, child('linux/aarch64/v8')]],
  ['all of them', [NYDUS, ATTESTATION, soci('linux/arm64'), REAL, ZSTD, SBOM]],
];

for (const [what, children] of ONE_PLATFORM) {
  test(`the image of the only platform is taken beside ${what}`, () => {
    assert.equal(selectPlatform(children, undefined), REAL);
    assert.equal(selectPlatform(children, parsePlatform('linux/arm64')), REAL);
  });
}

test('what is typed is taken where it alone is for the platform', () => {
  const typed = soci('linux/s390x');
  assert.equal(selectPlatform([REAL, typed], parsePlatform('linux/s390x')), typed);
  assert.equal(selectPlatform([typed], undefined), typed);
});

test('a manifest without a platform is taken where it is the only one beside what is about it', () => {
  const plain = child(undefined);
  assert.equal(selectPlatform([SBOM, plain, ATTESTATION], undefined), plain);
  assert.equal(selectPlatform([SBOM, ATTESTATION], undefined), SBOM);
});

test('what is no platform is not offered as one', () => {
  assert.throws(() => selectPlatform([ATTESTATION, REAL, SBOM], parsePlatform('linux/s390x')), {
    code: 'PLATFORM_NOT_FOUND',
    message: /no manifest for linux\/s390x; it has: linux\/arm64, 2 without a platform$/,
    hint: /to one of these/,
  });
  for (const children of [[], [ATTESTATION], [SBOM, child(undefined, { artifactType: 'a/b' })]]) {
    assert.throws(() => selectPlatform(children, undefined), {
      code: 'PLATFORM_NOT_FOUND',
      hint: /Nothing in it is for a platform/,
    });
  }
});

test('two real platforms are not guessed between', () => {
  assert.throws(() => selectPlatform([REAL, child('linux/s390x'), ATTESTATION], undefined), {
    code: 'PLATFORM_NOT_FOUND',
    message: /linux\/arm64, linux\/s390x, 1 without/,
  });
  for (const others of [
    ['linux/arm/v6', 'linux/arm/v7'],
    ['windows(10.0.17763.1)/amd64', 'windows(10.0.20348.9)/amd64'],
  ]) {
    const all = others.map((platform) => child(platform));
    assert.throws(() => selectPlatform(all, undefined), { code: 'PLATFORM_NOT_FOUND' }, others[0]);
  }
});

test('a platform is os/architecture[/variant], the os with its version and features, and nothing else', () => {
  for (const text of [
    'linux/arm/v7',
    'windows(10.0.20348)/amd64',
    'windows(10.0.17763+win32k)/amd64',
    'windows(+a+b)/arm64/v8',
  ])
    assert.equal(formatPlatform(parsePlatform(text)), text);
  assert.deepEqual(parsePlatform('windows(10.0.17763+win32k)/amd64'), {
    os: 'windows',
    architecture: 'amd64',
    osVersion: '10.0.17763',
    osFeatures: ['win32k'],
  });
  for (const text of [
    'linux',
    'linux/',
    '/amd64',
    'linux/arm/v7/x',
    'Linux/amd64',
    'linux/am d64',
    '../..',
    'windows(10.0/amd64',
    'windows(../..)/amd64',
    'windows(1)(2)/amd64',
    '(10.0)/amd64',
    'linux/amd64(1)',
    `windows(${'1'.repeat(65)})/amd64`,
  ]) {
    assert.throws(() => parsePlatform(text), { code: 'CONFIG_INVALID' }, text);
  }
});
