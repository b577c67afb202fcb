import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../../shared/errors.ts';
import { DEFAULT_LIMITS, LAYERS } from '../../../shared/limits.ts';
import {
  DOCKER_LAYER_GZIP,
  HELM_CHART,
  HELM_CHART_LEGACY,
  OCI_CONFIG,
  OCI_EMPTY,
  OCI_LAYER,
  OCI_LAYER_GZIP,
  OCI_LAYER_ZSTD,
} from '../../../shared/oci/media-types.ts';
import { tarKindOf } from '../../../shared/unpack/layer/layer-kinds.ts';
import { planLayers } from '../../../shared/unpack/layer/select-layers.ts';
import { unpack } from '../../../shared/unpack/unpack.ts';
import type { UnpackOptions } from '../../../shared/unpack/unpack-options.ts';
import { file } from '../../support/artifacts/tar-builder.ts';
import {
  artifact,
  blob,
  DEFAULT_OPTIONS,
  layer,
  refusal,
  type TestArtifact,
  type TestLayer,
  titled,
  unpackArtifact,
} from '../../support/artifacts/unpack-artifact.ts';
import { stageInMemory } from '../../support/stores/memory-staging.ts';

const chart = layer([file('podinfo/Chart.yaml', 'name: podinfo')], HELM_CHART);
const ONE = [file('a', '1')];
const TWO = [file('b', '2')];
const COSIGN = 'application/vnd.dev.cosign.simplesigning.v1+json';

const NO_LAYERS: readonly (readonly [
  what: string,
  of: TestArtifact,
  said: RegExp,
  options?: Partial<UnpackOptions>,
])[] = [
  ['no layers at all', artifact([], OCI_EMPTY), /no layers/],
  ['a signature', artifact([blob(COSIGN)]), /cosign.*\n?.*/],
  ['an empty layer', artifact([blob(OCI_EMPTY, '{}')], OCI_EMPTY), /empty/],
  ['a WASM module', artifact([blob('application/wasm')], OCI_EMPTY), /application\/wasm/],
  [
    'another media type',
    artifact([layer(ONE), chart]),
    /"application\/x\+y".*image\.layer.*helm/,
    { layers: { mediaType: 'application/x+y' } },
  ],
  [
    'a media type that is no tar',
    artifact([blob('text/plain')]),
    /media type without content/,
    { layers: { mediaType: 'text/plain' } },
  ],
  ['all, and no tar', artifact([blob('text/plain')]), /"text\/plain"/, { layers: 'all' }],
  [
    'a chart, and a tar of what is none',
    artifact([layer(ONE, HELM_CHART_LEGACY)], OCI_EMPTY),
    /"application\/tar\+gzip"/,
    { layers: { mediaType: HELM_CHART } },
  ],
];

for (const [what, of, said, options = {}] of NO_LAYERS) {
  test(`says what is there when there is nothing to unpack: ${what}`, async () => {
    const error = await refusal(unpackArtifact(of, { options }));
    assert.equal(error.code, 'LAYER_NOT_FOUND', error.message);
    assert.match(error.message, said);
    assert.ok(error.hint);
  });
}

test('says of a signature that it is one', async () => {
  const error = await refusal(unpackArtifact(artifact([blob(COSIGN)])));
  assert.match(error.hint ?? '', /signature/);
});

const HOSTILE: readonly (readonly [what: string, code: ErrorCode, layers: TestLayer[], config?: string])[] = [
  ['a title that leaves', 'PATH_REFUSED', [titled(blob('text/plain'), '../evil')]],
  ['an absolute title', 'PATH_REFUSED', [titled(blob('text/plain'), '/etc/passwd')]],
  ['a title with a backslash', 'PATH_REFUSED', [titled(blob('text/plain'), '..\\evil')]],
  ['a file titled "."', 'PATH_REFUSED', [titled(blob('text/plain'), '.')]],
  ['a folder titled ".."', 'PATH_REFUSED', [titled(layer(ONE), '..', true)]],
  ['a folder titled "/"', 'PATH_REFUSED', [titled(layer(ONE), '/', true)]],
  ['an entry outside its titled folder', 'ENTRY_REFUSED', [titled(layer([file('dist2/a')]), 'dist', true)]],
  ['a file in place of its titled folder', 'ENTRY_REFUSED', [titled(layer([file('dist')]), 'dist', true)]],
  [
    'a file titled like another’s folder',
    'ENTRY_REFUSED',
    [titled(blob('text/plain'), 'a'), titled(blob('text/plain'), 'a/b')],
  ],
  [
    'a layer that is not in the registry',
    'MEDIA_TYPE_UNSUPPORTED',
    [layer(ONE, 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'), layer(TWO)],
    OCI_CONFIG,
  ],
  [
    'a non-distributable layer',
    'MEDIA_TYPE_UNSUPPORTED',
    [layer(ONE, 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip')],
    OCI_CONFIG,
  ],
  [
    'an encrypted layer',
    'MEDIA_TYPE_UNSUPPORTED',
    [layer(TWO), layer(ONE, `${OCI_LAYER_GZIP}+encrypted`)],
    OCI_CONFIG,
  ],
];

for (const [what, code, layers, config = OCI_EMPTY] of HOSTILE) {
  test(`refuses ${what}`, async () => {
    const error = await refusal(unpackArtifact(artifact(layers, config)));
    assert.equal(error.code, code, error.message);
  });
}

test('says of an entry outside its titled folder how to push it, and not that it was there twice', async () => {
  const { hint } = await refusal(
    unpackArtifact(artifact([titled(layer([file('dist2/a')]), 'dist', true)], OCI_EMPTY)),
  );
  assert.match(hint ?? '', /^Push the folder by oras, which packs it under its title/);
});

test(`takes ${LAYERS} layers and not one more`, () => {
  const { manifest } = artifact([layer(ONE)]);
  const [only] = manifest.layers;
  assert.ok(only);
  const many = (count: number) => ({ ...manifest, layers: Array.from({ length: count }, () => only) });
  assert.equal(planLayers(many(LAYERS), DEFAULT_OPTIONS).length, LAYERS);
  assert.throws(() => planLayers(many(LAYERS + 1), DEFAULT_OPTIONS), { code: 'MANIFEST_INVALID' });
});

test('media types say which layers are tars', () => {
  const kinds: Readonly<Record<string, string | undefined>> = {
    [OCI_LAYER]: 'tar',
    [OCI_LAYER_GZIP]: 'tar.gz',
    [OCI_LAYER_ZSTD]: 'tar.zst',
    [DOCKER_LAYER_GZIP]: 'tar.gz',
    'application/vnd.docker.image.rootfs.diff.tar': 'tar',
    'application/vnd.docker.image.rootfs.diff.tar.zstd': 'tar.zst',
    [HELM_CHART_LEGACY]: 'tar.gz',
    'application/x-tar': 'tar',
    'application/tar': 'tar',
    'application/x-tgz': 'tar.gz',
    'application/gzip': 'tar.gz',
    // https://github.com/falcosecurity/falcoctl/blob/main/pkg/oci/constants.go, and what the pages of ORAS push a folder as
    'application/vnd.cncf.falco.rulesfile.layer.v1+tar.gz': 'tar.gz',
    'application/vnd.acme.rocket.docs.layer.v1+tar': 'tar',
    'application/vnd.acme.docs.v1+tar.zst': 'tar.zst',
    'APPLICATION/TAR+GZIP; charset=binary': 'tar.gz',
    'application/vnd.acme.guitar': undefined,
    'application/vnd.acme+gzip': undefined,
    'application/json': undefined,
    'application/zip': undefined,
    '': undefined,
  };
  for (const [type, kind] of Object.entries(kinds)) assert.equal(tarKindOf(type), kind, type);
});

test('two ORAS layers of one title and different content are refused before anything is asked for', async () => {
  const files = artifact(
    [titled(blob('text/plain', 'old'), 'a'), titled(blob('text/plain', 'new'), './a')],
    OCI_EMPTY,
  );
  const folders = artifact(
    [titled(layer([file('d/a', '1')]), 'd', true), titled(layer([file('d/b', '2')]), 'd/', true)],
    OCI_EMPTY,
  );
  for (const { manifest } of [files, folders]) {
    const attempt = unpack(
      { manifest, options: DEFAULT_OPTIONS, limits: DEFAULT_LIMITS, prefixBytes: 0 },
      { openBlob: () => assert.fail('a blob was asked for'), staging: stageInMemory() },
    );
    const error = await refusal(attempt);
    assert.equal(error.code, 'ENTRY_REFUSED');
    assert.match(error.message, /have one title/);
  }
});

test('a title that is the folder of another is refused before anything is asked for, whichever comes first', async () => {
  const below = titled(blob('text/plain', '1'), './a/b/c');
  const packed = titled(layer([file('a/b/c', '1')]), 'a/b', true);
  for (const other of [below, packed])
    for (const layers of [
      [titled(blob('text/plain', '2'), 'a'), other],
      [other, titled(blob('text/plain', '2'), 'a')],
    ]) {
      const attempt = unpack(
        {
          manifest: artifact(layers, OCI_EMPTY).manifest,
          options: DEFAULT_OPTIONS,
          limits: DEFAULT_LIMITS,
          prefixBytes: 0,
        },
        { openBlob: () => assert.fail('a blob was asked for'), staging: stageInMemory() },
      );
      const error = await refusal(attempt);
      assert.equal(error.code, 'ENTRY_REFUSED');
      assert.match(error.message, /title "a" is a file above "a\/b/);
    }
});
