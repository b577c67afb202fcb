import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfiguration } from '../../../shared/source/document.ts';

const FOLDER = fileURLToPath(new URL('../../fixtures/flux2-kustomize-helm-example', import.meta.url));

const { sources, deploys, notices, stalled } = await loadConfiguration([FOLDER]);
const told = notices.map(({ place, message }) => `${relative(FOLDER, place)} ${message}`);

test("Flux's own example is read: its charts of registries are sources, with a release each", () => {
  assert.deepEqual(
    sources.map(({ namespace, name, url, ref, unpack }) => [
      `${namespace}/${name}`,
      url,
      ref.semver,
      unpack.mode,
    ]),
    [
      ['cert-manager/cert-manager', 'oci://quay.io/jetstack/charts/cert-manager', '1.x', 'archive'],
      [
        'envoy-gateway-system/gateway-helm',
        'oci://docker.io/envoyproxy/gateway-helm',
        '>= 1.8.0-rc.0',
        'archive',
      ],
    ],
  );
  assert.deepEqual(
    deploys.map(({ name, kind, source, intervalMs, isMapped }) => [name, kind, source, intervalMs, isMapped]),
    [
      ['cert-manager-cert-manager-release', 'helm', 'cert-manager/cert-manager', 12 * 3_600_000, true],
      [
        'envoy-gateway-system-envoy-gateway-release',
        'helm',
        'envoy-gateway-system/gateway-helm',
        12 * 3_600_000,
        true,
      ],
    ],
  );
  assert.deepEqual(deploys[0]?.settings['values'], {
    crds: { enabled: true, keep: false },
    config: { enableGatewayAPI: true },
  });
  assert.deepEqual(stalled, []);
});

/** What of a file is told, and how often: whatever does not become a source or a deploy is. */
const EXPECTED: readonly (readonly [file: string, message: RegExp, count: number])[] = [
  [
    'clusters/production/apps.yaml',
    /^Kustomization flux-system\/apps is not mapped: ExternalArtifact flux-system\/apps is not in these documents/,
    1,
  ],
  [
    'clusters/production/infrastructure.yaml',
    /^Kustomization flux-system\/infra-c(ontrollers|onfigs) is not mapped: ExternalArtifact flux-system\/infrastructure/,
    2,
  ],
  [
    'clusters/staging/infrastructure.yaml',
    /^Kustomization flux-system\/infra-c(ontrollers|onfigs) is not mapped/,
    2,
  ],
  ['clusters/production/artifacts.yaml', /^ArtifactGenerator flux-system\/flux-system is not mapped/, 1],
  ['clusters/production/flux-system/gotk-sync.yaml', /^is empty/, 1],
  [
    'apps/base/podinfo/release.yaml',
    /^HelmRelease podinfo\/podinfo is not mapped: HelmRepository podinfo\/podinfo is not of type oci/,
    1,
  ],
  [
    'apps/production/podinfo-values.yaml',
    /^HelmRelease podinfo\/podinfo is not mapped: it names no chart, as a patch/,
    1,
  ],
  ['apps/base/podinfo/kustomization.yaml', /^is kustomize's own file.*, as are \d+ more$/, 1],
  ['infrastructure/controllers/kustomization.yaml', /./, 0],
  ['infrastructure/configs/cluster-issuers.yaml', /^ClusterIssuer default\/letsencrypt is not mapped/, 1],
  ['infrastructure/controllers/cert-manager.yaml', /^(install|upgrade)\.strategy is not read/, 2],
];
for (const [file, message, count] of EXPECTED)
  test(`of ${file} it is told why it is left out: ${message.source}`, () => {
    const own = told.filter((each) => each.startsWith(`${file}:`)).map((each) => each.replace(/^\S+ /, ''));
    assert.equal(own.filter((each) => message.test(each)).length, count, own.join('\n'));
  });
