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

const hook = (kind: 'test' | 'pre-upgrade', name: string): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, annotations: { helm.sh/hook: ${kind} } }
spec: { restartPolicy: Never, containers: [{ name: x, image: x }] }
`;

/** Nothing runs pods here: this says what a kubelet would. */
const ends = (name: string, phase: 'Succeeded' | 'Failed'): Promise<true> =>
  until(
    `pod ${name}`,
    async () => {
      if ((await objectOf(server, 'pod', name)) === undefined) return undefined;
      const patch = JSON.stringify({ status: { phase } });
      await server.kubectl('patch', 'pod', name, '--subresource=status', '--type=merge', '-p', patch);
      return true as const;
    },
    30_000,
  );

test('the tests of a release run once all is ready, and once', { skip, timeout: 90_000 }, async () => {
  const files = chart({ 'a.yaml': configMapTemplate('tested'), 't.yaml': hook('test', 'tested-check') });
  const settings = { test: true };
  const deploy = releaseDeploy(server, { name: 'tested', settings });
  const [run] = await Promise.all([deploy.run(files), ends('tested-check', 'Succeeded')]);
  assert.match(run.end.state === 'succeeded' ? (run.end.message ?? '') : '', /and its 1 tests passed$/);
  assert.match(run.log.join('\n'), /runs the 1 tests of revision 1: Pod\/tested-check/);
  assert.deepEqual(deploy.programs, ['upgrade', 'test']);
  const again = releaseDeploy(server, { name: 'tested', settings });
  succeeded(await again.run(files));
  assert.deepEqual(again.programs, []);
});

test('a test that fails fails the deploy, unless that is ignored', { skip, timeout: 90_000 }, async () => {
  const files = (name: string) =>
    chart({ 'a.yaml': configMapTemplate(name), 't.yaml': hook('test', `${name}-check`) });
  const failing = releaseDeploy(server, { name: 'untested', settings: { test: true } });
  await Promise.all([
    assert.rejects(failing.run(files('untested')), {
      code: 'DEPLOY_FAILED',
      message: /^helm test of release/,
    }),
    ends('untested-check', 'Failed'),
  ]);
  const settings = { test: true, ignoreTestFailures: true };
  const [run] = await Promise.all([
    releaseDeploy(server, { name: 'ignored', settings }).run(files('ignored')),
    ends('ignored-check', 'Failed'),
  ]);
  assert.match(run.log.join('\n'), /its tests failed, and that is ignored/);
  succeeded(run);
});

test('hooks are told in the plan and run, and left out where the deploy says so', {
  skip,
  timeout: 90_000,
}, async () => {
  const files = (size: string) =>
    chart({ 'a.yaml': configMapTemplate('hooked', size), 'h.yaml': hook('pre-upgrade', 'hooked-before') });
  const deploy = releaseDeploy(server, { name: 'hooked' });
  succeeded(await deploy.run(files('1')));
  const { changes } = await deploy.plan(files('2'));
  assert.deepEqual(changes.at(-1), { action: 'run', what: 'Pod/hooked-before', why: 'hook pre-upgrade' });
  const [run] = await Promise.all([deploy.run(files('2')), ends('hooked-before', 'Succeeded')]);
  assert.equal(succeeded(run).version, 2);
  const without = releaseDeploy(server, { name: 'hooked', settings: { disableHooks: ['upgrade'] } });
  assert.equal(succeeded(await without.run(files('3'))).version, 3);
});
