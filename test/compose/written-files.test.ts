import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PlannedFile } from '../../shared/compose/plan.ts';
import { writtenFiles } from '../../shared/compose/written-files.ts';
import { IMAGE_FILE_BYTES } from '../../shared/limits.ts';
import type { WrittenRevision } from '../../shared/model/composition.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import { fileEntry, ID, land, type Tree } from '../conformance/planted-artifacts.ts';

const MARKED = 'a: x # {"$imagepolicy": "apps:web"}\n';
const IMAGE: WrittenRevision = {
  source: 'apps/web',
  revision: `v2@${digestOf('v2')}`,
  digest: digestOf('v2'),
  image: 'r.example/web',
  marker: 'apps:web',
};

const sized = (size: number): string => MARKED + '#'.repeat(size - MARKED.length);

/** The paths that were written, and what was noted. */
async function written(tree: Tree, image: Partial<WrittenRevision> = {}) {
  const { artifacts, ...store } = openMemoryStore();
  await land({ ...store, artifacts }, ID, tree);
  const opened: string[] = [];
  const counted = {
    ...artifacts,
    open: (...given: Parameters<typeof artifacts.open>) => {
      opened.push(given[1]);
      return artifacts.open(...given);
    },
  };
  const files = Object.entries(tree).map(
    ([path, content]): PlannedFile => ({
      path,
      entry: fileEntry(path, content),
      artifact: ID,
      part: 'web/a',
    }),
  );
  const notes: string[] = [];
  const found = await writtenFiles(files, [{ ...IMAGE, ...image }], {
    artifacts: counted,
    onNote: (note) => notes.push(note),
  });
  return { paths: [...found.keys()].sort(), notes, opened: opened.sort() };
}

describe('files that images are written into', () => {
  test('are YAML by name, and no other is read', async () => {
    const tree = {
      'a.yaml': MARKED,
      'b/c.yml': MARKED,
      Kustomization: MARKED,
      'd.txt': MARKED,
      'e.json': '{}',
    };
    const { paths, opened } = await written(tree);
    assert.deepEqual(paths, ['Kustomization', 'a.yaml', 'b/c.yml']);
    assert.deepEqual(opened, paths);
  });

  test('are in the folder that the image says', async () => {
    const { paths, opened } = await written({ 'a/x.yaml': MARKED, 'ab/y.yaml': MARKED }, { path: 'a' });
    assert.deepEqual([paths, opened], [['a/x.yaml'], ['a/x.yaml']]);
  });

  test('have at most 4 MiB: one of a byte more is left, and that is noted', async () => {
    const tree = { 'fits.yaml': sized(IMAGE_FILE_BYTES), 'large.yaml': sized(IMAGE_FILE_BYTES + 1) };
    const { paths, notes, opened } = await written(tree);
    assert.deepEqual([paths, opened], [['fits.yaml'], ['fits.yaml']]);
    assert.match(notes.join('\n'), /^"large\.yaml" is left as it is: it has 4194305 bytes/);
  });

  test('that are no UTF-8, or no YAML, are left, and that is noted', async () => {
    const latin = Buffer.concat([Buffer.from(MARKED), Buffer.from([0xff, 0x0a])]);
    const { paths, notes } = await written({ 'latin.yaml': latin, 'broken.yaml': `${MARKED}b: [\n` });
    assert.deepEqual(paths, []);
    assert.deepEqual(notes.toSorted(), [
      '"broken.yaml" is left as it is: it is no YAML of objects',
      '"latin.yaml" is left as it is: it is no UTF-8',
      'no file has a place for apps/web: no marker names apps:web',
    ]);
  });

  test('that mark an image nobody has are left, and that is noted', async () => {
    const { paths, notes } = await written({
      'a.yaml': MARKED + MARKED.replace('a:', 'b:').replace('web', 'nobody'),
    });
    assert.deepEqual(paths, ['a.yaml']);
    assert.deepEqual(notes, ['no image is called "apps:nobody", which a marker names']);
  });

  test('that are not what their commit record says are refused', async () => {
    const { artifacts, ...store } = openMemoryStore();
    await land({ ...store, artifacts }, ID, { 'a.yaml': MARKED });
    const entry = fileEntry('a.yaml', MARKED.replace('x', 'y'));
    const file: PlannedFile = { path: 'a.yaml', entry, artifact: ID, part: 'web/a' };
    await assert.rejects(writtenFiles([file], [IMAGE], { artifacts, onNote: () => undefined }), {
      code: 'STORE_CORRUPT',
    });
  });
});
