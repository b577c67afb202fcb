import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { stampsOfDocuments } from '../../local/documents/documents.ts';
import { forThisMachine } from '../../local/documents/own-cluster.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { type Configuration, NO_DOCUMENTS } from '../../shared/source/source.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const entry = (name: string, more: Partial<DeployEntry> = {}): DeployEntry =>
  ({ name, kind: 'kubernetes', source: 'web/app', settings: {}, ...more }) as DeployEntry;

const configuration = {
  ...NO_DOCUMENTS,
  deploys: [entry('of-flux', { isMapped: true }), entry('ours')],
} satisfies Configuration;

const namesIn = ({ deploys }: Configuration): readonly string[] => deploys.map(({ name }) => name);

test('on a machine without a cluster what Flux means by "here" is suspended and told, and what we are asked for is not', async (t) => {
  const home = await temporaryFolder();
  t.after(() => home.remove());
  const here = forThisMachine(configuration, { HOME: home.path });
  assert.deepEqual(namesIn(here), ['of-flux', 'ours'], 'what is gone would be pruned');
  assert.deepEqual(
    here.deploys.map(({ suspend }) => suspend ?? false),
    [true, false],
  );
  assert.match(here.notices[0]?.message ?? '', /no cluster: of-flux\. Set KUBECONFIG/);
  for (const env of [{ KUBECONFIG: '/k' }, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }])
    assert.equal(forThisMachine(configuration, { HOME: home.path, ...env }), configuration);
  await mkdir(join(home.path, '.kube'));
  await writeFile(join(home.path, '.kube', 'config'), '');
  assert.equal(forThisMachine(configuration, { HOME: home.path }), configuration);
});

test('documents are read again once the machine has a cluster', async (t) => {
  const folder = await temporaryFolder();
  const { KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST } = process.env;
  t.after(async () => {
    for (const [name, value] of Object.entries({ KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST }))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    await folder.remove();
  });
  delete process.env['KUBECONFIG'];
  delete process.env['KUBERNETES_SERVICE_HOST'];
  process.env['HOME'] = folder.path;
  const stamps = () => stampsOfDocuments({ file: [] });
  const before = await stamps();
  assert.equal(await stamps(), before);
  await mkdir(join(folder.path, '.kube'));
  await writeFile(join(folder.path, '.kube', 'config'), '');
  assert.notEqual(await stamps(), before);
});
