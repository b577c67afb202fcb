import assert from 'node:assert/strict';
import { test } from 'node:test';
import { file, hardlink, symlink } from '../../support/artifacts/tar-builder.ts';
import { artifact, layer, unpackArtifact } from '../../support/artifacts/unpack-artifact.ts';
import { stageInMemory } from '../../support/stores/memory-staging.ts';

type Layers = readonly (readonly Buffer[])[];
const image = (layers: Layers) => artifact(layers.map((entries) => layer(entries)));

test('ignore rules hold where files of an image end, not where their text says', async () => {
  const layers = [
    [symlink('lib', 'usr/lib'), file('lib/a.md', '1'), file('lib/b', '2')],
    [file('lib/.sourceignore', '*.md\n')],
  ];
  assert.deepEqual((await unpackArtifact(image(layers))).texts, {
    'usr/lib/.sourceignore': '*.md\n',
    'usr/lib/b': '2',
  });
  assert.deepEqual((await unpackArtifact(image(layers), { options: { ignore: 'usr/' } })).texts, {});
  const replaced = [
    [file('.sourceignore', 'a\n'), file('.sourceignore', 'b\n'), file('a', 'a'), file('b', 'b')],
  ];
  assert.deepEqual((await unpackArtifact(image(replaced))).texts, { '.sourceignore': 'b\n', a: 'a' });
  const linked = [
    [file('rules', '*.md\n'), hardlink('.sourceignore', 'rules'), file('a.md', 'a'), file('b', 'b')],
  ];
  assert.deepEqual((await unpackArtifact(image(linked))).texts, {
    '.sourceignore': '*.md\n',
    b: 'b',
    rules: '*.md\n',
  });
});

test('what upper layers of an image hide is not written', async () => {
  const staging = stageInMemory();
  await unpackArtifact(
    image([
      [file('a'), file('d/b'), file('o/c'), file('s')],
      [file('a', 'top'), file('.wh.d', ''), file('o/.wh..wh..opq', ''), symlink('s', 'a')],
    ]),
    { staging },
  );
  assert.deepEqual(staging.created, ['a']);
  for (const upper of [file('.wh.o', ''), file('o/.wh..wh..opq', '')]) {
    const other = stageInMemory();
    await unpackArtifact(image([[file('o/c'), file('o/d/e')], [upper]]), { staging: other });
    assert.deepEqual(other.created, []);
  }
});

test('a layer of an image is read again only where something of it was passed by', async () => {
  const opened = async (...layers: Layers): Promise<number> => {
    const of = image(layers);
    let count = 0;
    const blobs = new Map(of.blobs);
    blobs.get = (digest) => {
      count += 1;
      return of.blobs.get(digest);
    };
    await unpackArtifact({ ...of, blobs }, { isOnce: true });
    return count;
  };
  assert.equal(await opened([file('a', '1'), file('d/b', '2')], [file('a', '3'), file('d/c', '4')]), 2);
  assert.equal(await opened([file('a', 'old'), hardlink('b', 'a')], [file('a', 'new')]), 3);
});
