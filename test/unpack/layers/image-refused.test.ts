import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../../shared/errors.ts';
import { LINK_HOPS, LINK_TARGET_BYTES } from '../../../shared/limits.ts';
import { OCI_CONFIG } from '../../../shared/oci/media-types.ts';
import {
  directory,
  entry,
  file,
  gnuLong,
  hardlink,
  symlink,
  tar,
} from '../../support/artifacts/tar-builder.ts';
import { artifact, layer, refusal, unpackArtifact } from '../../support/artifacts/unpack-artifact.ts';
import { stageInMemory } from '../../support/stores/memory-staging.ts';

type Layers = readonly (readonly Buffer[])[];
const image = (layers: Layers, config = OCI_CONFIG) =>
  artifact(
    layers.map((entries) => layer(entries)),
    config,
  );
const device = (name: string, type: string, major = '0000001\0'): Buffer => {
  const block = entry({ name, type });
  block.write(major, 329, 'latin1');
  block.fill(' ', 148, 156);
  block.write(
    `${block
      .subarray(0, 512)
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return block;
};

const REFUSED: readonly (readonly [what: string, code: ErrorCode, layers: Layers])[] = [
  ['a path that leaves the root', 'PATH_REFUSED', [[file('../evil')]]],
  ['an absolute path that leaves the root', 'PATH_REFUSED', [[file('/../evil')]]],
  ['a path that leaves behind a folder', 'PATH_REFUSED', [[file('a/../../evil')]]],
  ['a file that is the root', 'PATH_REFUSED', [[file('/.', 'body')]]],
  ['a control character', 'PATH_REFUSED', [[file('a\nb')]]],
  ['an entry through a file', 'ENTRY_REFUSED', [[file('a'), file('a/b')]]],
  ['an entry through a device', 'ENTRY_REFUSED', [[device('a', '3'), file('a/b')]]],
  ['an entry through a link to a file', 'ENTRY_REFUSED', [[file('f'), symlink('a', 'f')], [file('a/b')]]],
  [
    'an entry through a link below a file',
    'ENTRY_REFUSED',
    [[file('f'), symlink('a', 'f/x/../b')], [file('a/b')]],
  ],
  [
    'an entry through links in a circle',
    'LINK_REFUSED',
    [[symlink('a', 'b'), symlink('b', 'a')], [file('a/x')]],
  ],
  ['an entry through a link to itself', 'LINK_REFUSED', [[symlink('a', 'a/a')], [file('a/x')]]],
  ['a hard link to nothing', 'LINK_REFUSED', [[hardlink('a', 'b')]]],
  ['a hard link to a folder', 'LINK_REFUSED', [[directory('d'), hardlink('a', 'd')]]],
  ['a hard link to itself', 'LINK_REFUSED', [[file('a'), hardlink('a', 'a')]]],
  [
    'a link that is longer than any system takes',
    'LINK_REFUSED',
    [[gnuLong('K', 'a/'.repeat(LINK_TARGET_BYTES / 2 + 1)), symlink('l', 'a')]],
  ],
  ['an entry below a whiteout', 'ENTRY_REFUSED', [[file('.wh.a/b')]]],
  ['a whiteout of nothing', 'ENTRY_REFUSED', [[file('d/.wh.', '')]]],
  ['a whiteout of ".."', 'ENTRY_REFUSED', [[file('d/.wh...', '')]]],
  ['a sparse file', 'ENTRY_REFUSED', [[entry({ name: 's', type: 'S' }, 'x')]]],
  ['an unknown type', 'ENTRY_REFUSED', [[entry({ name: 's', type: 'Z' })]]],
  [
    'a device with a body, which nobody reads',
    'ARCHIVE_INVALID',
    [[entry({ name: 'd', type: '3' }, 'body')]],
  ],
];

for (const [what, code, layers] of REFUSED)
  test(`an image is refused for ${what}`, async () => {
    const error = await refusal(unpackArtifact(image(layers)));
    assert.equal(error.code, code, error.message);
  });

test('nothing of an image is outside its root, wherever its links point', async () => {
  const created: string[] = [];
  for (const target of ['/', '..', '../../..', '/../../etc', '//', './/../..', '/proc/self/root/../..']) {
    const staging = stageInMemory();
    await unpackArtifact(image([[symlink('l', target)], [file('l/passwd', 'evil')]]), { staging });
    created.push(...staging.created);
  }
  for (const path of created) assert.ok(!path.startsWith('/') && !path.split('/').includes('..'), path);
});

test('a hard-link bomb in an image is charged for every name before anything is copied', async () => {
  const body = 'x'.repeat(10_000);
  const entries = [file('a', body), ...Array.from({ length: 9 }, (_, at) => hardlink(`h${at}`, 'a'))];
  const bytes = tar(...entries).length + 9 * body.length;
  const of = image([entries]);
  assert.equal((await unpackArtifact(of, { limits: { unpackedBytes: bytes, files: 10 } })).files.length, 10);
  assert.equal(
    (await refusal(unpackArtifact(of, { limits: { unpackedBytes: bytes - 1 } }))).code,
    'UNPACKED_TOO_LARGE',
  );
  assert.equal((await refusal(unpackArtifact(of, { limits: { files: 9 } }))).code, 'TOO_MANY_FILES');
});

test('links of links cannot build a tree without a floor, nor lead around for ever', async () => {
  const deep = Array.from({ length: 40 }, (_, at) => [
    symlink(`l${at}`, at === 0 ? 'd/d/d' : `l${at - 1}/d/d/d`),
    directory(`l${at}/d/d/d`),
  ]).flat();
  const floor = await refusal(unpackArtifact(image([deep])));
  assert.equal(floor.code, 'PATH_REFUSED');
  assert.match(floor.message, /leads through links/, 'before what is deeper is made');
  const around = `${'./'.repeat(2000)}d`;
  const long = [
    directory('d'),
    gnuLong('K', around),
    symlink('l', 'd'),
    // By turns: the way to the folder before is not gone again.
    ...Array.from({ length: 20_000 }, (_, at) => [directory(`l/${at}`), directory(`e${at}`)]).flat(),
  ];
  assert.equal(
    (await refusal(unpackArtifact(image([long]), { limits: { ratio: 10_000 } }))).code,
    'LINK_REFUSED',
  );
});

test('an entry of an image goes through as many links as a system lets it, and no more', async () => {
  const chain = (links: number): readonly Buffer[] => [
    directory('d'),
    ...Array.from({ length: links }, (_, at) => symlink(`l${at}`, at === 0 ? 'd' : `l${at - 1}`)),
    file(`l${links - 1}/x`, 'x'),
  ];
  assert.deepEqual((await unpackArtifact(image([chain(LINK_HOPS)]))).texts, { 'd/x': 'x' });
  assert.equal((await refusal(unpackArtifact(image([chain(LINK_HOPS + 1)])))).code, 'LINK_REFUSED');
});
