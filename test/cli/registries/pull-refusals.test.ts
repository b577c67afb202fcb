import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { EmbeddedRegistry } from '../../../embedded-registry/embedded-registry.ts';
import type { FaultEffect } from '../../../embedded-registry/faults/fault.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import {
  contentLayer,
  plantFiles,
  plantLayer,
  REPOSITORY,
} from '../../support/artifacts/sample-artifacts.ts';
import { file, symlink, tar } from '../../support/artifacts/tar-builder.ts';
import { assertRefused, folderFor, landfall, type Wanted } from '../../support/cli.ts';

const FILES = { 'app.yaml': 'a: 1\n'.repeat(200) };

/** What is planted or goes wrong, and what the user is told. `target` follows the registry in the URL. */
interface Refused extends Wanted {
  readonly name: string;
  readonly arrange?: (registry: EmbeddedRegistry) => void;
  readonly target?: string;
  readonly argv?: readonly string[];
}

/** Every blob is met by this. */
const onBlob =
  (...effects: readonly FaultEffect[]) =>
  (registry: EmbeddedRegistry): void => {
    const { layer } = plantFiles(registry, 'v1', FILES);
    registry.faults.add({ path: new RegExp(layer.digest) }, ...effects);
  };

const onManifest =
  (...effects: readonly FaultEffect[]) =>
  (registry: EmbeddedRegistry): void => {
    plantFiles(registry, 'v1', FILES);
    registry.faults.add({ path: /\/manifests\// }, ...effects);
  };

const layerOf =
  (bytes: Buffer, mediaType?: string) =>
  (registry: EmbeddedRegistry): void =>
    void plantLayer(registry, 'v1', bytes, mediaType === undefined ? {} : { mediaType });

const manifestOf =
  (mediaType: string, document: unknown) =>
  ({ content }: EmbeddedRegistry): void =>
    void content.addManifest(REPOSITORY, mediaType, Buffer.from(JSON.stringify(document)), { tag: 'v1' });

const layer = contentLayer(FILES);
const html = '<!doctype html><title>Log in</title>';

const CASES: readonly Refused[] = [
  {
    name: 'a tag that is not there',
    arrange: (registry) => plantFiles(registry, 'v2', FILES),
    code: 'TAG_NOT_FOUND',
    says: /manifest oci:\/\/127\.0\.0\.1:\d+\/team\/app:v1: .* answered 404/,
    next: /landfall tags URL/,
  },
  {
    name: 'a repository that is not there',
    code: 'REPOSITORY_NOT_FOUND',
    says: /team\/app:v1: .* answered 404/,
    next: /Check the repository in the url/,
  },
  {
    name: 'a range nothing is in',
    arrange: (registry) => plantFiles(registry, '1.0.0', FILES),
    target: '/team/app',
    argv: ['--semver', '^2'],
    code: 'NO_TAG_MATCHES',
    says: /no tag of oci:.*"\^2".*from 1\.0\.0 to 1\.0\.0/,
    next: /Change the range/,
  },
  {
    name: 'a 401',
    arrange: onManifest({ kind: 'status', status: 401 }),
    code: 'UNAUTHORIZED',
    says: /answered 401/,
    next: /--registry-creds 127\.0\.0\.1:\d+=USER:PASS/,
  },
  {
    name: 'a 403',
    arrange: onManifest({ kind: 'status', status: 403 }),
    code: 'FORBIDDEN',
    says: /answered 403/,
    next: /Give a credential for /,
  },
  {
    name: 'a 429 that does not end',
    arrange: onManifest({ kind: 'status', status: 429, retryAfter: 600 }),
    code: 'RATE_LIMITED',
    says: /answered 429/,
    next: /Log in to|lengthen the interval/,
  },
  {
    name: 'a 503 that does not end',
    arrange: onManifest({ kind: 'status', status: 503, retryAfter: 600 }),
    code: 'REGISTRY_UNAVAILABLE',
    says: /answered 503/,
    next: /reports an outage/,
  },
  {
    name: 'a blob that stalls',
    arrange: onBlob({ kind: 'stall', at: 'half' }),
    argv: ['--timeout', '1s'],
    code: 'REGISTRY_TIMEOUT',
    says: /team\/app:v1: not done within the timeout of 1s/,
    next: /Raise --timeout/,
  },
  {
    name: 'a manifest that never comes',
    arrange: onManifest({ kind: 'stall', at: 'head' }),
    argv: ['--timeout', '1s'],
    code: 'REGISTRY_TIMEOUT',
    says: /timeout/,
    next: /Raise --timeout/,
  },
  {
    name: 'a blob with another digest',
    arrange: onBlob({ kind: 'corrupt' }),
    code: 'DIGEST_MISMATCH',
    says: /blob sha256:[0-9a-f]{64} has other content: its digest is sha256:[0-9a-f]{64}/,
    next: /./,
  },
  {
    name: 'a blob longer than its descriptor says',
    arrange: onBlob({ kind: 'extra', bytes: 'more' }),
    code: 'SIZE_MISMATCH',
    says: new RegExp(`${layer.length} bytes`),
    next: /./,
  },
  {
    name: 'a blob shorter than its descriptor says',
    arrange: onBlob({ kind: 'truncate' }),
    code: 'SIZE_MISMATCH',
    says: new RegExp(`${layer.length} bytes`),
    next: /./,
  },
  {
    name: 'a blob whose connection breaks each time',
    arrange: onBlob({ kind: 'cut', at: 'half', reset: true }),
    code: 'BLOB_TRUNCATED',
    says: /@sha256:[0-9a-f]{64}: cut off after \d+ of \d+ bytes/,
    next: /./,
  },
  {
    name: 'a manifest with other bytes than its digest',
    arrange: onManifest({ kind: 'corrupt' }),
    target: `/team/app@${digestOf('nothing')}`,
    code: 'TAG_NOT_FOUND',
    says: /answered 404/,
    next: /landfall tags URL/,
  },
  {
    name: 'a layer that ends too early',
    arrange: layerOf(layer.subarray(0, -20)),
    code: 'COMPRESSION_INVALID',
    says: /gzip/,
    next: /./,
  },
  {
    name: 'an archive that ends in a file',
    arrange: layerOf(gzipSync(tar(file('a', 'x'.repeat(2000))).subarray(0, 1000))),
    code: 'ARCHIVE_INVALID',
    says: /in the middle of an entry \(at byte 1000\)/,
    next: /./,
  },
  {
    name: 'a layer compressed twice',
    arrange: layerOf(gzipSync(layer)),
    code: 'COMPRESSION_INVALID',
    says: /twice|gzip/,
    next: /./,
  },
  {
    name: 'HTML served as a layer',
    arrange: layerOf(Buffer.from(html)),
    code: 'COMPRESSION_INVALID',
    says: /HTML/,
    next: /./,
  },
  {
    name: 'HTML served as a manifest',
    arrange: onManifest({ kind: 'body', body: html, contentType: 'text/html' }),
    code: 'MEDIA_TYPE_UNSUPPORTED',
    says: /sent "text\/html", starting with "<!doctype html>/,
    next: /A web page came instead of a manifest/,
  },
  {
    name: 'a media type without content',
    arrange: layerOf(layer, 'application/vnd.dev.cosign.simplesigning.v1+json'),
    code: 'LAYER_NOT_FOUND',
    says: /application\/vnd\.dev\.cosign\.simplesigning\.v1\+json/,
    next: /This is a signature\. Point ref at/,
  },
  {
    name: 'a manifest of schema 1',
    arrange: onManifest({
      kind: 'body',
      body: '{"schemaVersion":1}',
      contentType: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
    }),
    code: 'MEDIA_TYPE_UNSUPPORTED',
    says: /is a Docker schema 1 manifest/,
    next: /skopeo copy/,
  },
  {
    name: 'an index without the platform',
    arrange: (registry) => {
      const { digest } = plantFiles(registry, 'child', FILES);
      const manifests = ['amd64', 'arm64'].map((architecture) => ({
        mediaType: OCI_MANIFEST,
        digest,
        size: 10,
        platform: { os: 'linux', architecture },
      }));
      manifestOf(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests })(registry);
    },
    argv: ['--platform', 'windows/amd64'],
    code: 'PLATFORM_NOT_FOUND',
    says: /windows\/amd64.*linux\/amd64/,
    next: /platform/,
  },
  {
    name: 'a layer over the limit',
    arrange: (registry) => void plantLayer(registry, 'v1', layer, { claim: { size: 512 * 1024 ** 2 + 1 } }),
    code: 'LAYER_TOO_LARGE',
    says: /536870913.*536870912|512 MiB/,
    next: /layerBytes/,
  },
  {
    name: 'what unpacks to a bomb',
    arrange: layerOf(gzipSync(tar(file('zeros', Buffer.alloc(4 * 1024 ** 2))))),
    code: 'RATIO_EXCEEDED',
    says: /200/,
    next: /ratio/,
  },
  {
    name: 'a path that leaves',
    arrange: layerOf(gzipSync(tar(file('ok', 'x'), file('../../etc/cron.d/job', 'x')))),
    code: 'PATH_REFUSED',
    says: /"\.\.\/\.\.\/etc\/cron\.d\/job"/,
    next: /./,
  },
  {
    name: 'a file that is written through a link',
    arrange: layerOf(gzipSync(tar(symlink('a', '../../etc'), file('a/passwd')))),
    code: 'LINK_REFUSED',
    says: /"a\/passwd" goes through "a", which is a link/,
    next: /./,
  },
  {
    name: 'a redirect to a private address',
    arrange: onBlob({ kind: 'redirect', status: 307, location: 'http://169.254.169.254/latest/meta-data' }),
    code: 'ADDRESS_DENIED',
    says: /169\.254\.169\.254/,
    next: /./,
  },
];

for (const { name, arrange, target = '/team/app:v1', argv = [], ...wanted } of CASES) {
  test(`pull refuses ${name}, and leaves nothing`, async (t) => {
    const registry = await openRegistry(t);
    arrange?.(registry);
    const folder = await folderFor(t);
    const out = join(folder, 'out');
    const url = `oci://${registry.host}${target}`;
    const ended = await landfall(['pull', url, '-o', out, '--plain-http', '--json', ...argv]);
    assertRefused(ended, wanted);
    assert.equal(existsSync(out), false);
    assert.deepEqual(await readdir(folder), []);
  });
}
