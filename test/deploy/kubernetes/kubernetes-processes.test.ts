import assert from 'node:assert/strict';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { test } from 'node:test';
import { systemClock } from '../../../shared/clock.ts';
import { findKubectl } from '../../../shared/deploy/kubernetes/build/kubectl.ts';
import { openCluster } from '../../../shared/deploy/kubernetes/cluster/open-cluster.ts';
import { kubectlSkip } from '../../support/kubernetes/api-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { clusterDeploy } from './cluster/cluster-world.ts';

const skip = kubectlSkip;

/** Of an API server that is not there: the proxy does not ask before it is asked. */
const kubeconfig = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'none',
  clusters: [{ name: 'none', cluster: { server: 'https://127.0.0.1:9' } }],
  contexts: [{ name: 'none', context: { cluster: 'none', user: 'none' } }],
  users: [{ name: 'none', user: { token: 'a-token-of-nobody' } }],
});

/** Runs with a folder of its own for temporary files. */
async function withTemporary(work: (path: string) => Promise<void>): Promise<void> {
  const folder = await temporaryFolder();
  const before = process.env['TMPDIR'];
  const path = `${folder.path}/t`;
  await mkdir(path);
  process.env['TMPDIR'] = path;
  try {
    await work(path);
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await folder.remove();
  }
}

test(
  'a kubeconfig is on the disk no longer than kubectl reads it, and its socket is of this user alone',
  {
    skip,
  },
  () =>
    withTemporary(async (path) => {
      const signal = AbortSignal.timeout(60_000);
      const kubectl = await findKubectl(signal);
      const access = { kubectl, kubeconfig, context: undefined, serviceAccount: undefined };
      {
        await using _open = await openCluster({ ...access, clock: systemClock, signal });
        const [folder = ''] = await readdir(path);
        assert.equal((await stat(`${path}/${folder}`)).mode & 0o777, 0o700);
        assert.deepEqual(await readdir(`${path}/${folder}`), ['owner', 's']);
      }
      assert.deepEqual(await readdir(path), []);
    }),
);

test(
  'an artifact that has kustomize take all memory fails its deploy alone',
  { skip, timeout: 100_000 },
  () =>
    withTemporary(async (path) => {
      const row = (name: string, of: string): string =>
        `${name}: &${name} [${Array.from({ length: 10 }, () => `*${of}`).join(', ')}]`;
      const bomb = [
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\na: &a [x, x]',
        ...[...'bcdefghij'].map((name, at) => row(name, 'abcdefghi'[at] ?? 'a')),
      ].join('\n');
      const run = clusterDeploy({ kubeconfig }, { name: 'bomb' }).run({ 'a.yaml': bomb });
      await assert.rejects(run, { code: 'DEPLOY_FAILED', message: /more than \d+ MiB of memory/ });
      assert.deepEqual(await readdir(path), []);
    }),
);
