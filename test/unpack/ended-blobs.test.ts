import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import type { StagedTree } from '../../shared/model/artifact-store.ts';
import { unpack } from '../../shared/unpack/unpack.ts';
import { file } from '../support/artifacts/tar-builder.ts';
import {
  artifact,
  blob,
  DEFAULT_OPTIONS,
  layer,
  refusal,
  type TestLayer,
  titled,
} from '../support/artifacts/unpack-artifact.ts';
import { stageInMemory } from '../support/stores/memory-staging.ts';

// A blob that was asked for and is then forgotten fails by itself once its connection ends, and nobody listens: that
// ended the program, a `serve` as well as a pull.

const text = (title: string, bytes: string): TestLayer => titled(blob('text/plain', bytes), title);

/** The refusal, and which of the blobs that were asked for are still open behind it. */
async function refusedWith(
  layers: readonly TestLayer[],
  staging: StagedTree = stageInMemory(),
): Promise<{ readonly code: string; readonly open: number }> {
  const { manifest, blobs } = artifact([...layers]);
  const asked: Readable[] = [];
  const attempt = unpack(
    { manifest, options: DEFAULT_OPTIONS, limits: DEFAULT_LIMITS, prefixBytes: 0 },
    {
      openBlob: async ({ digest }) => {
        const body = Readable.from([blobs.get(digest)]);
        asked.push(body);
        return body;
      },
      staging,
    },
  );
  const { code } = await refusal(attempt);
  return { code, open: asked.filter(({ destroyed }) => !destroyed).length };
}

test('no blob stays open behind a title that is a folder of another layer', async () => {
  const packed = titled(layer([file('a/b/c', '1')]), 'a', true);
  assert.deepEqual(await refusedWith([text('a/b', '1'), packed]), { code: 'ENTRY_REFUSED', open: 0 });
});

test('no blob stays open where its file cannot be made', async () => {
  const create = (path: string): never => {
    throw new LandfallError('ENTRY_REFUSED', `the disk cannot hold ${path}`);
  };
  assert.deepEqual(await refusedWith([text('a', '1')], { ...stageInMemory(), create }), {
    code: 'ENTRY_REFUSED',
    open: 0,
  });
});
