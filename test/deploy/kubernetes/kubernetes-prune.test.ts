import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiServer, apiServerSkip, startApiServer } from '../../support/kubernetes/api-server.ts';
import { clusterDeploy, configMap, objectOf } from './cluster/cluster-world.ts';

let server: ApiServer;
before(async () => {
  if (apiServerSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = apiServerSkip;

test('prunes what has left the artifact, and nothing else', { skip }, async () => {
  const deploy = clusterDeploy(server, { name: 'prune' });
  const all = Object.fromEntries(
    ['gone', 'kept', 'moved', 'deleted', 'stays'].map((name) => [
      `${name}.yaml`,
      configMap(`prune-${name}`, { x: '1' }),
    ]),
  );
  await deploy.run(all);
  await server.kubectl('annotate', 'configmap', 'prune-kept', 'kustomize.toolkit.fluxcd.io/prune=disabled');
  await server.kubectl('label', '--overwrite', 'configmap', 'prune-moved', 'landfall/deploy=another');
  await server.kubectl('delete', 'configmap', 'prune-deleted');
  const only = { 'stays.yaml': all['stays.yaml'] ?? '' };
  assert.deepEqual((await deploy.plan(only)).changes, [
    { action: 'delete', what: 'ConfigMap/default/prune-gone', why: 'it has left the artifact' },
  ]);
  const { log } = await deploy.run(only);
  assert.deepEqual(log.slice(1).toSorted(), [
    'ConfigMap/default/prune-gone deleted',
    'ConfigMap/default/prune-kept stays: prune: disabled',
    'ConfigMap/default/prune-moved stays: its labels name another owner by now',
  ]);
  const names = (await server.kubectl('get', 'configmap', '-o', 'name'))
    .split('\n')
    .filter((name) => name.includes('/prune-'));
  assert.deepEqual(names.toSorted(), [
    'configmap/prune-kept',
    'configmap/prune-moved',
    'configmap/prune-stays',
  ]);
});

test('with keepObjects what has left the artifact stays', { skip }, async () => {
  const deploy = clusterDeploy(server, { name: 'keep', settings: { keepObjects: true } });
  await deploy.run({ 'a.yaml': configMap('keep-a', {}), 'b.yaml': configMap('keep-b', {}) });
  const { log } = await deploy.run({ 'a.yaml': configMap('keep-a', {}) });
  assert.deepEqual(log.slice(1), []);
  assert.ok(await objectOf(server, 'configmap', 'keep-b'));
});

test('an artifact that has no object anymore fails, and nothing is pruned', { skip }, async () => {
  const deploy = clusterDeploy(server, { name: 'empty' });
  await deploy.run({ 'a.yaml': configMap('empty-a', {}) });
  await assert.rejects(deploy.run({ 'README.md': 'moved' }), {
    code: 'DEPLOY_FAILED',
    message: /no object of Kubernetes|no folder/,
  });
  assert.ok(await objectOf(server, 'configmap', 'empty-a'));
});

test('removal takes away what the deploy made, waits for it, and takes its inventory last', {
  skip,
}, async () => {
  const deploy = clusterDeploy(server, { name: 'removal' });
  const files = {
    'a.yaml': configMap('removal-a', {}, { finalizers: ['example.com/hold'] }),
    'b.yaml': configMap('removal-b', {}),
  };
  await deploy.run(files);
  const { end, messages } = await deploy.remove(async () => {
    await server
      .kubectl(
        'patch',
        'configmap',
        'removal-a',
        '--type=json',
        '--patch',
        '[{"op":"remove","path":"/metadata/finalizers"}]',
      )
      .catch(() => undefined);
  });
  assert.deepEqual(
    [end.state, end.state === 'succeeded' && end.message],
    ['succeeded', 'all objects are gone'],
  );
  assert.match(messages[0] ?? '', /^waits for ConfigMap\/default\/removal-/);
  assert.doesNotMatch(await server.kubectl('get', 'configmap', '-o', 'name'), /removal/);
});
