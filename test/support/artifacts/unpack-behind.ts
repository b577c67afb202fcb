import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLandfallError } from '../../../shared/errors.ts';
import type { StagedTree } from '../../../shared/model/artifact-store.ts';
import { isExecutable } from '../../../shared/model/content-digest.ts';
import { StagedFiles, treeOf } from '../../../shared/store/directory/staged-files.ts';
import type { UnpackedTree } from '../../../shared/unpack/unpack.ts';

type Unpack = (staging: StagedTree) => Promise<UnpackedTree>;
type Outcome = { readonly tree: UnpackedTree } | { readonly refused: string };

const outcomeOf = (unpacking: Promise<UnpackedTree>): Promise<Outcome> =>
  unpacking.then(
    (tree) => ({ tree }),
    (error: unknown) => {
      if (!isLandfallError(error)) throw error;
      return { refused: `${error.code}: ${error.message}` };
    },
  );

/** The same into a folder, every layer by the thread that hashes and writes, however small: it comes to the same. */
export async function alsoBehind(unpacking: Promise<UnpackedTree>, unpack: Unpack): Promise<UnpackedTree> {
  const expected = await outcomeOf(unpacking);
  const folder = mkdtempSync(join(tmpdir(), 'landfall-behind-'));
  const files = new StagedFiles(folder);
  const tree = treeOf(files, undefined);
  const staging: StagedTree = {
    ...tree,
    writeBehind: (layer) => tree.writeBehind?.({ ...layer, bytes: Number.MAX_SAFE_INTEGER }),
    discard: () => files.close(),
  };
  try {
    const got = await outcomeOf(unpack(staging));
    // Two entries of one path are compared when the thread has hashed them: what is wrong after them is told before.
    const isLater = 'refused' in expected && 'refused' in got && expected.refused.includes('comes twice');
    if (!isLater) assert.deepEqual(got, expected, 'a thread beside comes to the same');
    if ('tree' in got) assertStaged(folder, got.tree);
  } finally {
    await staging.discard();
    rmSync(folder, { recursive: true });
  }
  return unpacking;
}

function assertStaged(folder: string, { files }: UnpackedTree): void {
  for (const { path, sha256, mode } of files) {
    const file = join(folder, path);
    assert.equal(hash('sha256', readFileSync(file)), sha256, path);
    assert.equal(isExecutable(statSync(file).mode), isExecutable(mode), path);
  }
}
