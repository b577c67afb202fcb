import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Cluster } from '../../../shared/deploy/kubernetes/cluster/cluster.ts';
import { visitCluster } from '../../../shared/deploy/kubernetes/kubernetes-visit.ts';
import { type ApiServer, apiServerSkip, startApiServer } from '../../support/kubernetes/api-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { clusterDeploy, configMap, namespaced, objectOf } from './cluster/cluster-world.ts';

let server: ApiServer;
before(async () => {
  if (apiServerSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = apiServerSkip;

const nobody: Cluster = { send: () => Promise.reject(new Error('nobody')) };

test('an admission policy that refuses is told in its own words, for good', { skip }, async () => {
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'no-secrets-here' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['limitranges'],
          },
        ],
      },
      validations: [{ expression: 'false', message: 'nobody limits anything here' }],
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'no-secrets-here' },
    spec: { policyName: 'no-secrets-here', validationActions: ['Deny'] },
  };
  await clusterDeploy(server, { name: 'policy' }).run({
    'p.yaml': JSON.stringify(policy),
    'b.yaml': JSON.stringify(binding),
  });
  const limits = JSON.stringify({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'l' },
    spec: { limits: [] },
  });
  const run = () => clusterDeploy(server, { name: 'limited' }).run({ 'l.yaml': limits });
  // The API server itself needs a moment to read a policy in.
  for (
    let tries = 0;
    tries < 50 &&
    (await run().then(
      () => true,
      () => false,
    ));
    tries += 1
  )
    await server.kubectl('delete', 'limitrange', 'l', '--ignore-not-found');
  await assert.rejects(run(), {
    code: 'DEPLOY_FAILED',
    message: /^LimitRange\/default\/l: .*nobody limits anything here/,
  });
});

test('an admission webhook that does not answer is asked again later', { skip }, async () => {
  const webhook = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'gone' },
    webhooks: [
      {
        name: 'gone.example.com',
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 1,
        clientConfig: { service: { namespace: 'default', name: 'gone' } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['endpoints'] }],
      },
    ],
  };
  const hooked = clusterDeploy(server, { name: 'webhook' });
  await hooked.run({ 'w.yaml': JSON.stringify(webhook) });
  const endpoints = JSON.stringify({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'webhooked' } });
  const run = () => clusterDeploy(server, { name: 'webhooked' }).run({ 'e.yaml': endpoints });
  for (
    let tries = 0;
    tries < 50 &&
    (await run().then(
      () => true,
      () => false,
    ));
    tries += 1
  )
    await server.kubectl('delete', 'endpoints', 'webhooked', '--ignore-not-found');
  await assert.rejects(run(), { code: 'DEPLOY_UNAVAILABLE', message: /gone.example.com/ });
  await server.kubectl('delete', 'validatingwebhookconfiguration', 'gone');
});

test('a namespace that is going away is waited for', { skip }, async () => {
  await server.kubectl('create', 'namespace', 'going');
  await server.kubectl('delete', 'namespace', 'going', '--wait=false');
  const deploy = clusterDeploy(server, { name: 'going' });
  await assert.rejects(deploy.run({ 'a.yaml': configMap('a', {}, { namespace: 'going' }) }), {
    code: 'DEPLOY_UNAVAILABLE',
    message: /is being terminated/,
  });
  // The same where the artifact has it: it is made anew once it is gone. What empties it is a controller, by hand here.
  const all = { 'a.yaml': configMap('a', {}, { namespace: 'going' }), 'n.yaml': namespaced('going') };
  const { end, messages } = await deploy.run(all, async () => {
    const emptied = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'going' },
      spec: { finalizers: [] },
    };
    await finalize(emptied).catch(() => undefined);
  });
  assert.deepEqual([end.state, messages[0]], ['succeeded', 'waits for Namespace/going to be gone']);
});

async function finalize(namespace: object): Promise<void> {
  const folder = await temporaryFolder();
  try {
    await writeFile(`${folder.path}/n.json`, JSON.stringify(namespace));
    await server.kubectl(
      'replace',
      '--raw',
      '/api/v1/namespaces/going/finalize',
      '-f',
      `${folder.path}/n.json`,
    );
  } finally {
    await folder.remove();
  }
}

test('a namespace that is not there is told, and may come', { skip }, async () => {
  const deploy = clusterDeploy(server, { name: 'nowhere' });
  await assert.rejects(deploy.run({ 'a.yaml': configMap('a', {}, { namespace: 'nowhere' }) }), {
    code: 'DEPLOY_UNAVAILABLE',
    message: 'ConfigMap/nowhere/a: namespaces "nowhere" not found',
  });
});

test('a name that would ask the API server for something else is only a name', { skip }, async () => {
  const deploy = clusterDeploy(server, { name: 'asks', signal: AbortSignal.timeout(20_000) });
  const plan = deploy.plan({ 'n.yaml': namespaced('?watch=true') });
  await assert.rejects(plan, { code: 'DEPLOY_FAILED', message: /^Namespace\/\?watch=true: .*[Ii]nvalid/ });
});

test('base64 that is none is wrong for good, though the API server answers as if it were its own fault', {
  skip,
}, async () => {
  const bad = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b64' }, binaryData: { a: '?' } };
  await assert.rejects(clusterDeploy(server, { name: 'b64' }).run({ 'a.yaml': JSON.stringify(bad) }), {
    code: 'DEPLOY_FAILED',
    message: /illegal base64/,
  });
});

test('an artifact that has the list of its own deploy is refused', { skip }, async () => {
  const deploy = clusterDeploy(server, { name: 'lists' });
  const { place } = visitCluster(deploy.context({}), { program: '', version: '', kustomize: '' }, nobody);
  await deploy.run({ 'a.yaml': configMap('lists-a', {}) });
  const forged = configMap(place.name, { inventory: '' });
  await assert.rejects(deploy.run({ 'a.yaml': configMap('lists-a', {}), 'i.yaml': forged }), {
    code: 'DEPLOY_FAILED',
    message: /is where this deploy keeps its own list/,
  });
});

test('a removal without a list takes nothing away, and does not say that all is gone', { skip }, async () => {
  const deploy = clusterDeploy(server, { name: 'lost' });
  await deploy.run({ 'a.yaml': configMap('lost-a', {}) });
  await server.kubectl(
    'delete',
    'configmap',
    '--field-selector=metadata.name!=lost-a',
    '-l',
    'landfall/deploy=lost',
  );
  const { end } = await deploy.remove();
  assert.match(JSON.stringify(end), /no list of what it made: nothing was taken away/);
  assert.notEqual(await objectOf(server, 'configmap', 'lost-a'), undefined);
});

test('works as its service account, whose rights are its fence', { skip }, async () => {
  await server.kubectl('create', 'namespace', 'fenced');
  const deploy = clusterDeploy(server, {
    name: 'fenced',
    settings: { serviceAccount: { name: 'deployer', namespace: 'fenced' }, inventoryNamespace: 'fenced' },
  });
  await server.kubectl(
    'create',
    'role',
    'deployer',
    '-n',
    'fenced',
    '--verb=get,list,create,update,patch,delete',
    '--resource=configmaps',
  );
  await server.kubectl(
    'create',
    'rolebinding',
    'deployer',
    '-n',
    'fenced',
    '--role=deployer',
    '--serviceaccount=fenced:deployer',
  );
  const inside = configMap('inside', {}, { namespace: 'fenced' });
  assert.equal((await deploy.run({ 'a.yaml': inside })).end.state, 'succeeded');
  const role = JSON.stringify({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'mine' },
    rules: [],
  });
  await assert.rejects(
    deploy.run({ 'a.yaml': inside, 'r.yaml': role }),
    (error: Error & { code: string }) => {
      assert.equal(error.code, 'DEPLOY_FAILED');
      assert.match(error.message, /ClusterRole\/mine.*system:serviceaccount:fenced:deployer.*cannot/);
      return true;
    },
  );
});

test('a refusal that repeats a value of a Secret does not tell it', { skip }, async () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'told', labels: { same: 'hunter2-of-the-shop!' } },
    stringData: { password: 'hunter2-of-the-shop' },
  };
  await assert.rejects(clusterDeploy(server, { name: 'told' }).run({ 's.yaml': JSON.stringify(secret) }), {
    code: 'DEPLOY_FAILED',
    message: /^Secret\/default\/told: .*metadata\.labels: Invalid value: "\*\*\*!"/,
  });
});
