import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OpenRelease, openRelease } from '../../../shared/deploy/helm/helm-visit.ts';
import { textAt } from '../../../shared/deploy/kubernetes/cluster-object.ts';
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

test('a hook that failed and is deleted fails again where the visit is cut off after that', {
  skip,
  timeout: 60_000,
}, async () => {
  const policy = 'hook-failed';
  const files = chart({
    'a.yaml': configMapTemplate('cut'),
    'h.yaml': hookPod('post-install', 'cut-hook', { policy }),
  });
  let cuts = 0;
  const cutOnce: OpenRelease = async (context) => {
    const open = await openRelease(context);
    const send: typeof open.cluster.send = async (request) => {
      const answer = await open.cluster.send(request);
      const isCut = cuts === 0 && request.method === 'DELETE' && request.path.endsWith('/cut-hook');
      if (!isCut) return answer;
      cuts += 1;
      throw new Error('cut off');
    };
    return { ...open, cluster: { send }, [Symbol.asyncDispose]: () => open[Symbol.asyncDispose]() };
  };
  const deploy = deployOf('cut', { open: cutOnce });
  await assert.rejects(deploy.run(files, kubelet(['cut-hook']).onRunning), /cut off/);
  const secret = ['get', 'secret', 'sh.helm.release.v1.cut.v1', '-o', 'jsonpath={.metadata.labels.status}'];
  assert.equal(await server.kubectl(...secret), 'failed');
});

test('a hook that has gone has failed where its chart has it deleted then, and else was done', {
  skip,
  timeout: 120_000,
}, async () => {
  for (const [policy, isFailed] of [
    ['hook-failed', true],
    ['before-hook-creation', false],
  ] as const) {
    const name = `gone-${isFailed}`;
    const files = chart({
      'a.yaml': configMapTemplate(name),
      'h.yaml': hookPod('pre-install', name, { policy }),
    });
    const run = deployOf(name).run(files, async (message) => {
      if (!message.startsWith('waits for hook pre-install Pod')) return;
      await server.kubectl('delete', 'pod', name, '--force', '--grace-period=0');
    });
    if (isFailed) await assert.rejects(run, { code: 'DEPLOY_FAILED', message: /it has gone/ });
    else succeeded(await run);
  }
});

test('hooks that ended before one that failed are deleted as they ended; so are tests that failed and are ignored', {
  skip,
  timeout: 120_000,
}, async () => {
  const files = chart({
    'a.yaml': configMapTemplate('own'),
    'h1.yaml': hookPod('pre-install', 'own-first', { weight: -1, policy: 'hook-succeeded' }),
    'h2.yaml': hookPod('pre-install', 'own-second', { policy: 'hook-succeeded' }),
  });
  await assert.rejects(deployOf('own').run(files, kubelet(['own-second']).onRunning), /own-second failed/);
  assert.equal(await objectOf(server, 'pod', 'own-first'), undefined);
  assert.ok(await objectOf(server, 'pod', 'own-second'));
  const settings = { test: true, ignoreTestFailures: true };
  const tested = chart({
    'a.yaml': configMapTemplate('own-tests'),
    't1.yaml': hookPod('test', 'own-passed', { policy: 'hook-succeeded' }),
    't2.yaml': hookPod('test', 'own-failed', { policy: 'hook-succeeded' }),
  });
  succeeded(await deployOf('own-tests', { settings }).run(tested, kubelet(['own-failed']).onRunning));
  assert.equal(await objectOf(server, 'pod', 'own-passed'), undefined);
  assert.ok(await objectOf(server, 'pod', 'own-failed'));
});

test('hooks after a release whose run was cut off are run by the next try, and helm is not', {
  skip,
  timeout: 120_000,
}, async () => {
  const files = chart({
    'a.yaml': configMapTemplate('late'),
    'h.yaml': hookPod('post-install', 'late-hook'),
  });
  const cutOff = (message: string): void => {
    if (message.startsWith('waits for hook post-install')) throw new Error('out of time');
  };
  await assert.rejects(deployOf('late').run(files, cutOff), /out of time/);
  const { ran, onRunning } = kubelet();
  const next = deployOf('late', { context: { runId: 'landfall-another-run' } });
  assert.equal(succeeded(await next.run(files, onRunning)).version, 1);
  assert.deepEqual(ran, ['late-hook']);
  assert.deepEqual(next.programs, []);
  const again = kubelet();
  succeeded(await deployOf('late', { context: { runId: 'landfall-third' } }).run(files, again.onRunning));
  assert.deepEqual(again.ran, []);
});

test('a hook that was made for other values is made anew', { skip, timeout: 120_000 }, async () => {
  const files = (size: string) =>
    chart({ 'a.yaml': configMapTemplate('marked', size), 'h.yaml': hookPod('pre-install', 'marked-hook') });
  const cutOff = (message: string): void => {
    if (message.startsWith('waits for hook pre-install Pod')) throw new Error('out of time');
  };
  await assert.rejects(deployOf('marked').run(files('1'), cutOff), /out of time/);
  const patch = JSON.stringify({ status: { phase: 'Failed' } });
  await server.kubectl('patch', 'pod', 'marked-hook', '--subresource=status', '--type=merge', '-p', patch);
  const { ran, onRunning } = kubelet();
  succeeded(await deployOf('marked').run(files('2'), onRunning));
  assert.deepEqual(ran, ['marked-hook']);
});

const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: crates.test.example, annotations: { helm.sh/hook: "pre-install,pre-upgrade" } }
spec:
  group: test.example
  scope: Namespaced
  names: { kind: Crate, plural: crates }
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]
`;

test('a definition that is a hook is brought up to date where it is, with its uid', {
  skip,
  timeout: 120_000,
}, async () => {
  const files = (size: string) =>
    chart({ 'a.yaml': configMapTemplate('defined', size), 'h.yaml': DEFINITION });
  const uid = async () => textAt(await objectOf(server, 'crd', 'crates.test.example'), 'metadata', 'uid');
  succeeded(await deployOf('defined').run(files('1')));
  const before = await uid();
  succeeded(await deployOf('defined', { context: { runId: 'landfall-another-run' } }).run(files('2')));
  assert.equal(await uid(), before);
});
