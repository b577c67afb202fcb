import type { EmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import type { FaultEffect } from '../../embedded-registry/faults/fault.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { contentLayer, plantFiles } from '../support/artifacts/sample-artifacts.ts';
import { HOSTILE_TEXT } from '../support/hostile-text.ts';

/** What a header can carry of it. */
const HEADER = 'a\u0085\u009b1m\u00ad\tb';
export const REPOSITORY = 'team/app';
const JSON_TYPE = 'application/json';

interface Way {
  readonly what: string;
  readonly path?: RegExp;
  readonly effect?: FaultEffect;
  readonly plant?: (registry: EmbeddedRegistry) => void;
  /** It is asked again until the time is over, so that few commands ask. */
  readonly isRetried?: true;
}

const says = (status: number, body: string): FaultEffect => ({ kind: 'status', status, body });
const retried = (status: number): Pick<Way, 'isRetried'> =>
  status === 429 || status >= 500 ? { isRetried: true } : {};
const ERRORS = JSON.stringify({
  errors: [{ code: HOSTILE_TEXT, message: HOSTILE_TEXT, detail: HOSTILE_TEXT }],
});

/** An artifact each of whose texts is hostile. */
function plantManifest(registry: EmbeddedRegistry, change: object, type: string = OCI_MANIFEST): void {
  const config = Buffer.from('{}');
  const layer = contentLayer({ a: 'b' });
  for (const bytes of [config, layer]) registry.content.addBlob(REPOSITORY, bytes);
  const manifest = {
    schemaVersion: 2,
    mediaType: type,
    config: { mediaType: 'application/vnd.cncf.flux.config.v1+json', digest: digestOf(config), size: 2 },
    layers: [
      {
        mediaType: 'application/vnd.cncf.flux.content.v1.tar+gzip',
        digest: digestOf(layer),
        size: layer.length,
      },
    ],
    ...change,
  };
  registry.content.addManifest(REPOSITORY, type, Buffer.from(JSON.stringify(manifest)), { tag: '1.0.0' });
}

const NO = `sha256:${'0'.repeat(64)}`;
const descriptor = (more: object): object => ({ mediaType: OCI_MANIFEST, digest: NO, size: 1, ...more });
const MANIFESTS: readonly (readonly [string, object, string?])[] = [
  [
    'annotations',
    {
      annotations: {
        [HOSTILE_TEXT]: HOSTILE_TEXT,
        'org.opencontainers.image.revision': HOSTILE_TEXT,
        'org.opencontainers.image.source': HOSTILE_TEXT,
        'org.opencontainers.image.version': HOSTILE_TEXT,
        'org.opencontainers.image.created': HOSTILE_TEXT,
        'org.opencontainers.image.authors': HOSTILE_TEXT,
      },
    },
  ],
  ['an artifactType', { artifactType: HOSTILE_TEXT }],
  ['a media type', { mediaType: HOSTILE_TEXT }],
  ['a config', { config: { mediaType: HOSTILE_TEXT, digest: HOSTILE_TEXT, size: HOSTILE_TEXT } }],
  ['the media type of a config', { config: descriptor({ mediaType: HOSTILE_TEXT }) }],
  [
    'a layer',
    {
      layers: [
        descriptor({
          mediaType: HOSTILE_TEXT,
          artifactType: HOSTILE_TEXT,
          annotations: { 'org.opencontainers.image.title': HOSTILE_TEXT },
        }),
      ],
    },
  ],
  ['an annotation that is none', { annotations: { [HOSTILE_TEXT]: 1 } }],
  ['a layer that is none', { layers: [HOSTILE_TEXT] }],
  ['a digest of a layer', { layers: [descriptor({ digest: `sha256:${HOSTILE_TEXT}` })] }],
  [
    'a title',
    {
      layers: [
        descriptor({ mediaType: 'a/b', annotations: { 'org.opencontainers.image.title': HOSTILE_TEXT } }),
      ],
    },
  ],
  ['a subject', { subject: descriptor({ mediaType: HOSTILE_TEXT, artifactType: HOSTILE_TEXT }) }],
  ['a subject that is none', { subject: HOSTILE_TEXT }],
  ['a schemaVersion', { schemaVersion: HOSTILE_TEXT }],
  [
    'platforms',
    {
      manifests: [
        descriptor({
          platform: {
            os: HOSTILE_TEXT,
            architecture: HOSTILE_TEXT,
            variant: HOSTILE_TEXT,
            'os.version': HOSTILE_TEXT,
          },
        }),
      ],
    },
    OCI_INDEX,
  ],
  [
    'manifests of an index',
    {
      manifests: [
        descriptor({
          mediaType: HOSTILE_TEXT,
          artifactType: HOSTILE_TEXT,
          annotations: { [HOSTILE_TEXT]: HOSTILE_TEXT },
        }),
      ],
    },
    OCI_INDEX,
  ],
  ['one manifest of an index', { manifests: [HOSTILE_TEXT] }, OCI_INDEX],
];

const HEADERS = [
  'content-type',
  'docker-content-digest',
  'link',
  'content-encoding',
  'retry-after',
  'oci-subject',
  'content-range',
  'warning',
  'ratelimit-remaining',
];

/** Whatever a registry may say in bodies, headers, lists, manifests and names of files. */
export const WAYS: readonly Way[] = [
  ...[400, 401, 403, 404, 416, 429, 500].flatMap((status): Way[] => [
    { what: `errors of a ${status}`, path: /./, effect: says(status, ERRORS), ...retried(status) },
    { what: `text of a ${status}`, path: /./, effect: says(status, HOSTILE_TEXT), ...retried(status) },
  ]),
  ...[
    `Bearer realm="${HEADER}"`,
    `Bearer realm="https://${HEADER}.example/t",service="${HEADER}",scope="${HEADER}"`,
    `${HEADER}`,
    `Basic realm="${HEADER}"`,
    `Bearer realm="http://127.0.0.1:1/${HEADER}",error="${HEADER}"`,
  ].map(
    (challenge): Way => ({
      what: `a challenge ${JSON.stringify(challenge)}`,
      path: /./,
      effect: { kind: 'status', status: 401, headers: { 'www-authenticate': challenge } },
    }),
  ),
  ...[
    `https://x.example/${HEADER}`,
    HEADER,
    `ftp://${HEADER}`,
    `http://u:p@${HEADER}/`,
    'https://xn--%e2%80%ae/',
  ].map(
    (location): Way => ({
      what: `a redirect ${JSON.stringify(location)}`,
      path: /./,
      effect: { kind: 'redirect', status: 307, location },
    }),
  ),
  ...HEADERS.map(
    (name): Way => ({
      what: `a header ${name}`,
      path: /./,
      effect: { kind: 'headers', headers: { [name]: HEADER } },
    }),
  ),
  ...['</v2/x?n=1>; rel="next"', `<https://evil.example/${HEADER}>; rel="next"`, `<${HEADER}>; rel=next`].map(
    (link): Way => ({
      what: `a link ${JSON.stringify(link)}`,
      path: /tags\/list|referrers/,
      effect: { kind: 'headers', headers: { link } },
    }),
  ),
  ...[HOSTILE_TEXT, `${HOSTILE_TEXT}1.0.0`].map(
    (tag): Way => ({
      what: 'tags',
      path: /tags\/list/,
      effect: {
        kind: 'body',
        body: JSON.stringify({ name: tag, tags: ['1.0.0', tag] }),
        contentType: JSON_TYPE,
      },
    }),
  ),
  ...[
    HOSTILE_TEXT,
    JSON.stringify({ tags: HOSTILE_TEXT }),
    JSON.stringify({ tags: [{ [HOSTILE_TEXT]: 1 }] }),
    `{"tags": ${HOSTILE_TEXT}}`,
  ].map(
    (body): Way => ({
      what: 'a list of tags that is none',
      path: /tags\/list/,
      effect: { kind: 'body', body, contentType: JSON_TYPE },
    }),
  ),
  {
    what: 'referrers',
    path: /referrers/,
    effect: {
      kind: 'body',
      contentType: OCI_INDEX,
      body: JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        manifests: [
          descriptor({ artifactType: HOSTILE_TEXT, annotations: { [HOSTILE_TEXT]: HOSTILE_TEXT } }),
        ],
      }),
    },
  },
  {
    what: 'a manifest that is no JSON',
    path: /manifests/,
    effect: { kind: 'body', body: HOSTILE_TEXT, contentType: OCI_MANIFEST },
  },
  {
    what: 'a key twice',
    path: /manifests/,
    effect: {
      kind: 'body',
      body: `{${JSON.stringify(HOSTILE_TEXT)}:1,${JSON.stringify(HOSTILE_TEXT)}:2}`,
      contentType: OCI_MANIFEST,
    },
  },
  {
    what: 'no HTTP',
    isRetried: true,
    path: /./,
    effect: { kind: 'raw', bytes: `HTTP/1.1 ${HOSTILE_TEXT}\r\n\r\n` },
  },
  {
    what: 'a reason',
    path: /./,
    effect: { kind: 'raw', bytes: `HTTP/1.1 418 ${HEADER}\r\ncontent-length: 0\r\n\r\n` },
  },
  ...MANIFESTS.map(
    ([what, change, type]): Way => ({
      what: `a manifest with ${what}`,
      plant: (registry) => plantManifest(registry, change, type),
    }),
  ),
  {
    what: 'names of files',
    plant: (registry) => void plantFiles(registry, '1.0.0', { 'a\u202eb\u200b': 'x', b: HOSTILE_TEXT }),
  },
  {
    what: 'a name of a file',
    plant: (registry) => void plantFiles(registry, '1.0.0', { [HOSTILE_TEXT.replaceAll('\u0000', '')]: 'x' }),
  },
];
