import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { formatPlatform, parsePlatform } from '../../shared/oci/platform.ts';
import { selectPlatform } from '../../shared/oci/select-platform.ts';

const child = (platform: string | undefined): Descriptor => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: digestOf(platform ?? 'none'),
  size: 1,
  ...(platform !== undefined && { platform: parsePlatform(platform) }),
});

const CASES: readonly (readonly [
  children: readonly (string | undefined)[],
  want: string | undefined,
  chosen: string | undefined,
])[] = [
  [['linux/amd64', 'linux/arm64'], undefined, 'linux/amd64'],
  [['linux/amd64', 'linux/arm64'], 'linux/arm64', 'linux/arm64'],
  [['linux/arm/v6', 'linux/arm/v7'], 'linux/arm/v7', 'linux/arm/v7'],
  [['linux/arm/v7', 'linux/arm'], 'linux/arm', 'linux/arm'],
  [['linux/arm64/v8'], 'linux/arm64', 'linux/arm64/v8'],
  [['linux/arm64'], 'linux/arm64/v8', 'linux/arm64'],
  [['windows/amd64', undefined, 'linux/amd64'], undefined, 'linux/amd64'],
  [['linux/arm64'], undefined, 'linux/arm64'],
  [[undefined], undefined, undefined],
];

for (const [children, want, chosen] of CASES) {
  test(`of ${children.join(', ') || 'none'} chooses ${chosen ?? 'the only one'} for ${want ?? 'nothing in particular'}`, () => {
    const found = selectPlatform(children.map(child), want === undefined ? undefined : parsePlatform(want));
    assert.equal(found.digest, digestOf(chosen ?? 'none'));
  });
}

test('says what is there when nothing fits', () => {
  const there = ['linux/arm64', undefined].map(child);
  assert.throws(() => selectPlatform(there, parsePlatform('linux/s390x')), {
    code: 'PLATFORM_NOT_FOUND',
    message: /no manifest for linux\/s390x; it has: linux\/arm64, none/,
  });
  assert.throws(() => selectPlatform([], undefined), { code: 'PLATFORM_NOT_FOUND', message: /nothing/ });
});

test('a platform is os/architecture[/variant] and nothing else', () => {
  assert.equal(formatPlatform(parsePlatform('linux/arm/v7')), 'linux/arm/v7');
  for (const text of [
    'linux',
    'linux/',
    '/amd64',
    'linux/arm/v7/x',
    'Linux/amd64',
    'linux/am d64',
    '../..',
  ]) {
    assert.throws(() => parsePlatform(text), { code: 'CONFIG_INVALID' }, text);
  }
});
