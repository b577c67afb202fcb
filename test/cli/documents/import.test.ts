import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertRefused, documentOf, folderFor, landfall } from '../../support/cli.ts';

const FLUX = `
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: podinfo, namespace: web }
spec:
  interval: 5m
  url: oci://ghcr.io/stefanprodan/manifests/podinfo
  provider: aws
  secretRef: { name: ghcr }
---
apiVersion: v1
kind: Secret
metadata: { name: ghcr, namespace: web }
stringData: { .dockerconfigjson: '{"auths":{"ghcr.io":{"username":"bot","password":"canary"}}}' }
`;

test('prints a document that validate takes, and says on stderr what it leaves out and where its secrets are kept', async (t) => {
  const folder = await folderFor(t);
  const [flux, native] = [join(folder, 'flux.yaml'), join(folder, 'landfall.yaml')];
  await writeFile(flux, FLUX);
  const imported = await landfall(['import', flux]);
  assert.equal(imported.code, 0);
  assert.match(imported.stderr, /note: provider aws has no effect here/);
  assert.match(
    imported.stderr,
    /^secret: keep key \.dockerconfigjson of Secret web\/ghcr in secrets\/web\/ghcr\/\.dockerconfigjson, .*\n {2}next: mkdir -p secrets\/web\/ghcr && kubectl get secret ghcr -n web /m,
  );
  assert.doesNotMatch(imported.stdout + imported.stderr, /canary/);
  await writeFile(native, imported.stdout);
  const validated = await landfall(['validate', native]);
  assert.equal(validated.stdout, 'valid: 1 sources, 1 credentials, 0 receivers, 0 deploys\n');
  assert.equal(validated.stderr, '');
});

test('prints document, secrets and notices as JSON', async (t) => {
  const flux = join(await folderFor(t), 'flux.yaml');
  await writeFile(flux, FLUX);
  const { document, secrets, notices } = documentOf<{
    document: { sources: { name: string }[] };
    secrets: { file: string }[];
    notices: { message: string }[];
  }>(await landfall(['import', '-f', flux, '--json']));
  assert.deepEqual(
    [document.sources[0]?.name, secrets[0]?.file, notices.length],
    ['podinfo', 'secrets/web/ghcr/.dockerconfigjson', 1],
  );
});

test('says that nothing is printed where there is nothing of Flux’s', async (t) => {
  const own = join(await folderFor(t), 'own.yaml');
  await writeFile(own, 'sources: [{ name: a, url: oci://r.example/a }]');
  const { code, stdout, stderr } = await landfall(['import', own]);
  assert.deepEqual([code, stdout], [0, '']);
  assert.match(stderr, /nothing is printed/);
});

test('prints what is sound where a part is refused, tells what is not, and exits with 2', async (t) => {
  const flux = join(await folderFor(t), 'flux.yaml');
  const wrong = FLUX.split('---', 1)[0]?.replace('name: podinfo', 'name: wrong').replace('5m', 'soon');
  await writeFile(flux, `${FLUX}---${wrong}`);
  const text = await landfall(['import', flux]);
  assert.equal(text.code, 2);
  assert.match(text.stderr, /landfall: CONFIG_INVALID: .*flux\.yaml:20:\d+: spec\.interval/);
  assert.match(text.stderr, /next: Correct these documents, or add by hand/);
  assert.match(text.stdout, /name: podinfo/);
  assert.doesNotMatch(text.stdout, /wrong/);
  const json = await landfall(['import', flux, '--json']);
  assert.equal(json.code, 2);
  const { document, error } = JSON.parse(json.stdout) as {
    document: { sources: unknown[] };
    error: { code: string };
  };
  assert.deepEqual([document.sources.length, error.code], [1, 'CONFIG_INVALID']);
});

test('says what is wrong as validate does, and what it wants', async (t) => {
  const flux = join(await folderFor(t), 'flux.yaml');
  await writeFile(flux, FLUX.replace('interval: 5m', 'interval: soon'));
  assertRefused(await landfall(['import', flux]), {
    code: 'CONFIG_INVALID',
    says: /flux\.yaml:6:\d+: spec\.interval/,
    exit: 2,
    next: /Correct the document/,
  });
  assertRefused(await landfall(['import']), {
    code: 'USAGE',
    says: /missing required argument/,
    exit: 2,
    next: /./,
  });
});
