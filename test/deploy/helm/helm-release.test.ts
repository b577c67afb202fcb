import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { type ApiServer, startApiServer } from '../../support/kubernetes/api-server.ts';
import { helmProgram, helmSkip } from '../../support/kubernetes/helm-tool.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { objectOf } from '../kubernetes/cluster/cluster-world.ts';
import { chart, configMapTemplate, releaseDeploy, succeeded } from './helm-world.ts';

let server: ApiServer;
before(async () => {
  if (helmSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = helmSkip;
const run = promisify(execFile);

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

test('a plan for a namespace that is not there yet makes none', { skip }, async () => {
  const files = chart({ 'a.yaml': configMapTemplate('absent') });
  const settings = { targetNamespace: 'absent-space', createNamespace: true };
  const deploy = releaseDeploy(server, { name: 'absent', settings });
  assert.deepEqual(await deploy.plan(files), {
    summary: 'install shop 1.0.0: 2 to create',
    changes: [
      { action: 'create', what: 'Release/absent-space/absent', why: 'shop 1.0.0' },
      { action: 'create', what: 'ConfigMap/absent-space/absent' },
    ],
  });
  assert.equal(await objectOf(server, 'namespace', 'absent-space'), undefined);
});

test('a chart that has landed as an archive is installed as one that has landed as a folder', {
  skip,
}, async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  for (const [path, content] of Object.entries(chart({ 'a.yaml': configMapTemplate('packed') }))) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), content);
  }
  await run(helmProgram, ['package', 'shop'], { cwd: folder.path, env: { HOME: folder.path } });
  const files = { 'layer.tar.gz': await readFile(join(folder.path, 'shop-1.0.0.tgz')) };
  const deploy = releaseDeploy(server, { name: 'packed' });
  assert.equal(succeeded(await deploy.run(files)).version, 1);
  succeeded(await deploy.run(files));
  assert.deepEqual(deploy.programs, ['show', 'upgrade']);
  const more = releaseDeploy(server, { name: 'packed', settings: { valuesFiles: ['prod.yaml'] } });
  await assert.rejects(more.run(files), { code: 'DEPLOY_FAILED', message: /this one is an archive/ });
});

test('files of the chart take the place of its values where the deploy names them', { skip }, async () => {
  const files = chart(
    { 'a.yaml': configMapTemplate('filed', '{{ .Values.size }} {{ .Values.more }}') },
    {
      'shop/values.yaml': 'size: small\nmore: of the chart\n',
      'shop/prod.yaml': 'size: large\n',
    },
  );
  const settings = { valuesFiles: ['prod.yaml', 'absent.yaml'], ignoreMissingValuesFiles: true };
  succeeded(await releaseDeploy(server, { name: 'filed', settings }).run(files));
  assert.deepEqual(await sizeOf('filed'), { size: 'large ' });
  const strict = { valuesFiles: ['absent.yaml'] };
  await assert.rejects(releaseDeploy(server, { name: 'filed', settings: strict }).run(files), {
    code: 'DEPLOY_FAILED',
    message: /shop\/absent.yaml is not in the artifact/,
  });
});
