import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { FLUX_CONFIG, FLUX_CONTENT, OCI_CONFIG } from '../../../shared/oci/media-types.ts';
import { leftOutNote } from '../../../shared/unpack/layer/left-out-layers.ts';
import { planLayers } from '../../../shared/unpack/layer/select-layers.ts';
import { unpack } from '../../../shared/unpack/unpack.ts';
import type { UnpackOptions } from '../../../shared/unpack/unpack-options.ts';
import { file } from '../../support/artifacts/tar-builder.ts';
import {
  artifact,
  blob,
  DEFAULT_OPTIONS,
  layer,
  type TestArtifact,
  titled,
} from '../../support/artifacts/unpack-artifact.ts';
import { stageInMemory } from '../../support/stores/memory-staging.ts';

// https://github.com/modelpack/model-spec/blob/main/docs/spec.md
const MODEL_CONFIG = 'application/vnd.cncf.model.config.v1+json';
const DOC = layer([file('README.md', '# model')], 'application/vnd.cncf.model.doc.v1.tar+gzip');
const WEIGHTS = blob('application/vnd.cncf.model.weight.v1.raw');
const SBOM = blob('application/spdx+json');
const TEXT = blob('text/plain');

const noteOf = ({ manifest }: TestArtifact, given: Partial<UnpackOptions> = {}): string | undefined => {
  const options = { ...DEFAULT_OPTIONS, ...given };
  return leftOutNote(manifest, planLayers(manifest, options), options);
};

const SILENT: readonly (readonly [what: string, of: TestArtifact, options?: Partial<UnpackOptions>])[] = [
  ['all layers', artifact([layer([file('a', '1')]), layer([file('b', '2')])], OCI_CONFIG)],
  ['all but a bill of materials', artifact([DOC, SBOM], MODEL_CONFIG)],
  ['the content of Flux beside another layer', artifact([layer([], FLUX_CONTENT), TEXT], FLUX_CONFIG)],
  ['all titled files', artifact([titled(TEXT, 'a.txt'), titled(WEIGHTS, 'w.bin')], MODEL_CONFIG)],
  ['what was asked for by its type', artifact([DOC, WEIGHTS]), { layers: { mediaType: DOC.mediaType } }],
  ['every tar, as was asked for', artifact([DOC, WEIGHTS]), { layers: 'all' }],
  ['nothing, as was asked for', artifact([DOC, WEIGHTS]), { mode: 'none' }],
];
for (const [what, of, options] of SILENT)
  test(`nothing is said where ${what} ${what.startsWith('all') ? 'land' : 'lands'}`, () =>
    assert.equal(noteOf(of, options), undefined));

test('a model of which the papers alone are a tar says that its weights were left out, and how they are had', () => {
  const note = noteOf(artifact([WEIGHTS, DOC, TEXT], MODEL_CONFIG));
  assert.match(note ?? '', /^2 of 3 layers left out/);
  assert.match(note ?? '', /"application\/vnd\.cncf\.model\.weight\.v1\.raw".*mode archive/);
});

test('whoever unpacks is told', async () => {
  const { manifest, blobs } = artifact([DOC, WEIGHTS], MODEL_CONFIG);
  const notes: string[] = [];
  const input = { manifest, options: DEFAULT_OPTIONS, limits: DEFAULT_LIMITS, prefixBytes: 0 };
  const openBlob = async ({ digest }: { digest: string }) => Readable.from([blobs.get(digest)]);
  await unpack({ ...input, onNote: (note) => notes.push(note) }, { openBlob, staging: stageInMemory() });
  assert.deepEqual(notes, [noteOf({ manifest, blobs })]);
});

test('a layer without a title is told beside files that have one', () => {
  assert.match(noteOf(artifact([titled(TEXT, 'a.txt'), WEIGHTS], MODEL_CONFIG)) ?? '', /^1 of 2 layers/);
});

test('the type that a note names forges no line', () => {
  const hostile = blob('a/b\nlandfall: all is well');
  assert.doesNotMatch(noteOf(artifact([DOC, hostile], MODEL_CONFIG)) ?? '', /\n/);
});
