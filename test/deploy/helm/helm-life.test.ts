import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isObject } from '../../../shared/kernel/json.ts';
import { type ApiServer, startApiServer } from '../../support/kubernetes/api-server.ts';
import { helmProgram, helmSkip } from '../../support/kubernetes/helm-tool.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { objectOf } from '../kubernetes/cluster/cluster-world.ts';
import { chart, configMapTemplate, folderFiles, releaseDeploy, succeeded } from './helm-world.ts';

let server: ApiServer;
before(async () => {
  if (helmSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = helmSkip;

const PODINFO = fileURLToPath(new URL('../../../../shared/data/podinfo/charts/podinfo', import.meta.url));
const podinfoSkip = skip || (existsSync(PODINFO) ? false : 'podinfo is not there: skipped a real chart');

/** What of objects is of their manifests, and who owns which fields. */
const partsOf = (list: unknown, namespace: string): unknown => {
  const items = isObject(list) && Array.isArray(list['items']) ? list['items'] : [];
  return items.map(({ kind, metadata, spec: { clusterIP: _ip, clusterIPs: _ips, ...spec } }) =>
    JSON.parse(
      JSON.stringify([
        ...[kind, metadata.name, metadata.labels, metadata.annotations, spec],
        metadata.managedFields.map(({ manager, operation, fieldsV1 }: Record<string, unknown>) => [
          manager,
          operation,
          fieldsV1,
        ]),
      ]).replaceAll(namespace, 'NAMESPACE'),
    ),
  );
};

const run = promisify(execFile);

test('podinfo comes to the same objects as by helm upgrade --install, installed and upgraded', {
  skip: podinfoSkip,
  timeout: 120_000,
}, async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const kubeconfig = join(folder.path, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig);
  for (const namespace of ['ours', 'theirs']) await server.kubectl('create', 'namespace', namespace);
  const files = await folderFiles(PODINFO, 'podinfo');
  const get = async (namespace: string): Promise<unknown> =>
    partsOf(
      JSON.parse(
        await server.kubectl(
          ...[
            'get',
            'deployments,services,hpa,ingress',
            '-n',
            namespace,
            '-o',
            'json',
            '--show-managed-fields',
          ],
        ),
      ),
      namespace,
    );
  for (const values of [{}, { replicaCount: 3, hpa: { enabled: true }, ingress: { enabled: true } }]) {
    const file = join(folder.path, 'values.json');
    await writeFile(file, JSON.stringify(values));
    const args = ['upgrade', 'podinfo', PODINFO, '--install', '--namespace', 'theirs', '--values', file];
    await run(helmProgram, [...args, '--kubeconfig', kubeconfig]);
    const deploy = releaseDeploy(server, { name: 'podinfo', settings: { targetNamespace: 'ours', values } });
    succeeded(await deploy.run(files));
    const [ours, theirs] = [await get('ours'), await get('theirs')];
    assert.equal(Array.isArray(ours) && ours.length >= 2, true);
    assert.deepEqual(ours, theirs);
  }
});

test('what is changed by hand is told and brought back, without a helm, but for what the deploy ignores', {
  skip,
}, async () => {
  const settings = { driftIgnore: [{ paths: ['/data/other'], target: { kind: 'ConfigMap' } }] };
  const template = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: drift }\ndata: { size: small, other: ours }\n`;
  const files = chart({ 'a.yaml': template, 'b.yaml': configMapTemplate('drift-gone') });
  await releaseDeploy(server, { name: 'drift', settings }).run(files);
  await server.kubectl(
    'patch',
    'configmap',
    'drift',
    '--type=merge',
    '-p',
    '{"data":{"size":"changed","other":"theirs"}}',
  );
  await server.kubectl('delete', 'configmap', 'drift-gone');
  const again = releaseDeploy(server, { name: 'drift', settings });
  assert.deepEqual(await again.plan(files), {
    summary: 'drift: 1 to create, 1 to update',
    changes: [
      { action: 'update', what: 'ConfigMap/default/drift', why: 'data.size: "changed" → "small"' },
      { action: 'create', what: 'ConfigMap/default/drift-gone' },
    ],
  });
  const { log } = await again.run(files);
  assert.match(log.join('\n'), /ConfigMap\/default\/drift brought back \(data.size: "changed" → "small"\)/);
  assert.deepEqual((await objectOf(server, 'configmap', 'drift'))?.['data'], {
    size: 'small',
    other: 'theirs',
  });
  assert.ok(await objectOf(server, 'configmap', 'drift-gone'));
  assert.deepEqual(again.programs, []);
});

test('what has left the chart goes, and a release that is taken away leaves nothing, but what it is told to keep', {
  skip,
}, async () => {
  const kept = configMapTemplate('life-kept').replace(
    '{ name: life-kept }',
    '{ name: life-kept, annotations: { helm.sh/resource-policy: keep } }',
  );
  const both = chart({
    'a.yaml': configMapTemplate('life-a'),
    'b.yaml': configMapTemplate('life-b'),
    'k.yaml': kept,
  });
  const one = chart({ 'a.yaml': configMapTemplate('life-a'), 'k.yaml': kept });
  const deploy = releaseDeploy(server, { name: 'life' });
  await deploy.run(both);
  const { changes } = await deploy.plan(one);
  assert.deepEqual(changes.slice(1), [
    { action: 'delete', what: 'ConfigMap/default/life-b', why: 'it has left the chart' },
  ]);
  const result = succeeded(await deploy.run(one));
  assert.equal(await objectOf(server, 'configmap', 'life-b'), undefined);
  // Something of it is slow to go.
  await server.kubectl(
    'patch',
    'configmap',
    'life-a',
    '--type=merge',
    '-p',
    '{"metadata":{"finalizers":["example.com/wait"]}}',
  );
  const { end, messages } = await releaseDeploy(server, { name: 'life', result }).remove(async () => {
    await server.kubectl(
      'patch',
      'configmap',
      'life-a',
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    );
  });
  assert.deepEqual(messages, ['waits for ConfigMap/default/life-a to be gone']);
  assert.deepEqual(end, { state: 'succeeded', message: 'release default/life is uninstalled' });
  assert.equal(await objectOf(server, 'configmap', 'life-a'), undefined);
  assert.ok(await objectOf(server, 'configmap', 'life-kept'));
  const left = await server.kubectl('get', 'secrets', '-l', 'owner=helm,name=life', '-o', 'name');
  assert.equal(left, '');
});

test('a release that another deploy or another person has by now is not taken away', { skip }, async () => {
  const files = chart({ 'a.yaml': configMapTemplate('theirs') });
  const result = succeeded(await releaseDeploy(server, { name: 'theirs' }).run(files));
  await server.kubectl(
    'label',
    'secret',
    'sh.helm.release.v1.theirs.v1',
    'landfall/deploy-',
    'landfall/source-',
  );
  const { end } = await releaseDeploy(server, { name: 'theirs', result }).remove();
  assert.deepEqual(end, {
    state: 'succeeded',
    message: "release default/theirs is somebody else's by now: it stays",
  });
  assert.ok(await objectOf(server, 'configmap', 'theirs'));
});

test('a release of another deploy is refused, and taken over only where the deploy says so', {
  skip,
}, async () => {
  const files = chart({ 'a.yaml': configMapTemplate('owned-release') });
  const settings = { releaseName: 'owned' };
  await releaseDeploy(server, { name: 'one', settings }).run(files);
  const other = chart({ 'a.yaml': configMapTemplate('owned-release', 'other') });
  await assert.rejects(releaseDeploy(server, { name: 'two', settings }).run(other), {
    code: 'DEPLOY_FAILED',
    message: 'release default/owned is kept by deploy one of web.site',
  });
  const taken = releaseDeploy(server, { name: 'two', settings: { ...settings, takeOver: true } });
  assert.equal(succeeded(await taken.run(other)).version, 2);
});

test('another name or namespace of the release has the former one go first', { skip }, async () => {
  const files = chart({ 'a.yaml': configMapTemplate('renamed') });
  const result = succeeded(await releaseDeploy(server, { name: 'renamed' }).run(files));
  const settings = { targetNamespace: 'renamed-space', createNamespace: true };
  const moved = succeeded(await releaseDeploy(server, { name: 'renamed', settings, result }).run(files));
  assert.deepEqual([moved.namespace, moved.version], ['renamed-space', 1]);
  assert.equal(await objectOf(server, 'configmap', 'renamed'), undefined);
  assert.ok(await objectOf(server, 'configmap', 'renamed', '-n', 'renamed-space'));
  const { metadata } = (await objectOf(server, 'namespace', 'renamed-space')) as {
    metadata: { labels: object };
  };
  assert.equal((metadata.labels as Record<string, string>)['name'], 'renamed-space');
});
