import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiServer, startApiServer } from '../../support/kubernetes/api-server.ts';
import { type Nodes, nodesSkip, startNodes } from '../../support/kubernetes/nodes.ts';
import { clusterDeploy } from './cluster/cluster-world.ts';

let server: ApiServer;
let nodes: Nodes;
before(async () => {
  if (nodesSkip !== false) return;
  server = await startApiServer();
  nodes = await startNodes(server);
});
after(async () => {
  await nodes?.stop();
  await server?.stop();
});
const skip = nodesSkip;

const workload = (kind: string, name: string, image: string, more: object = {}): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'a', image }] } },
      ...more,
    },
  });

const settings = { wait: true, targetNamespace: 'default' };

test('waits for pods of each kind that controllers make and a node runs', { skip }, async () => {
  const { end, messages } = await clusterDeploy(server, { name: 'pods', settings }).run({
    'a.yaml': workload('Deployment', 'web', 'web:1', { replicas: 3 }),
    'b.yaml': workload('StatefulSet', 'db', 'db:1', { replicas: 2, serviceName: 'db' }),
    'c.yaml': workload('DaemonSet', 'agent', 'agent:1'),
  });
  assert.equal(end.state, 'succeeded');
  assert.match(messages.join('\n'), /\d of 3 objects are ready; waits for /);
  const ready = await server.kubectl(
    ...['get', 'deployment/web', 'statefulset/db', '-o', 'jsonpath={.items[*].status.readyReplicas}'],
  );
  assert.equal(ready, '3 2');
});

test('a revision whose pods never become ready is told by what it waits for, and taken back', {
  skip,
}, async () => {
  const deploy = clusterDeploy(server, { name: 'stuck', settings });
  const good = { 'a.yaml': workload('Deployment', 'stuck', 'stuck:1') };
  const limited = { progressDeadlineSeconds: 3 };
  await deploy.run(good);
  await assert.rejects(
    deploy.run({ 'a.yaml': workload('Deployment', 'stuck', 'never.example/ready:1', limited) }),
    {
      code: 'DEPLOY_FAILED',
      message: /^Deployment\/default\/stuck: .*exceeded its progress deadline|ProgressDeadlineExceeded/,
    },
  );
  const { end } = await deploy.undo(good);
  assert.equal(end.state, 'succeeded');
  const image = ['get', 'deployment', 'stuck', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'];
  assert.equal(await server.kubectl(...image), 'stuck:1');
});
