import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiServer, startApiServer } from '../../support/kubernetes/api-server.ts';
import { helmSkip } from '../../support/kubernetes/helm-tool.ts';
import { until } from '../../support/until.ts';
import { objectOf } from '../kubernetes/cluster/cluster-world.ts';
import { chart, configMapTemplate, releaseDeploy, succeeded } from './helm-world.ts';

let server: ApiServer;
before(async () => {
  if (helmSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = helmSkip;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  replicas: 1
  selector: { matchLabels: { app: x } }
  template:
    metadata: { labels: { app: x } }
    spec: { containers: [{ name: x, image: "x:{{ .Values.tag }}" }] }
`;

/** Nothing runs pods here: this says what a controller would. */
const becomes = async (name: string, condition: object): Promise<void> => {
  const live = (await objectOf(server, 'deployment', name)) as { metadata: { generation: number } };
  const counts = { replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1 };
  const status = { observedGeneration: live.metadata.generation, ...counts, ...condition };
  await server.kubectl(
    'patch',
    'deployment',
    name,
    '--subresource=status',
    '--type=merge',
    '-p',
    JSON.stringify({ status }),
  );
};
const READY = {
  conditions: [
    { type: 'Available', status: 'True' },
    { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
  ],
};
const STUCK = {
  conditions: [
    { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'no luck' },
  ],
};

test('health is waited for on later visits; what fails is rolled back to what was applied', {
  skip,
}, async () => {
  const files = chart({ 'd.yaml': deployment });
  const of = (tag: number, result?: ReturnType<typeof succeeded>) =>
    releaseDeploy(server, { name: 'health', settings: { wait: true, values: { tag } }, result });
  const first = await of(1).run(files, () => becomes('health', READY));
  assert.match(first.messages[0] ?? '', /^0 of 1 objects are ready; waits for Deployment\/default\/health: /);
  const result = succeeded(first);
  const second = of(2, result);
  await assert.rejects(
    second.run(files, () => becomes('health', STUCK)),
    {
      code: 'DEPLOY_FAILED',
      message: 'Deployment/default/health: ProgressDeadlineExceeded: no luck',
    },
  );
  assert.deepEqual(second.programs, ['upgrade']);
  const undoing = of(2, result);
  await Promise.all([
    undoing.undo(files).then(({ end, log }) => {
      assert.equal(end.state, 'succeeded');
      assert.match(log.join('\n'), /release default\/health is back at revision 1, as revision 3/);
    }),
    until('rolled back', async () => {
      const live = await server.kubectl('get', 'deployment', 'health', '-o', 'jsonpath={..image}');
      if (live !== 'x:1') return undefined;
      await becomes('health', READY);
      return true;
    }),
  ]);
  assert.deepEqual(undoing.programs, ['rollback']);
  // It is what was applied: nothing is to be done.
  const again = of(1, result);
  succeeded(await again.run(files));
  assert.deepEqual(again.programs, []);
});

test('a first install that fails is taken back by an uninstall', { skip }, async () => {
  const bad = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: bad-second }\ndata: { a: [1] }\n`;
  const files = chart({ 'a.yaml': configMapTemplate('bad-first'), 'b.yaml': bad });
  const deploy = releaseDeploy(server, { name: 'bad', settings: { disableSchemaValidation: true } });
  await assert.rejects(deploy.run(files), {
    code: 'DEPLOY_FAILED',
    message: /^helm install of release default\/bad failed/,
  });
  const { end } = await deploy.undo(files);
  assert.equal(end.state, 'succeeded');
  assert.equal(await objectOf(server, 'configmap', 'bad-first'), undefined);
  assert.equal(await server.kubectl('get', 'secrets', '-l', 'owner=helm,name=bad', '-o', 'name'), '');
});
