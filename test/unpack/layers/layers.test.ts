import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DOCKER_CONFIG,
  DOCKER_LAYER_GZIP,
  FLUX_CONFIG,
  FLUX_CONTENT,
  HELM_CHART,
  HELM_CHART_LEGACY,
  HELM_CONFIG,
  HELM_PROVENANCE,
  OCI_CONFIG,
  OCI_EMPTY,
  OCI_LAYER,
  OCI_LAYER_ZSTD,
} from '../../../shared/oci/media-types.ts';
import { TIMONI_CONTENT } from '../../../shared/unpack/layer/layer-kinds.ts';
import type { UnpackOptions } from '../../../shared/unpack/unpack-options.ts';
import { directory, file, gzip, tar, zstd } from '../../support/artifacts/tar-builder.ts';
import {
  artifact,
  blob,
  layer,
  type TestArtifact,
  type TestLayer,
  titled,
  unpackArtifact,
} from '../../support/artifacts/unpack-artifact.ts';

const chart = layer([file('podinfo/Chart.yaml', 'name: podinfo')], HELM_CHART);
const provenance = blob(HELM_PROVENANCE, '-----BEGIN PGP SIGNED MESSAGE-----');
const ONE = [file('a', '1')];
const TWO = [file('b', '2')];
const COSIGN = 'application/vnd.dev.cosign.simplesigning.v1+json';

interface Format {
  readonly what: string;
  readonly of: TestArtifact;
  readonly options?: Partial<UnpackOptions>;
  readonly files: Readonly<Record<string, string>>;
}

const FIRST = { layers: { first: true } } as const;

const FORMATS: readonly Format[] = [
  {
    what: 'the first layer alone, where that is asked for',
    of: artifact([layer(ONE, FLUX_CONTENT), layer(TWO, FLUX_CONTENT)], FLUX_CONFIG),
    options: FIRST,
    files: { a: '1' },
  },
  {
    what: 'the first layer of a type, whatever stands before it',
    of: artifact([provenance, chart, layer(TWO, HELM_CHART)], HELM_CONFIG),
    options: { layers: { mediaType: HELM_CHART, first: true } },
    files: { 'podinfo/Chart.yaml': 'name: podinfo' },
  },
  {
    what: 'the first layer of an image as Flux reads it: what is a whiteout elsewhere is a file',
    of: artifact(
      [layer([file('.wh.a', ''), file('b', '2')], DOCKER_LAYER_GZIP), layer(ONE, DOCKER_LAYER_GZIP)],
      OCI_CONFIG,
    ),
    options: FIRST,
    files: { '.wh.a': '', b: '2' },
  },
  {
    what: 'the first layer that is content, where a chart’s provenance stands before it',
    of: artifact([provenance, layer(ONE, HELM_CHART)], HELM_CONFIG),
    options: FIRST,
    files: { a: '1' },
  },
  {
    what: 'the first of titled layers as the tar that it is',
    of: artifact(
      [titled(layer(ONE), 'charts', true), titled(blob('text/plain', 'free'), 'LICENSE')],
      OCI_EMPTY,
    ),
    options: FIRST,
    files: { a: '1' },
  },
  {
    what: 'a Flux artifact, with its "." entry',
    of: artifact(
      [layer([directory('.'), directory('sub'), file('sub/a.yaml', 'a: 1')], FLUX_CONTENT)],
      FLUX_CONFIG,
    ),
    files: { 'sub/a.yaml': 'a: 1' },
  },
  {
    what: 'a kluctl artifact: the same with another layer’s type ahead',
    of: artifact([blob('application/vnd.acme.note'), layer(ONE, FLUX_CONTENT)], FLUX_CONFIG),
    files: { a: '1' },
  },
  {
    what: 'a Helm chart',
    of: artifact([chart], HELM_CONFIG),
    files: { 'podinfo/Chart.yaml': 'name: podinfo' },
  },
  {
    what: 'a signed Helm chart, provenance last',
    of: artifact([chart, provenance], HELM_CONFIG),
    files: { 'podinfo/Chart.yaml': 'name: podinfo' },
  },
  {
    what: 'a signed Helm chart, provenance first',
    of: artifact([provenance, chart], HELM_CONFIG),
    files: { 'podinfo/Chart.yaml': 'name: podinfo' },
  },
  {
    what: 'a legacy Helm chart',
    of: artifact([provenance, layer(ONE, HELM_CHART_LEGACY)], HELM_CONFIG),
    files: { a: '1' },
  },
  {
    what: 'a legacy Helm chart where the type that charts have now is asked for, as for a HelmRelease',
    of: artifact([provenance, layer(ONE, HELM_CHART_LEGACY)], HELM_CONFIG),
    options: { layers: { mediaType: HELM_CHART } },
    files: { a: '1' },
  },
  {
    what: 'the chart and no other tar, where both types are there',
    of: artifact([layer(ONE, HELM_CHART_LEGACY), chart], HELM_CONFIG),
    options: { layers: { mediaType: HELM_CHART } },
    files: { 'podinfo/Chart.yaml': 'name: podinfo' },
  },
  {
    what: 'a Timoni module of several layers',
    of: artifact(
      [
        layer([file('cue.mod/module.cue', 'm')], TIMONI_CONTENT),
        layer([file('timoni.cue', 't')], TIMONI_CONTENT),
      ],
      'application/vnd.timoni.config.v1+json',
    ),
    files: { 'cue.mod/module.cue': 'm', 'timoni.cue': 't' },
  },
  {
    what: 'an OCI image',
    of: artifact([layer(ONE), layer([file('.wh.a', ''), ...TWO])]),
    files: { b: '2' },
  },
  {
    what: 'a Docker image',
    of: artifact(
      [layer(ONE, DOCKER_LAYER_GZIP), layer([file('.wh.a', ''), ...TWO], DOCKER_LAYER_GZIP)],
      DOCKER_CONFIG,
    ),
    files: { b: '2' },
  },
  {
    what: 'an imgpkg bundle',
    of: artifact(
      [layer([file('.imgpkg/images.yml', 'i'), file('c.yml', 'c')], DOCKER_LAYER_GZIP)],
      DOCKER_CONFIG,
    ),
    files: { '.imgpkg/images.yml': 'i', 'c.yml': 'c' },
  },
  {
    what: 'a zstd layer and a plain tar',
    of: artifact([
      { mediaType: OCI_LAYER_ZSTD, bytes: zstd(tar(...ONE)) },
      { mediaType: OCI_LAYER, bytes: tar(...TWO) },
    ]),
    files: { a: '1', b: '2' },
  },
  {
    what: 'ORAS files, under their titles, whatever their media type',
    of: artifact(
      [titled(blob('text/plain', 'hi'), 'docs/a.txt'), titled(blob(OCI_LAYER, 'not a tar'), './b.bin')],
      OCI_EMPTY,
    ),
    files: { 'b.bin': 'not a tar', 'docs/a.txt': 'hi' },
  },
  {
    what: 'an ORAS folder beside a file, and not a layer without title',
    of: artifact(
      [
        titled(layer([directory('dist'), file('dist/a', '1')]), 'dist/', true),
        titled(blob('text/plain', 'hi'), 'README'),
        blob('application/json', '{}'),
      ],
      OCI_EMPTY,
    ),
    files: { README: 'hi', 'dist/a': '1' },
  },
  {
    what: 'an ORAS folder that is gzip under a media type of its own',
    of: artifact(
      [titled({ mediaType: 'application/vnd.acme', bytes: gzip(tar(file('d/a', '1'))) }, 'd', true)],
      OCI_EMPTY,
    ),
    files: { 'd/a': '1' },
  },
  {
    what: 'ORAS folders that are gzip though they say plain tar',
    of: artifact(
      [
        titled({ mediaType: OCI_LAYER, bytes: gzip(tar(file('d/a', '1'))) }, 'd', true),
        titled({ mediaType: OCI_LAYER, bytes: gzip(tar(...TWO)) }, '.', true),
      ],
      OCI_EMPTY,
    ),
    files: { b: '2', 'd/a': '1' },
  },
  {
    what: 'ORAS’s working folder, titled "."',
    of: artifact([titled(layer(ONE), '.', true)], OCI_EMPTY),
    files: { a: '1' },
  },
  {
    what: 'two ORAS files of one title and one content: once',
    of: artifact([titled(blob('text/plain', 'a'), 'a'), titled(blob('text/plain', 'a'), './a')], OCI_EMPTY),
    files: { a: 'a' },
  },
  {
    what: 'an image with a title on one layer: the image',
    of: artifact([titled(layer(ONE), 'x'), layer(TWO)]),
    files: { a: '1', b: '2' },
  },
  {
    what: 'ORAS files pushed with an image’s config',
    of: artifact([titled(blob('text/plain', 'hi'), 'a'), titled(blob('text/plain', 'ho'), 'b')], OCI_CONFIG),
    files: { a: 'hi', b: 'ho' },
  },
  {
    what: 'the tar among signatures and bills of materials',
    of: artifact(
      [blob(COSIGN), blob('application/spdx+json'), layer(ONE, 'application/vnd.acme.bundle.v1.tar+gzip')],
      'application/vnd.acme.config.v1+json',
    ),
    files: { a: '1' },
  },
  {
    what: 'every layer of a media type',
    of: artifact([
      layer(ONE, FLUX_CONTENT),
      layer(TWO, 'application/x-tgz'),
      layer([file('c', '3')], 'application/x-tgz'),
    ]),
    options: { layers: { mediaType: 'application/x-tgz' } },
    files: { b: '2', c: '3' },
  },
  {
    what: 'every tar where all are asked for, those of other kinds too',
    of: artifact([chart, blob(COSIGN), layer(TWO)], HELM_CONFIG),
    options: { layers: 'all' },
    files: { b: '2', 'podinfo/Chart.yaml': 'name: podinfo' },
  },
  {
    what: 'an empty tar',
    of: artifact([layer([], FLUX_CONTENT)], FLUX_CONFIG),
    files: {},
  },
];

for (const { what, of, options = {}, files } of FORMATS) {
  test(`unpacks ${what}`, async () => {
    const { texts, layers } = await unpackArtifact(of, { options });
    assert.deepEqual(texts, files);
    for (const { digest } of layers) assert.ok(of.blobs.has(digest));
  });
}

const ARCHIVES: readonly (readonly [TestLayer[], names: string[], Partial<UnpackOptions>?])[] = [
  [[chart, provenance], ['layer.tar.gz']],
  [[{ mediaType: OCI_LAYER_ZSTD, bytes: zstd(tar(...ONE)) }], ['layer.tar.zst']],
  [[{ mediaType: OCI_LAYER, bytes: tar(...ONE) }], ['layer.tar']],
  [[blob('application/vnd.wasm.content.layer.v1+wasm')], ['layer.bin']],
  [
    [layer(ONE), { mediaType: OCI_LAYER, bytes: tar(...TWO) }],
    ['layer-0.tar.gz', 'layer-1.tar'],
  ],
  [[chart, provenance], ['layer.bin'], { layers: { mediaType: HELM_PROVENANCE } }],
];

for (const [layers, names, options] of ARCHIVES) {
  test(`hands on the layer as it is: ${names.join(', ')}`, async () => {
    const { files, staging } = await unpackArtifact(artifact(layers), {
      options: { mode: 'archive', ignore: '*', ...options },
    });
    assert.deepEqual(
      files.map(({ path }) => path),
      names,
    );
    const selection = options?.layers;
    const types = typeof selection === 'object' && 'mediaType' in selection ? [selection.mediaType] : [];
    const first = layers.find(({ mediaType }) => types.length === 0 || types.includes(mediaType));
    assert.ok(first && staging.files.get(names[0] ?? '')?.bytes.equals(first.bytes));
  });
}

test('mode none reads no layer', async () => {
  const of = { ...artifact([layer(ONE)]), blobs: new Map<string, Buffer>() };
  const { files, layers, size } = await unpackArtifact(of, { options: { mode: 'none' } });
  assert.deepEqual({ files, layers, size }, { files: [], layers: [], size: 0 });
});
