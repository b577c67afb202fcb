import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadDocuments } from '../../local/documents/documents.ts';

const SOURCE = `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: podinfo, namespace: web }
spec: { interval: 5m, url: "oci://ghcr.io/stefanprodan/charts/podinfo" }
`;
/** As bjw-s-labs/home-ops has one, kubernetes/apps/selfhosted/nextcloud/app/helmrelease.yaml. */
const release = (name: string, more: string): string => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: ${name}, namespace: web }
spec: { interval: 5m, chartRef: { kind: OCIRepository, name: podinfo }, ${more} }
`;
const REFUSED = release('nextcloud', 'postRenderers: [{ kustomize: { patches: [] } }]');

function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-objects-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('a release of a folder that cannot be deployed is told, and the first start goes on with the others', async (t) => {
  const folder = folderOf(t, {
    'a.yaml': SOURCE,
    'b.yaml': REFUSED,
    'c.yaml': release('podinfo', 'values: {}'),
  });
  const { configuration } = await loadDocuments({ file: [folder] });
  assert.deepEqual(
    configuration.sources.map(({ name }) => name),
    ['podinfo'],
  );
  assert.deepEqual([configuration.stalled, configuration.problems?.length], [[], 1]);
  assert.match(
    configuration.problems?.[0] ?? '',
    /b\.yaml:4:\d+: spec\.postRenderers: postRenderers are not run/,
  );
});

test('one that was named itself ends it', async (t) => {
  const folder = folderOf(t, { 'a.yaml': SOURCE, 'b.yaml': REFUSED });
  const named = [join(folder, 'a.yaml'), join(folder, 'b.yaml')];
  await assert.rejects(loadDocuments({ file: named }), { message: /postRenderers are not run/ });
});
