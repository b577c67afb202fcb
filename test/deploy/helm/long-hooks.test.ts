import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OpenRelease, openRelease } from '../../../shared/deploy/helm/helm-visit.ts';
import { hooksOf, isDeleted } from '../../../shared/deploy/helm/hooks/hook-order.ts';
import { hookState } from '../../../shared/deploy/helm/hooks/run-hook.ts';
import type { JsonObject } from '../../../shared/kernel/json.ts';
import { type ApiServer, startApiServer } from '../../support/kubernetes/api-server.ts';
import { helmSkip } from '../../support/kubernetes/helm-tool.ts';
import { objectOf } from '../kubernetes/cluster/cluster-world.ts';
import { chart, configMapTemplate, type HelmWorld, releaseDeploy, succeeded } from './helm-world.ts';
import { hookPod, kubeletOf } from './hook-pods.ts';

let server: ApiServer;
before(async () => {
  if (helmSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = helmSkip;

const kubelet = (fails: readonly string[] = []) => kubeletOf(server, fails);

const deployOf = (name: string, more: Partial<HelmWorld> & { readonly settings?: object } = {}) =>
  releaseDeploy(server, { name, ...more, settings: { longHooks: true, ...more.settings } });

test('long hooks are run one by one in their order, with helm in between, which runs none', {
  skip,
  timeout: 120_000,
}, async () => {
  const files = chart({
    'a.yaml': configMapTemplate('long'),
    'h1.yaml': hookPod('pre-install,pre-upgrade', 'long-second', { weight: 5 }),
    'h2.yaml': hookPod('pre-install', 'long-first', { weight: -5, policy: 'hook-succeeded' }),
    'h3.yaml': hookPod('post-install', 'long-after'),
  });
  const deploy = deployOf('long');
  const { ran, onRunning } = kubelet();
  const seen: unknown[] = [];
  const run = await deploy.run(files, async (message) => {
    if (message.startsWith('waits for hook pre-')) seen.push(await objectOf(server, 'configmap', 'long'));
    await onRunning(message);
  });
  assert.equal(succeeded(run).version, 1);
  assert.deepEqual(ran, ['long-first', 'long-second', 'long-after']);
  assert.deepEqual(seen, [undefined, undefined]);
  assert.equal(await objectOf(server, 'pod', 'long-first'), undefined);
  assert.ok(await objectOf(server, 'pod', 'long-second'));
  assert.deepEqual(new Set(deploy.programs), new Set(['upgrade --dry-run=server', 'upgrade']));
  assert.match(run.log.join('\n'), /Pod\/long-first begins\n(.*\n)*hook pre-install Pod\/long-first ended/);

  const again = deployOf('long');
  succeeded(await again.run(files));
  assert.deepEqual(again.programs, []);
});

test('a hook before that fails leaves what was there, and the next try makes it anew', {
  skip,
  timeout: 120_000,
}, async () => {
  const files = (size: string) =>
    chart({ 'a.yaml': configMapTemplate('before', size), 'h.yaml': hookPod('pre-upgrade', 'before-hook') });
  succeeded(await deployOf('before').run(files('1')));
  const { onRunning } = kubelet(['before-hook']);
  await assert.rejects(deployOf('before').run(files('2'), onRunning), {
    code: 'DEPLOY_FAILED',
    message: /^hook pre-upgrade Pod\/before-hook failed: its pod failed/,
  });
  assert.deepEqual((await objectOf(server, 'configmap', 'before'))?.['data'], { size: '1' });
  const fixed = kubelet();
  const context = { runId: 'landfall-another-run' };
  const run = await deployOf('before', { context }).run(files('2'), fixed.onRunning);
  assert.equal(succeeded(run).version, 2);
  assert.deepEqual(fixed.ran, ['before-hook']);
});

test('a hook after that fails has its revision count as failed, and the next try upgrades again', {
  skip,
  timeout: 120_000,
}, async () => {
  const files = chart({
    'a.yaml': configMapTemplate('behind'),
    'h.yaml': hookPod('post-install,post-upgrade', 'behind-hook'),
  });
  await assert.rejects(deployOf('behind').run(files, kubelet(['behind-hook']).onRunning), {
    message: /^hook post-install Pod\/behind-hook failed/,
  });
  const labels = await server.kubectl(
    ...['get', 'secret', 'sh.helm.release.v1.behind.v1', '-o', 'jsonpath={.metadata.labels.status}'],
  );
  assert.equal(labels, 'failed');
  const context = { runId: 'landfall-another-run' };
  const run = await deployOf('behind', { context }).run(files, kubelet().onRunning);
  assert.equal(succeeded(run).version, 2);
});

for (const [what, ignoreTestFailures, fails, told] of [
  ['that pass', false, [], /and its 1 tests passed$/],
  ['that fail and are ignored', true, ['tests-check'], /and its tests failed$/],
] as const)
  test(`long tests ${what} run once a revision of the release`, { skip, timeout: 120_000 }, async () => {
    const name = `tests${ignoreTestFailures ? '-ignored' : ''}`;
    const files = (size: string) =>
      chart({ 'a.yaml': configMapTemplate(name, size), 't.yaml': hookPod('test', 'tests-check') });
    const settings = { test: true, ignoreTestFailures };
    for (const [at, size] of ['1', '2'].entries()) {
      const context = { runId: `landfall-${name}-${at}` };
      const { ran, onRunning } = kubelet(fails);
      const { end } = await deployOf(name, { settings, context }).run(files(size), onRunning);
      assert.match(end.state === 'succeeded' ? (end.message ?? '') : '', told);
      assert.deepEqual(ran, ['tests-check']);
      const again = deployOf(name, { settings, context: { runId: 'landfall-look' } });
      succeeded(await again.run(files(size)));
      assert.deepEqual(again.programs, []);
    }
    await server.kubectl('delete', 'pod', 'tests-check', '--force', '--grace-period=0');
  });

test('a visit that is killed once it has made a hook does not make it twice', {
  skip,
  timeout: 60_000,
}, async () => {
  const files = chart({ 'a.yaml': configMapTemplate('once'), 'h.yaml': hookPod('pre-install', 'once-hook') });
  let made = 0;
  const killedOnce: OpenRelease = async (context) => {
    const open = await openRelease(context);
    const send: typeof open.cluster.send = async (request) => {
      const answer = await open.cluster.send(request);
      if (request.method !== 'POST' || !request.path.endsWith('/pods')) return answer;
      made += 1;
      throw new Error('killed');
    };
    return { ...open, cluster: { send }, [Symbol.asyncDispose]: () => open[Symbol.asyncDispose]() };
  };
  await assert.rejects(deployOf('once', { open: killedOnce }).run(files), /killed/);
  const run = await deployOf('once', { open: killedOnce }).run(files, kubelet().onRunning);
  assert.equal(succeeded(run).version, 1);
  assert.equal(made, 1);
});

test('a hook outside the fence is not made', { skip, timeout: 60_000 }, async () => {
  const elsewhere = hookPod('pre-install', 'fenced-hook').replace(
    'metadata:',
    'metadata:\n  namespace: kube-public',
  );
  const files = chart({ 'a.yaml': configMapTemplate('fenced'), 'h.yaml': elsewhere });
  await assert.rejects(deployOf('fenced', { settings: { fence: {} } }).run(files), {
    code: 'DEPLOY_FAILED',
    message: /kube-public are outside the fence/,
  });
  assert.equal(await objectOf(server, 'pod', 'fenced-hook', '-n', 'kube-public'), undefined);
});

const ofHook = (name: string, weight: number) => ({
  name,
  weight,
  shown: `Pod/${name}`,
  manifest: '',
  events: ['pre-install'],
  phase: '',
  deletePolicies: [],
});

test('hooks of an event are in the order of weights, then of names', () => {
  const all = [ofHook('b', 0), ofHook('c', -1), ofHook('a', 0), { ...ofHook('x', -9), events: ['test'] }];
  assert.deepEqual(
    hooksOf(all, 'pre-install').map(({ name }) => name),
    ['c', 'a', 'b'],
  );
});

for (const [deletePolicies, deleted] of [
  [[], ['before-hook-creation']],
  [['hook-succeeded'], ['hook-succeeded']],
  [
    ['hook-failed', 'before-hook-creation'],
    ['before-hook-creation', 'hook-failed'],
  ],
] as const)
  test(`a hook of the policies [${deletePolicies}] is deleted by them; a definition, with all objects of it, never is`, () => {
    const all = ['before-hook-creation', 'hook-succeeded', 'hook-failed'] as const;
    const of = (shown: string) =>
      all.filter((when) => isDeleted({ ...ofHook('a', 0), deletePolicies, shown }, when));
    assert.deepEqual(of('Job/a'), deleted);
    assert.deepEqual(of('CustomResourceDefinition/a'), []);
  });

const job = (type: string, status: string): JsonObject => ({
  kind: 'Job',
  status: { conditions: [{ type, status, reason: 'BackoffLimitExceeded', message: 'no' }] },
});
for (const [what, object, is] of [
  ['a Job that is complete', job('Complete', 'True'), 'ended'],
  ['a Job that is not', job('Complete', 'False'), 'underway'],
  ['a Job that failed', job('Failed', 'True'), 'failed'],
  ['a Job that has only begun', { kind: 'Job' }, 'underway'],
  ['a Pod that is pending', { kind: 'Pod', status: { phase: 'Pending' } }, 'underway'],
  ['a Pod that is Unknown', { kind: 'Pod', status: { phase: 'Unknown' } }, 'underway'],
  ['a Pod that failed', { kind: 'Pod', status: { phase: 'Failed' } }, 'failed'],
  ['a ConfigMap', { kind: 'ConfigMap' }, 'ended'],
] as const)
  test(`as a hook, ${what} is ${is}`, () => assert.equal(hookState(object as JsonObject, '/x').is, is));
