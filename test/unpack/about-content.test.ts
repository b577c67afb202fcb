import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { digestOf } from '../../shared/oci/digest.ts';
import { type ImageManifest, parseManifest } from '../../shared/oci/manifest.ts';
import {
  FLUX_CONTENT,
  OCI_CONFIG,
  OCI_EMPTY,
  OCI_LAYER_GZIP,
  OCI_MANIFEST,
} from '../../shared/oci/media-types.ts';
import { aboutKindOf } from '../../shared/unpack/layer/layer-kinds.ts';
import { planLayers } from '../../shared/unpack/layer/select-layers.ts';
import { file, gzip, tar } from '../support/artifacts/tar-builder.ts';
import {
  artifact,
  blob,
  DEFAULT_OPTIONS,
  layer,
  refusal,
  type TestLayer,
  titled,
  unpackArtifact,
} from '../support/artifacts/unpack-artifact.ts';

/** Media types as their makers write them. */
const KINDS: readonly (readonly [mediaType: string, kind: string | undefined])[] = [
  ['application/vnd.dev.cosign.simplesigning.v1+json', 'a signature'],
  ['application/vnd.dev.sigstore.bundle.v0.3+json', 'a signature'],
  ['application/vnd.cncf.notary.signature', 'a signature'],
  ['application/jose+json', 'a signature'],
  ['application/cose', 'a signature'],
  ['application/pgp-signature', 'a signature'],
  ['application/vnd.cncf.helm.chart.provenance.v1.prov', 'a signature'],
  ['application/vnd.in-toto+json', 'an attestation'],
  ['application/vnd.dsse.envelope.v1+json', 'an attestation'],
  ['application/vnd.in-toto.provenance+dsse', 'an attestation'],
  ['application/spdx+json', 'a bill of materials'],
  ['text/spdx', 'a bill of materials'],
  ['text/spdx+json', 'a bill of materials'],
  ['application/vnd.cyclonedx+json', 'a bill of materials'],
  ['application/vnd.cyclonedx+xml; charset=utf-8', 'a bill of materials'],
  ['application/vnd.syft+json', 'a bill of materials'],
  ['application/vnd.dhi.sbom.v1.tar+gzip', 'a bill of materials'],
  ['application/sarif+json', 'a report'],
  ['application/vnd.openvex+json', 'a report'],
  ['application/json', undefined],
  ['text/plain', undefined],
  ['application/vnd.acme.sbomber.v1.tar+gzip', undefined],
  ['application/vnd.acme.signatures-of-fish', undefined],
  [OCI_LAYER_GZIP, undefined],
  [FLUX_CONTENT, undefined],
];

for (const [mediaType, kind] of KINDS) {
  test(`${mediaType} is ${kind ?? 'content'}`, () => assert.equal(aboutKindOf(mediaType), kind));
}

const spdx = titled(blob('application/spdx+json', '{}'), 'sbom.json');
const cosign = titled(blob('application/vnd.dev.cosign.simplesigning.v1+json', '{}'), 'payload.json');
const note = titled(blob('text/plain', 'hi'), 'note.txt');
const ONE = layer([file('a', '1')]);

test('titles do not make content of what is about it', async () => {
  const { texts } = await unpackArtifact(artifact([spdx, note, cosign], OCI_EMPTY));
  assert.deepEqual(texts, { 'note.txt': 'hi' });
});

test('a bill of materials that is asked for by its type is a file', async () => {
  const options = { layers: { mediaType: 'application/spdx+json' } };
  assert.deepEqual((await unpackArtifact(artifact([spdx, note], OCI_EMPTY), { options })).texts, {
    'sbom.json': '{}',
  });
});

function withSubject(layers: readonly TestLayer[]): ImageManifest {
  const { manifest } = artifact(layers, OCI_EMPTY);
  const document = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: manifest.config,
    layers: manifest.layers,
    subject: { mediaType: OCI_MANIFEST, digest: digestOf('of'), size: 2 },
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const parsed = parseManifest(bytes, digestOf(bytes));
  assert.ok(parsed.kind === 'manifest');
  return parsed;
}

const HINTS: readonly (readonly [what: string, layers: readonly TestLayer[], hint: RegExp, not?: RegExp])[] =
  [
    [
      'a bill of materials that ORAS attached',
      [spdx],
      /This is a bill of materials\. Point ref at sha256:/,
      /signature/,
    ],
    ['a signature of cosign', [cosign], /This is a signature\. Point ref at sha256:/],
    ['an attestation', [blob('application/vnd.in-toto+json')], /This is an attestation/],
    [
      'nothing, as oras push --artifact-type alone makes',
      [blob(OCI_EMPTY, '{}')],
      /Nothing was pushed/,
      /signature/,
    ],
    ['no layers', [], /Nothing was pushed/],
    ['a file without a title', [blob('application/json')], /--mode archive/, /signature/],
    [
      'a signature beside a file without a title',
      [cosign, blob('application/json')],
      /mediaType: … } to one/,
      /This is/,
    ],
  ];

describe('where nothing is content the next step fits', () => {
  for (const [what, layers, hint, not] of HINTS) {
    test(what, () => {
      assert.throws(
        () => planLayers(withSubject(layers), DEFAULT_OPTIONS),
        (error: { code: string; hint: string }) => {
          assert.equal(error.code, 'LAYER_NOT_FOUND');
          assert.match(error.hint, hint);
          if (not !== undefined) assert.doesNotMatch(error.hint, not);
          return true;
        },
      );
    });
  }
});

test('without a subject a signature names the artifact it is about', async () => {
  const error = await refusal(unpackArtifact(artifact([cosign], OCI_EMPTY)));
  assert.match(error.hint ?? '', /Point ref at the artifact it is about/);
});

test('a file whose title ends in / is a file of that name, as oras pull writes it', async () => {
  const charts = {
    mediaType: 'application/vnd.unknown.layer.v1+txt',
    bytes: gzip(tar(file('charts/a', '1'))),
  };
  const { files } = await unpackArtifact(artifact([titled(charts, 'charts/')], OCI_EMPTY));
  assert.deepEqual(
    files.map(({ path }) => path),
    ['charts'],
  );
});

const FOREIGN = blob('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip');

/** What nobody reads need not be readable. */
const UNREAD: readonly (readonly [what: string, layers: readonly TestLayer[], files: readonly string[]])[] = [
  ['a foreign layer beside Flux’s content', [FOREIGN, layer([file('a', '1')], FLUX_CONTENT)], ['a']],
  ['a foreign layer beside ORAS’s files', [FOREIGN, note], ['note.txt']],
  ['an encrypted bill of materials', [blob('application/vnd.acme.sbom.v1.tar+encrypted'), ONE], ['a']],
];
for (const [what, layers, paths] of UNREAD) {
  test(`${what} is in nobody’s way`, async () => {
    const { files } = await unpackArtifact(artifact(layers, OCI_EMPTY));
    assert.deepEqual(
      files.map(({ path }) => path),
      paths,
    );
  });
}

test('a foreign layer of an image is refused, with and without urls, and never followed', async () => {
  for (const urls of [undefined, ['http://169.254.169.254/latest']]) {
    const { manifest } = artifact([FOREIGN, ONE], OCI_CONFIG);
    const text = JSON.stringify({
      ...document(manifest),
      layers: manifest.layers.map((each) => ({ ...each, urls })),
    });
    const parsed = parseManifest(Buffer.from(text), digestOf(text));
    assert.ok(parsed.kind === 'manifest');
    assert.throws(() => planLayers(parsed, DEFAULT_OPTIONS), { code: 'MEDIA_TYPE_UNSUPPORTED' });
  }
});

test('urls of a layer that is in the registry are not looked at', async () => {
  const of = artifact([ONE], OCI_CONFIG);
  const layers = of.manifest.layers.map((each) => ({ ...each, urls: ['http://evil.example/'] }));
  const text = JSON.stringify({ ...document(of.manifest), layers });
  const parsed = parseManifest(Buffer.from(text), digestOf(text));
  assert.ok(parsed.kind === 'manifest');
  assert.deepEqual((await unpackArtifact({ ...of, manifest: parsed })).texts, { a: '1' });
});

test('a layer of an algorithm that is not ours is refused where it is read, and only there', () => {
  const { manifest } = artifact([layer([file('a', '1')], FLUX_CONTENT), blob('text/plain')], OCI_EMPTY);
  const [content, other] = manifest.layers;
  assert.ok(content && other);
  const blake3 = `blake3:${'a'.repeat(64)}`;
  const unread = { ...manifest, layers: [content, { ...other, digest: blake3 }] };
  assert.equal(planLayers(unread, DEFAULT_OPTIONS).length, 1);
  const read = { ...manifest, layers: [{ ...content, digest: blake3 }, other] };
  for (const mode of ['files', 'archive'] as const)
    assert.throws(() => planLayers(read, { ...DEFAULT_OPTIONS, mode }), {
      code: 'DIGEST_INVALID',
      message: /blake3/,
      hint: /^Push it with sha256/,
    });
});

const document = ({ config, layers }: ImageManifest): object => ({
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  config,
  layers,
});
