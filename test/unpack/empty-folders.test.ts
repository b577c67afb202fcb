import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLUX_CONFIG, FLUX_CONTENT } from '../../shared/oci/media-types.ts';
import { directory, file, symlink } from '../support/artifacts/tar-builder.ts';
import { artifact, layer, refusal, unpackArtifact } from '../support/artifacts/unpack-artifact.ts';

const flux = (...entries: readonly Buffer[]) => artifact([layer(entries, FLUX_CONTENT)], FLUX_CONFIG);

test('empty folders are recorded, in byte order, and no others', async () => {
  const { folders } = await unpackArtifact(
    flux(
      directory('./'),
      directory('z'),
      directory('a/b/c'),
      directory('a'),
      directory('d'),
      file('d/f'),
      directory('l'),
      symlink('l/s', 'x'),
    ),
  );
  assert.deepEqual(folders, ['a/b/c', 'z']);
});

test('an artifact without empty folders says nothing of them, and has the content digest it had', async () => {
  const named = await unpackArtifact(flux(directory('d'), file('d/f', '1')));
  const implied = await unpackArtifact(flux(file('d/f', '1')));
  assert.equal(Object.hasOwn(named, 'folders'), false);
  assert.equal(named.contentDigest, implied.contentDigest);
  assert.equal(
    named.contentDigest,
    'sha256:7b2203b1ca09c9114879994d09e041f6f71c25412a8de4b6b94aefbcfd384369',
  );
});

test('an empty folder is content', async () => {
  const [without, one, other] = await Promise.all(
    [[], [directory('a')], [directory('b')]].map((folders) => unpackArtifact(flux(file('f'), ...folders))),
  );
  assert.equal(new Set([without, one, other].map((each) => each?.contentDigest)).size, 3);
});

test('a folder that ignore rules empty is empty, and one they name is gone', async () => {
  const of = flux(directory('d'), file('d/x.md'), directory('e'), directory('e/f'), file('k'));
  assert.deepEqual((await unpackArtifact(of, { options: { ignore: '*.md\ne/' } })).folders, ['d']);
});

test('a link to an empty folder becomes one where links are materialized', async () => {
  const of = flux(directory('d/e'), directory('d/f'), file('d/f/x', 'x'), symlink('l', 'd'));
  const { folders, texts } = await unpackArtifact(of, { options: { links: 'materialize' } });
  assert.deepEqual(folders, ['d/e', 'l/e']);
  assert.deepEqual(texts, { 'd/f/x': 'x', 'l/f/x': 'x' });
});

test('an image’s folders that a whiteout emptied are empty', async () => {
  const { folders } = await unpackArtifact(
    artifact([layer([file('a/b/c'), file('k')]), layer([file('a/b/.wh.c', '')])]),
  );
  assert.deepEqual(folders, ['a/b']);
});

test('empty folders that differ in case only clash', async () => {
  const error = await refusal(unpackArtifact(flux(directory('Docs'), directory('docs'))));
  assert.equal(error.code, 'ENTRY_REFUSED');
});
