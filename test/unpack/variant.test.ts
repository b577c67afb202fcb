import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Platform } from '../../shared/oci/platform.ts';
import type { UnpackOptions } from '../../shared/unpack/unpack-options.ts';
import { variantOf } from '../../shared/unpack/variant.ts';
import { DEFAULT_OPTIONS } from '../support/artifacts/unpack-artifact.ts';

const arm: Platform = { os: 'linux', architecture: 'arm64' };
const of = (options: Partial<UnpackOptions>, platform?: Platform): string =>
  variantOf({ ...DEFAULT_OPTIONS, ...options }, platform);

const NAMES: readonly (readonly [
  name: string | RegExp,
  options: Partial<UnpackOptions>,
  platform?: Platform,
])[] = [
  ['default', {}],
  ['default', { ignore: ' \n' }],
  ['default', { platform: arm }],
  ['linux-arm64', {}, arm],
  ['linux-arm-v7', {}, { os: 'linux', architecture: 'arm', variant: 'v7' }],
  ['none', { mode: 'none', layers: 'all', links: 'materialize', ignore: '*.md' }],
  ['archive', { mode: 'archive', links: 'materialize', ignore: '*.md' }],
  ['linux-arm64--archive', { mode: 'archive' }, arm],
  ['default--pack', { layout: 'pack' }],
  ['linux-arm64--pack', { layout: 'pack' }, arm],
  ['none', { mode: 'none', layout: 'pack' }],
  [/^linux-arm64--files-[0-9a-f]{10}--pack$/, { links: 'materialize', layout: 'pack' }, arm],
  [/^files-[0-9a-f]{10}$/, { ignore: '*.md' }],
  [/^archive-[0-9a-f]{10}$/, { mode: 'archive', layers: 'all' }],
  [/^linux-arm64--files-[0-9a-f]{10}$/, { links: 'materialize' }, arm],
  [/^platform[0-9a-f]{10}$/, {}, { os: '../..', architecture: 'x' }],
  [/^platform[0-9a-f]{10}$/, {}, { os: 'linux', architecture: 'a'.repeat(30) }],
  [/^platform[0-9a-f]{10}$/, {}, { os: 'linux', architecture: 'arm-v7' }],
];

for (const [name, options, platform] of NAMES) {
  test(`variant ${name} of ${JSON.stringify(options)} ${platform?.architecture ?? ''}`, () => {
    const got = of(options, platform);
    if (typeof name === 'string') assert.equal(got, name);
    else assert.match(got, name);
  });
}

test('the names of options are part of the store’s keys and never change', () => {
  assert.equal(of({ ignore: '*.md' }), 'files-b38a085ae3');
  assert.equal(of({ layers: { mediaType: 'a/b' } }), 'files-1fb4d91916');
});

const PLATFORMS: readonly (Platform | undefined)[] = [
  undefined,
  arm,
  { os: 'linux', architecture: 'arm-v7' },
  { os: 'linux', architecture: 'arm', variant: 'v7' },
  { os: 'linux', architecture: 'arm', variant: 'archive' },
  { os: 'linux', architecture: 'arm' },
  { os: 'Linux', architecture: 'arm64' },
  { os: 'linux--archive', architecture: 'arm' },
  { os: 'linux', architecture: 'arm', variant: 'pack' },
  { os: 'default', architecture: '', variant: 'pack' },
  { os: '../../..', architecture: '\n' },
];
const OPTIONS: readonly UnpackOptions[] = (['files', 'archive'] as const).flatMap((mode) =>
  (['auto', 'all', { mediaType: 'all' }, { mediaType: 'x/y' }] as const).flatMap((layers) =>
    (['record', 'materialize'] as const).flatMap((links) =>
      ['a', 'b', undefined].flatMap((ignore) =>
        [false, true].map((isPack) => ({
          mode,
          layers,
          links,
          ...(ignore !== undefined && { ignore }),
          ...(isPack && { layout: 'pack' as const }),
        })),
      ),
    ),
  ),
);

test('different options never share a variant, and every variant is a plain key', () => {
  const owners = new Map<string, string>();
  for (const platform of PLATFORMS) {
    for (const options of OPTIONS) {
      const { mode, layers, links, ignore, layout } = options;
      const ofFiles = mode === 'files' ? [links, ignore] : [];
      const meant = JSON.stringify([platform, mode, layers, layout, ...ofFiles]);
      const name = variantOf(options, platform);
      assert.match(name, /^[a-z0-9-]{1,46}$/);
      assert.equal(owners.get(name) ?? meant, meant, name);
      owners.set(name, meant);
    }
  }
  assert.equal(owners.size, PLATFORMS.length * 2 * (4 * 2 * 3 + 4));
});
