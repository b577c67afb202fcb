import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiServer, startApiServer } from '../../support/kubernetes/api-server.ts';
import { helmSkip } from '../../support/kubernetes/helm-tool.ts';
import { objectOf } from '../kubernetes/cluster-world.ts';
import { chart, configMapTemplate, releaseDeploy, succeeded } from './helm-world.ts';

let server: ApiServer;
before(async () => {
  if (helmSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = helmSkip;

const sizeOf = async (name: string): Promise<unknown> =>
  (await objectOf(server, 'configmap', name))?.['data'];

test('a chart is installed, upgraded and left alone, without a helm where nothing differs', {
  skip,
}, async () => {
  const first = chart({ 'a.yaml': configMapTemplate('first') });
  const deploy = releaseDeploy(server, { name: 'first' });
  const installed = await deploy.run(first);
  assert.equal(succeeded(installed).version, 1);
  assert.match(installed.log.join('\n'), /^helm v\d/);
  assert.deepEqual(await sizeOf('first'), { size: 'small' });
  assert.deepEqual(deploy.programs, ['upgrade']);

  const again = releaseDeploy(server, { name: 'first' });
  assert.equal(succeeded(await again.run(first)).version, 1);
  assert.equal((await again.plan(first)).summary, 'nothing to change of 1 objects');
  assert.deepEqual(again.programs, []);

  const larger = releaseDeploy(server, { name: 'first', settings: { values: { size: 'large' } } });
  const plan = await larger.plan(first);
  assert.deepEqual(plan, {
    summary: 'upgrade shop 1.0.0: 2 to update',
    changes: [
      { action: 'update', what: 'Release/default/first', why: 'shop 1.0.0: its files or values differ' },
      { action: 'update', what: 'ConfigMap/default/first', why: 'data.size: "small" → "large"' },
    ],
  });
  assert.equal(succeeded(await larger.run(first)).version, 2);
  assert.deepEqual(await sizeOf('first'), { size: 'large' });
  assert.deepEqual(larger.programs, ['upgrade --dry-run=server', 'upgrade']);
});
