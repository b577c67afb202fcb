import assert from 'node:assert/strict';
import { digestOf } from '../../../shared/oci/digest.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { planLayers } from '../../../shared/unpack/layer/select-layers.ts';
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const DIGEST = `sha256:${'5e'.repeat(32)}`;
const described = (mediaType: string, more: object = {}) => ({ mediaType, digest: DIGEST, size: 2, ...more });

const MANIFEST = {
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  artifactType: 'application/vnd.example',
  config: described(OCI_CONFIG),
  layers: [described(OCI_LAYER_GZIP, { annotations: { 'org.opencontainers.image.title': 'a/b.yaml' } })],
  subject: described(OCI_MANIFEST),
  annotations: { 'org.opencontainers.image.revision': '6.9.2' },
};
const INDEX = {
  schemaVersion: 2,
  mediaType: OCI_INDEX,
  manifests: [described(OCI_MANIFEST, { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } })],
};

const CODES = ['MANIFEST_INVALID', 'MEDIA_TYPE_UNSUPPORTED', 'DIGEST_INVALID'] as const;

/** Manifests and indexes: what is taken says the same written anew, and the files of its plan stay inside the root. */
export const target: FuzzTarget = {
  name: 'manifest',
  form: 'json',
  seeds: [JSON.stringify(MANIFEST), JSON.stringify(INDEX)],
  words: [
    '"Layers":',
    '"mediaType":null,',
    '"urls":[],',
    '../x',
    '/',
    'sha512:',
    '5.0',
    '1e3',
    '-0',
    '\ud800',
    '\\u0000',
    '{',
    '[',
    'ſ',
  ],
  judge: (input) => {
    const manifest = taken(() => parseManifest(input, digestOf(input)), ...CODES);
    if (manifest === undefined) return false;
    const again = Buffer.from(JSON.stringify(JSON.parse(input.toString())));
    assert.deepEqual(parseManifest(again, digestOf(again)), manifest);
    if (manifest.kind === 'index') return true;
    for (const { size } of [manifest.config, ...manifest.layers])
      assert.ok(Number.isSafeInteger(size) && size >= 0, `${size}`);
    const options = { mode: 'files', layers: 'auto' } as const;
    const plan = taken(() => planLayers(manifest, options), ...CODES, 'LAYER_NOT_FOUND', 'PATH_REFUSED');
    for (const step of plan ?? [])
      for (const path of Object.values(step).filter((value) => typeof value === 'string'))
        assert.doesNotMatch(path, /^\/|(?:^|\/)\.{1,2}(?:\/|$)|\p{Cc}/u);
    return true;
  },
  hostile: [
    ['4 MiB of brackets', () => Buffer.from('['.repeat(2 << 20) + ']'.repeat(2 << 20))],
    [
      '4 MiB of layers',
      () => Buffer.from(JSON.stringify({ ...MANIFEST, layers: Array(14_000).fill(MANIFEST.layers[0]) })),
    ],
    [
      '4 MiB of annotations',
      () => Buffer.from(JSON.stringify({ ...MANIFEST, annotations: manyKeys(150_000) })),
    ],
    ['4 MiB of backslashes', () => Buffer.from(`{"${'\\\\'.repeat(2 << 20)}":1}`)],
    ['4 MiB of blanks', () => Buffer.from(`{${' '.repeat(4 << 20)}}`)],
    ['escaped quotes', () => Buffer.from(`{"${'\\"'.repeat(2 << 20)}":1}`)],
  ],
};

const manyKeys = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`key-${at}`, `value-${at}`]));
