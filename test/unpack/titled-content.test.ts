import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../shared/errors.ts';
import {
  FLUX_CONFIG,
  FLUX_CONTENT,
  HELM_CHART,
  HELM_CONFIG,
  HELM_PROVENANCE,
} from '../../shared/oci/media-types.ts';
import { TIMONI_CONTENT } from '../../shared/unpack/layer/layer-kinds.ts';
import type { UnpackOptions } from '../../shared/unpack/unpack-options.ts';
import { directory, file } from '../support/artifacts/tar-builder.ts';
import {
  artifact,
  blob,
  layer,
  refusal,
  type TestArtifact,
  type TestLayer,
  titled,
  unpackArtifact,
} from '../support/artifacts/unpack-artifact.ts';

// `oras push` titles every file, and is how charts and content get where `helm push` and `flux push` cannot put them:
// into a repository of another name than the chart's. Helm, Flux and Timoni look at the media type alone.

const chart = layer([file('podinfo/Chart.yaml', 'name: podinfo')], HELM_CHART);
const provenance = blob(HELM_PROVENANCE, '-----BEGIN PGP SIGNED MESSAGE-----');
const README = titled(blob('text/plain', 'hi'), 'README');
const content = (mediaType: string): TestLayer => titled(layer([file('a', '1')], mediaType), './content.tgz');

const UNPACKED: readonly (readonly [
  what: string,
  of: TestArtifact,
  files: Readonly<Record<string, string>>,
  options?: Partial<UnpackOptions>,
])[] = [
  [
    'a chart beside its provenance',
    artifact([titled(chart, 'podinfo-6.9.0.tgz'), titled(provenance, 'podinfo-6.9.0.tgz.prov')], HELM_CONFIG),
    { 'podinfo/Chart.yaml': 'name: podinfo' },
  ],
  ['Flux’s content', artifact([content(FLUX_CONTENT)], FLUX_CONFIG), { a: '1' }],
  ['Flux’s content beside a file', artifact([content(FLUX_CONTENT), README]), { a: '1' }],
  ['a Timoni module', artifact([content(TIMONI_CONTENT)]), { a: '1' }],
  [
    'content that is chosen by its type',
    artifact([content(FLUX_CONTENT), README]),
    { a: '1' },
    { layers: { mediaType: FLUX_CONTENT } },
  ],
  [
    'a folder that ORAS packed as content',
    artifact([titled(layer([directory('d'), file('d/a', '1')], FLUX_CONTENT), 'd', true)]),
    { 'd/a': '1' },
  ],
];
for (const [what, of, files, options] of UNPACKED) {
  test(`what \`oras push\` titled is unpacked all the same: ${what}`, async () => {
    assert.deepEqual((await unpackArtifact(of, { options: options ?? {} })).texts, files);
  });
}

const REFUSED: readonly (readonly [what: string, code: ErrorCode, layers: readonly TestLayer[]])[] = [
  [
    'a chart that is no archive',
    'COMPRESSION_INVALID',
    [titled(blob(HELM_CHART, 'x'.repeat(1024)), 'c-1.tgz')],
  ],
  ['an entry that leaves', 'PATH_REFUSED', [titled(layer([file('../a')], HELM_CHART), 'c-1.tgz')]],
  [
    'an entry outside a packed folder',
    'ENTRY_REFUSED',
    [titled(layer([file('e/a')], FLUX_CONTENT), 'd', true)],
  ],
];
for (const [what, code, layers] of REFUSED) {
  test(`titled content is held to what any archive is: ${what}`, async () => {
    const error = await refusal(unpackArtifact(artifact(layers)));
    assert.equal(error.code, code, error.message);
  });
}
