import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiServer, apiServerSkip, startApiServer } from '../../support/kubernetes/api-server.ts';
import { clusterDeploy, configMap } from './cluster/cluster-world.ts';

let server: ApiServer;
before(async () => {
  if (apiServerSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = apiServerSkip;

const deployment = (name: string): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'a', image: 'a:1' }] } },
    },
  });

/** What the controller of deployments writes, which is not there. */
const status = (name: string, value: object): Promise<string> =>
  server.kubectl(
    'patch',
    'deployment',
    name,
    '--subresource=status',
    '--type=merge',
    '--patch',
    JSON.stringify({ status: value }),
  );

const READY = {
  observedGeneration: 1,
  ...{ replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
  conditions: [
    { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
    { type: 'Available', status: 'True' },
  ],
};

test('waits until what was applied is healthy, and says for what', { skip }, async () => {
  const deploy = clusterDeploy(server, { name: 'health', settings: { wait: true } });
  const steps = [{ observedGeneration: 1, replicas: 2, updatedReplicas: 1 }, READY];
  const { end, messages } = await deploy.run(
    { 'd.yaml': deployment('health'), 'c.yaml': configMap('health', {}) },
    async () => {
      const next = steps.shift();
      if (next !== undefined) await status('health', next);
    },
  );
  assert.deepEqual(messages, [
    '1 of 2 objects are ready; waits for Deployment/default/health: 0 of 2 pods are made',
    '1 of 2 objects are ready; waits for Deployment/default/health: 1 of 2 pods run the new revision',
  ]);
  assert.deepEqual(
    [end.state, end.state === 'succeeded' && end.message],
    ['succeeded', '2 objects are applied, and ready'],
  );
});

test('fails as soon as one of them has, in the words of its controller', { skip }, async () => {
  const deploy = clusterDeploy(server, { name: 'unhealthy', settings: { wait: true } });
  const exceeded = {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: 'ReplicaSet "x" has timed out progressing.',
  };
  await assert.rejects(
    deploy.run({ 'd.yaml': deployment('unhealthy') }, () =>
      status('unhealthy', { observedGeneration: 1, conditions: [exceeded] }).then(() => undefined),
    ),
    {
      code: 'DEPLOY_FAILED',
      message:
        'Deployment/default/unhealthy: ProgressDeadlineExceeded: ReplicaSet "x" has timed out progressing.',
    },
  );
});

test('without wait only what healthChecks name is waited for, whoever made it', { skip }, async () => {
  const deploy = clusterDeploy(server, {
    name: 'checks',
    settings: {
      healthChecks: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'other', namespace: 'default' }],
    },
  });
  const other = clusterDeploy(server, { name: 'other' });
  let visits = 0;
  const { messages } = await deploy.run({ 'd.yaml': deployment('checks') }, async () => {
    visits += 1;
    if (visits === 1) await other.run({ 'd.yaml': deployment('other') });
    if (visits === 2) await status('other', READY);
  });
  assert.deepEqual(messages, [
    '0 of 1 objects are ready; waits for Deployment/default/other: it is not there',
    '0 of 1 objects are ready; waits for Deployment/default/other: 0 of 2 pods are made',
  ]);
});

test('takes back what failed to what was applied before, and waits for that', { skip }, async () => {
  const deploy = clusterDeploy(server, { name: 'undone', settings: { wait: true } });
  const before = { 'd.yaml': deployment('undone') };
  await deploy.run(before, () => status('undone', READY).then(() => undefined));
  const after = {
    'd.yaml': deployment('undone').replace('a:1', 'a:2'),
    'c.yaml': configMap('undone-new', {}),
  };
  const late = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'late' };
  const failing = () => status('undone', { observedGeneration: 2, conditions: [late] }).then(() => undefined);
  await assert.rejects(deploy.run(after, failing), { message: /ProgressDeadlineExceeded/ });
  await status('undone', { ...READY, updatedReplicas: 1 });
  const { end, log } = await deploy.undo(before, () =>
    status('undone', { ...READY, observedGeneration: 3 }).then(() => undefined),
  );
  assert.equal(end.state, 'succeeded');
  assert.ok(log.includes('ConfigMap/default/undone-new deleted'), log.join());
  const image = await server.kubectl('get', 'deployment', 'undone', '-o', 'jsonpath={..image}');
  assert.equal(image, 'a:1');
});
