import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isLandfallError } from '../../shared/errors.ts';
import { MiB } from '../../shared/limits.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  HELM_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../shared/oci/media-types.ts';

const DESCRIPTOR = { mediaType: 'application/octet-stream', digest: digestOf('blob'), size: 4 };
const MANIFEST = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: DESCRIPTOR, layers: [DESCRIPTOR] };
const INDEX = {
  schemaVersion: 2,
  mediaType: OCI_INDEX,
  manifests: [{ ...DESCRIPTOR, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }],
};

function parse(document: unknown, contentType?: string) {
  const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
  return parseManifest(bytes, digestOf(bytes), contentType);
}

const without = (key: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(MANIFEST).filter(([name]) => name !== key));

const annotationsOf = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v']));

const ACCEPTED: readonly (readonly [
  what: string,
  document: unknown,
  contentType: string | undefined,
  mediaType: string,
])[] = [
  ['an OCI manifest', MANIFEST, OCI_MANIFEST, OCI_MANIFEST],
  ['an OCI index', INDEX, OCI_INDEX, OCI_INDEX],
  ['a Docker manifest', { ...MANIFEST, mediaType: DOCKER_MANIFEST }, DOCKER_MANIFEST, DOCKER_MANIFEST],
  ['a Docker list', { ...INDEX, mediaType: DOCKER_LIST }, DOCKER_LIST, DOCKER_LIST],
  [
    "Helm's, which does not say what it is",
    { ...without('mediaType'), config: { ...DESCRIPTOR, mediaType: HELM_CONFIG } },
    OCI_MANIFEST,
    OCI_MANIFEST,
  ],
  ['one that nobody says what it is', without('mediaType'), undefined, OCI_MANIFEST],
  ['an index that nobody says what it is', { schemaVersion: 2, manifests: [] }, undefined, OCI_INDEX],
  ['a charset behind the content type', MANIFEST, `${OCI_MANIFEST}; charset=utf-8`, OCI_MANIFEST],
  ['a neutral content type', MANIFEST, 'application/json', OCI_MANIFEST],
  [
    'unknown properties',
    { ...MANIFEST, future: { deep: [1] }, config: { ...DESCRIPTOR, data: 'e30=' } },
    OCI_MANIFEST,
    OCI_MANIFEST,
  ],
  ['null for what is absent', { ...MANIFEST, annotations: null, subject: null }, OCI_MANIFEST, OCI_MANIFEST],
  ['null in a manifest for an index', { ...MANIFEST, manifests: null }, OCI_MANIFEST, OCI_MANIFEST],
  ['null in an index for a manifest', { ...INDEX, config: null, layers: null }, OCI_INDEX, OCI_INDEX],
  ['null for the layers', { ...MANIFEST, layers: null }, OCI_MANIFEST, OCI_MANIFEST],
  ['no layers', without('layers'), OCI_MANIFEST, OCI_MANIFEST],
  ['null for the manifests', { ...INDEX, manifests: null }, OCI_INDEX, OCI_INDEX],
  ['only null for the manifests', { schemaVersion: 2, manifests: null }, undefined, OCI_INDEX],
  ['null for its media type', { ...MANIFEST, mediaType: null }, undefined, OCI_MANIFEST],
  [
    'null throughout a descriptor',
    {
      ...MANIFEST,
      layers: [
        { ...DESCRIPTOR, urls: null, annotations: null, platform: null, artifactType: null, data: null },
      ],
    },
    OCI_MANIFEST,
    OCI_MANIFEST,
  ],
  ['annotations by the thousand', { ...MANIFEST, annotations: annotationsOf(5000) }, undefined, OCI_MANIFEST],
  [
    'an annotation of 3 MiB',
    { ...MANIFEST, annotations: { k: 'v'.repeat(3 * MiB) } },
    undefined,
    OCI_MANIFEST,
  ],
  [
    'an index annotation of 3 MiB',
    { ...INDEX, annotations: { k: 'v'.repeat(3 * MiB) } },
    undefined,
    OCI_INDEX,
  ],
  ['sent as another type than it says', MANIFEST, OCI_INDEX, OCI_MANIFEST],
  ['sent as a web page', INDEX, 'text/html', OCI_INDEX],
  ['a manifest by its shape, sent as an index', without('mediaType'), OCI_INDEX, OCI_MANIFEST],
  [
    'an index by its shape, sent as a Docker list',
    { ...INDEX, mediaType: undefined },
    DOCKER_LIST,
    DOCKER_LIST,
  ],
  [
    'foreign layers that nobody follows',
    { ...MANIFEST, layers: [{ ...DESCRIPTOR, urls: ['http://169.254.169.254/'] }] },
    undefined,
    OCI_MANIFEST,
  ],
  [
    'a digest of an algorithm that is not ours',
    { ...MANIFEST, layers: [{ ...DESCRIPTOR, digest: `blake3:${'a'.repeat(64)}` }] },
    undefined,
    OCI_MANIFEST,
  ],
  [
    'a media type as long as it likes',
    { ...MANIFEST, layers: [{ ...DESCRIPTOR, mediaType: 'x'.repeat(999) }] },
    undefined,
    OCI_MANIFEST,
  ],
  [
    'free data whose keys look known but for case',
    { ...MANIFEST, annotations: { Layers: 'x', layers: 'y' }, x: { Digest: 1, digest: 1 } },
    undefined,
    OCI_MANIFEST,
  ],
];

const REFUSED: readonly (readonly [
  what: string,
  document: unknown,
  message: RegExp,
  contentType?: string | undefined,
  code?: string,
])[] = [
  ['not JSON', '<html>login</html>', /is not JSON: it starts with "<html>/],
  ['not an object', '[]', /is not a JSON object/],
  [
    'a key that comes twice',
    '{"schemaVersion":2,"layers":[],"layers":[1],"config":{}}',
    /"layers" appears twice/,
  ],
  ['a key that comes twice, escaped', '{"schemaVersion":2,"a":1,"\\u0061":2}', /"a" appears twice/],
  ['a manifest and index in one', { ...MANIFEST, manifests: [] }, /both a manifest and an index/],
  ['an index with layers', { ...MANIFEST, mediaType: OCI_INDEX }, /typed as an index but has layers/],
  [
    'a manifest that lists manifests',
    { ...INDEX, mediaType: OCI_MANIFEST },
    /typed as a manifest but lists manifests/,
  ],
  [
    'a type nobody knows',
    { ...MANIFEST, mediaType: 'text/html' },
    /has media type "text\/html"/,
    undefined,
    'MEDIA_TYPE_UNSUPPORTED',
  ],
  ['a media type that is a number', { ...MANIFEST, mediaType: 5 }, /at mediaType: wanted a string/],
  [
    'schema version 1',
    { schemaVersion: 1, name: 'a/b', tag: '1', fsLayers: [], history: [] },
    /Docker schema 1/,
    undefined,
    'MEDIA_TYPE_UNSUPPORTED',
  ],
  ['schema version 3', { ...MANIFEST, schemaVersion: 3 }, /at schemaVersion/],
  ['null for its config', { ...MANIFEST, config: null }, /at config: wanted an object, got null/],
  ['no config', without('config'), /at config: wanted an object, got nothing/],
  ['layers that are no list', { ...MANIFEST, layers: {} }, /at layers: wanted a list, got \{\}/],
  ['a layer that is null', { ...MANIFEST, layers: [null] }, /at layers\.0: wanted an object, got null/],
  ['a negative size', { ...MANIFEST, layers: [{ ...DESCRIPTOR, size: -1 }] }, /at layers\.0\.size/],
  [
    'a size that is a fraction',
    { ...MANIFEST, layers: [{ ...DESCRIPTOR, size: 1.5 }] },
    /number 1\.5 is not written as a whole number/,
  ],
  ['a size over 2^53', { ...MANIFEST, layers: [{ ...DESCRIPTOR, size: 2 ** 54 }] }, /at layers\.0\.size/],
  ['a size in quotes', { ...MANIFEST, layers: [{ ...DESCRIPTOR, size: '4' }] }, /at layers\.0\.size/],
  [
    'no media type of a layer',
    { ...MANIFEST, layers: [{ ...DESCRIPTOR, mediaType: '' }] },
    /at layers\.0\.mediaType/,
  ],
  [
    'a path as a digest',
    { ...MANIFEST, layers: [{ ...DESCRIPTOR, digest: 'sha256:../..' }] },
    /at layers\.0\.digest: wanted a digest such as sha256:<64 lower-case hex>, got "sha256:\.\.\/\.\."/,
  ],
  [
    'a digest in upper case',
    { ...MANIFEST, config: { ...DESCRIPTOR, digest: `sha256:${'A'.repeat(64)}` } },
    /at config\.digest: wanted a digest/,
  ],
  [
    'a child of an index whose digest is cut',
    { ...INDEX, manifests: [{ ...DESCRIPTOR, digest: `sha256:${'a'.repeat(63)}` }] },
    /at manifests\.0\.digest: wanted a digest/,
  ],
  [
    'urls that are no list',
    { ...MANIFEST, layers: [{ ...DESCRIPTOR, urls: 'http://evil' }] },
    /at layers\.0\.urls: wanted a list of strings/,
  ],
  [
    'a digest that is a path, of an algorithm that is not ours',
    { ...MANIFEST, layers: [{ ...DESCRIPTOR, digest: 'blake3:../../etc' }] },
    /at layers\.0\.digest: wanted a digest/,
  ],
  [
    'an annotation that is a number',
    { ...MANIFEST, annotations: { k: 1 } },
    /at annotations\.k: wanted a string, got 1/,
  ],
  ['annotations that are a list', { ...MANIFEST, annotations: [] }, /at annotations: wanted an object/],
  [
    'a platform whose architecture is a number',
    { ...INDEX, manifests: [{ ...DESCRIPTOR, platform: { os: 'linux', architecture: 64 } }] },
    /platform\.architecture/,
  ],
];

describe('a manifest', () => {
  for (const [what, document, contentType, mediaType] of ACCEPTED) {
    test(`can be ${what}`, () => assert.equal(parse(document, contentType).mediaType, mediaType));
  }
  for (const [what, document, message, contentType, code = 'MANIFEST_INVALID'] of REFUSED) {
    test(`is refused: ${what}`, () => assert.throws(() => parse(document, contentType), { code, message }));
  }

  test('is refused when it is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    assert.throws(() => parseManifest(bytes, digestOf(bytes)), {
      code: 'MANIFEST_INVALID',
      message: /not UTF-8/,
    });
  });

  test('that says null for the value of an annotation has an empty one, as Go reads it', () => {
    assert.deepEqual(parse({ ...MANIFEST, annotations: { k: null } }).annotations, { k: '' });
  });

  test('has no platform where os or architecture is missing, null or empty', () => {
    for (const platform of [
      {},
      { os: 'linux' },
      { os: null, architecture: 'arm64' },
      { os: '', architecture: 'x' },
    ]) {
      const index = parse({ ...INDEX, manifests: [{ ...DESCRIPTOR, platform }] });
      assert.ok(index.kind === 'index');
      assert.equal(index.manifests[0]?.platform, undefined, JSON.stringify(platform));
    }
  });

  test('is refused when it nests deeper than anything honest', () => {
    const deep = `{"schemaVersion":2,"a":${'['.repeat(64)}${']'.repeat(64)}}`;
    assert.throws(() => parse(deep), { code: 'MANIFEST_INVALID', message: /nests deeper than 64/ });
  });

  test('keeps keys such as __proto__ as what they are: annotations', () => {
    const parsed = parse(
      `{"schemaVersion":2,"config":${JSON.stringify(DESCRIPTOR)},"layers":[],"annotations":{"__proto__":"x"}}`,
    );
    assert.deepEqual(Object.entries(parsed.annotations), [['__proto__', 'x']]);
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
  });

  test('of any JSON ends in a manifest or a LandfallError', () => {
    const parts = {
      schemaVersion: fc.constantFrom(2, 1),
      config: fc.oneof(fc.constant(DESCRIPTOR), fc.json()),
      layers: fc.oneof(fc.constant([DESCRIPTOR]), fc.jsonValue()),
      annotations: fc.jsonValue(),
      mediaType: fc.oneof(fc.constant(OCI_MANIFEST), fc.string()),
    };
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.record(parts, { requiredKeys: [] }).map((value) => JSON.stringify(value)),
        ),
        (text) => {
          try {
            parse(text);
          } catch (error) {
            assert.ok(isLandfallError(error), String(error));
          }
        },
      ),
    );
  });
});
