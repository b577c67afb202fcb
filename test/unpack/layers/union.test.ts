import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../../shared/errors.ts';
import { FLUX_CONFIG, FLUX_CONTENT, OCI_LAYER } from '../../../shared/oci/media-types.ts';
import { TIMONI_CONTENT } from '../../../shared/unpack/layer/layer-kinds.ts';
import { directory, file, hardlink, symlink, tar } from '../../support/artifacts/tar-builder.ts';
import {
  artifact,
  layer,
  refusal,
  type TestLayer,
  unpackArtifact,
} from '../../support/artifacts/unpack-artifact.ts';

type Layers = readonly (readonly Buffer[])[];
/** Layers of the types images have, in an artifact of its own type: read strictly. Images: image-*.test.ts. */
const layered = (layers: Layers) =>
  artifact(
    layers.map((entries) => layer(entries)),
    'application/vnd.acme.config.v1+json',
  );

interface Union {
  readonly does: string;
  /** Bottom first. */
  readonly layers: Layers;
  readonly files: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
}

const UNIONS: readonly Union[] = [
  {
    does: 'adds what each layer has',
    layers: [[file('a', '1')], [file('d/b', '2')], [file('d/c', '3')]],
    files: { a: '1', 'd/b': '2', 'd/c': '3' },
  },
  {
    does: 'takes a file from the uppermost layer that has it',
    layers: [[file('a', 'bottom')], [file('a', 'middle')], [file('a', 'top')]],
    files: { a: 'top' },
  },
  {
    does: 'removes what a whiteout names, file or folder',
    layers: [
      [file('a'), file('d/x'), file('d/e/y'), file('keep', 'k')],
      [file('.wh.a', ''), file('.wh.d', '')],
    ],
    files: { keep: 'k' },
  },
  {
    does: 'leaves what the whiteout’s own layer and those above put there',
    layers: [
      [file('d/x', 'old'), file('d/y', 'old')],
      [file('.wh.d', ''), file('d/y', 'new')],
      [file('d/z', 'top')],
    ],
    files: { 'd/y': 'new', 'd/z': 'top' },
  },
  {
    does: 'empties an opaque folder of lower layers only',
    layers: [
      [file('d/x', 'old'), file('d/e/f', 'old'), file('o', 'o')],
      [directory('d/'), file('d/new', 'n'), file('d/.wh..wh..opq', '')],
    ],
    files: { 'd/new': 'n', o: 'o' },
  },
  {
    does: 'empties the root where the root is opaque',
    layers: [
      [file('a'), file('d/b')],
      [file('.wh..wh..opq', ''), file('c', 'c')],
    ],
    files: { c: 'c' },
  },
  {
    does: 'brings a removed path back from a layer above the whiteout',
    layers: [[file('a', 'old')], [file('.wh.a', '')], [file('a', 'again')]],
    files: { a: 'again' },
  },
  {
    does: 'hides everything below a file that replaced a folder',
    layers: [[file('d/x'), file('d/e/y')], [file('d', 'file now')]],
    files: { d: 'file now' },
  },
  {
    does: 'replaces a file by a folder that is named',
    layers: [[file('d', 'file')], [directory('d/'), file('d/x', 'x')]],
    files: { 'd/x': 'x' },
  },
  {
    does: 'replaces a link by a folder that a middle layer names',
    layers: [[symlink('d', 'e')], [directory('d/')], [file('d/x', 'x')]],
    files: { 'd/x': 'x' },
  },
  {
    does: 'hides everything below a link that replaced a folder',
    layers: [[file('d/x'), file('e/y', 'y')], [symlink('d', 'e')]],
    files: { 'e/y': 'y' },
    links: { d: 'e' },
  },
  {
    does: 'hides what a middle layer had replaced by a file, though a folder replaced that',
    layers: [[file('b/c', 'old')], [file('b', 'file')], [directory('b/'), file('b/a', 'new')]],
    files: { 'b/a': 'new' },
  },
  {
    does: 'replaces a link by a file and a file by a link',
    layers: [
      [symlink('l', 'x'), file('f'), file('x', 'x')],
      [file('l', 'file'), symlink('f', 'x')],
    ],
    files: { l: 'file', x: 'x' },
    links: { f: 'x' },
  },
  {
    does: 'takes a whiteout in a removed folder as no more than it is',
    layers: [[file('d/x')], [file('d/.wh.x', '')], [file('.wh.d', '')]],
    files: {},
  },
  {
    does: 'accepts the same folders in every layer, before or after their files',
    layers: [
      [directory('d/'), file('d/x', 'x')],
      [file('d/y', 'y'), directory('d/')],
    ],
    files: { 'd/x': 'x', 'd/y': 'y' },
  },
  {
    does: 'accepts the same file twice in a layer where the bytes are equal',
    layers: [[file('a', 'same'), file('a', 'same', { mode: 0o664 })]],
    files: { a: 'same' },
  },
  {
    does: 'records symbolic links, and takes hard links for files',
    layers: [[file('d/a', '1'), symlink('d/s', '../x/y'), hardlink('h', 'd/a'), hardlink('h2', 'h')]],
    files: { 'd/a': '1', h: '1', h2: '1' },
    links: { 'd/s': 'x/y' },
  },
  {
    does: 'takes names of Object.prototype for names',
    layers: [[file('__proto__/constructor', 'a')], [file('__proto__/toString', 'b')]],
    files: { '__proto__/constructor': 'a', '__proto__/toString': 'b' },
  },
];

for (const { does, layers, files, links = {} } of UNIONS) {
  test(`union ${does}`, async () => {
    const { texts, targets } = await unpackArtifact(layered(layers));
    assert.deepEqual(texts, files);
    assert.deepEqual(targets, links);
  });
}

const REFUSALS: readonly (readonly [what: string, code: ErrorCode, layers: Layers])[] = [
  ['a path that is a file and a folder', 'ENTRY_REFUSED', [[file('a'), file('a/b')]]],
  ['a path that is a folder and a file', 'ENTRY_REFUSED', [[file('a/b'), file('a')]]],
  ['a path that is a named folder and a file', 'ENTRY_REFUSED', [[directory('a/'), file('a')]]],
  ['one file twice with different bytes', 'ENTRY_REFUSED', [[file('a', '1'), file('a', '2')]]],
  ['one file twice, once executable', 'ENTRY_REFUSED', [[file('a', '1'), file('a', '1', { mode: 0o755 })]]],
  ['one link twice to different places', 'ENTRY_REFUSED', [[symlink('a', 'b'), symlink('a', 'c')]]],
  ['a path that is a link and a file', 'LINK_REFUSED', [[symlink('a', 'b'), file('a')]]],
  ['a path that is a file and a link', 'LINK_REFUSED', [[file('a'), symlink('a', 'b')]]],
  ['an entry through a link', 'LINK_REFUSED', [[symlink('a', 'b'), file('a/x')]]],
  ['a folder through a link', 'LINK_REFUSED', [[symlink('a', 'b'), directory('a/x')]]],
  ['a link through a link', 'LINK_REFUSED', [[symlink('a', 'b'), symlink('a/x', 'c')]]],
  ['a whiteout through a link', 'LINK_REFUSED', [[symlink('a', 'b'), file('a/.wh.x', '')]]],
  ['a link swapped in for a folder', 'LINK_REFUSED', [[file('a/x'), symlink('a', 'b')]]],
  ['an entry through a lower layer’s link', 'LINK_REFUSED', [[symlink('a', 'b')], [file('a/x')]]],
  [
    'an opaque folder through a lower layer’s link',
    'LINK_REFUSED',
    [[symlink('a', 'b')], [file('a/.wh..wh..opq', '')]],
  ],
  ['an entry through a lower layer’s file', 'ENTRY_REFUSED', [[file('a')], [file('a/x')]]],
  [
    'an entry through a hidden link of its own layer',
    'LINK_REFUSED',
    [[symlink('a', 'b'), file('a/x')], [directory('a')]],
  ],
  [
    'an entry through a removed link of its own layer',
    'LINK_REFUSED',
    [[symlink('a', 'b'), file('a/x')], [file('.wh.a', '')]],
  ],
  ['an entry through a link that leaves', 'LINK_REFUSED', [[symlink('a', '/etc'), file('a/x')]]],
  ['an entry through a hard link', 'ENTRY_REFUSED', [[file('b'), hardlink('a', 'b'), file('a/x')]]],
  ['an absolute hard link', 'LINK_REFUSED', [[file('b'), hardlink('a', '/b')]]],
  ['a hard link that leaves the root', 'LINK_REFUSED', [[hardlink('a', '../b')]]],
  ['a hard link ahead of its target', 'LINK_REFUSED', [[hardlink('a', 'b'), file('b')]]],
  ['a hard link to itself', 'LINK_REFUSED', [[hardlink('a', 'a')]]],
  ['a hard link to a folder', 'LINK_REFUSED', [[directory('d'), hardlink('a', 'd')]]],
  ['a hard link to another layer’s file', 'LINK_REFUSED', [[file('b')], [hardlink('a', 'b')]]],
  ['a whiteout with content', 'ENTRY_REFUSED', [[file('.wh.a', 'x')]]],
  ['a whiteout that is a link', 'ENTRY_REFUSED', [[symlink('.wh.a', 'b')]]],
  ['a whiteout that is a folder', 'ENTRY_REFUSED', [[directory('.wh.a')]]],
  ['an entry below a whiteout', 'ENTRY_REFUSED', [[file('.wh.a/b')]]],
  ['a whiteout of nothing', 'ENTRY_REFUSED', [[file('d/.wh.', '')]]],
  ['a whiteout of "."', 'ENTRY_REFUSED', [[file('d/.wh..', '')]]],
  ['a whiteout of ".."', 'ENTRY_REFUSED', [[file('d/.wh...', '')]]],
  ['a whiteout of a whiteout', 'ENTRY_REFUSED', [[file('d/.wh..wh.a', '')]]],
];

for (const [what, code, layers] of REFUSALS) {
  test(`union refuses ${what}`, async () => {
    const error = await refusal(unpackArtifact(layered(layers)));
    assert.equal(error.code, code, error.message);
    assert.ok(error.hint);
  });
}

test('.wh. names are plain files outside image layers, alone or among several', async () => {
  const entries = [file('.wh.a', 'text'), file('d/.wh..wh..opq', '')];
  const flux = await unpackArtifact(artifact([layer(entries, FLUX_CONTENT)], FLUX_CONFIG));
  assert.deepEqual(flux.texts, { '.wh.a': 'text', 'd/.wh..wh..opq': '' });
  const timoni = [layer([file('a', '1')], TIMONI_CONTENT), layer([file('.wh.a', 'x')], TIMONI_CONTENT)];
  assert.deepEqual((await unpackArtifact(artifact(timoni))).texts, { '.wh.a': 'x', a: '1' });
});

test('.wh. names are whiteouts in a single image layer too, and land nowhere', async () => {
  const { texts } = await unpackArtifact(layered([[file('.wh.a', ''), file('b', 'b')]]));
  assert.deepEqual(texts, { b: 'b' });
});

test('whiteouts count in every layer where all layers are asked for', async () => {
  const type = 'application/vnd.acme.v1.tar+gzip';
  const layers = [layer([file('a'), file('b', 'b')], type), layer([file('.wh.a', '')], type)];
  assert.deepEqual((await unpackArtifact(artifact(layers), { options: { layers: 'all' } })).texts, {
    b: 'b',
  });
});

test('a lower layer that is hidden altogether is still read to its end and proven', async () => {
  const lower = layer([file('a', 'hidden')]);
  const { manifest, blobs } = artifact([lower, layer([file('a', 'top')])]);
  const changed = new Map(blobs);
  for (const [digest, bytes] of blobs) {
    if (!bytes.equals(lower.bytes)) continue;
    const other = Buffer.from(bytes);
    other.writeUInt8((other.at(-1) ?? 0) ^ 1, other.length - 1);
    changed.set(digest, other);
  }
  const error = await refusal(unpackArtifact({ manifest, blobs: changed }));
  assert.equal(error.code, 'DIGEST_MISMATCH');
});

test('folders that are only implied count as entries', async () => {
  const deep = (at: number): Buffer => file(`${at}/${'d/'.repeat(20)}f`);
  const entries = [deep(1), deep(2), deep(3)];
  const plain: TestLayer = { mediaType: OCI_LAYER, bytes: tar(...entries) };
  // Each file is one entry in 21 folders: 66 in all; two entries are allowed for each file allowed.
  assert.equal((await unpackArtifact(artifact([plain]), { limits: { files: 33 } })).files.length, 3);
  const error = await refusal(unpackArtifact(artifact([plain]), { limits: { files: 32 } }));
  assert.equal(error.code, 'TOO_MANY_FILES');
});
