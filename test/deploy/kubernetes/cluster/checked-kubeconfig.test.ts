import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { checkedKubeconfig } from '../../../../shared/deploy/kubernetes/cluster/checked-kubeconfig.ts';
import { kubectlSkip } from '../../../support/kubernetes/api-server.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { clusterDeploy, configMap } from './cluster-world.ts';

/** As `kubectl config view --raw` prints one. */
const kubeconfig = (user: string, cluster = 'server: https://127.0.0.1:9'): string => `apiVersion: v1
kind: Config
clusters: [{name: a, cluster: {${cluster}}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
current-context: a
preferences: {}
users: [{name: a, user: {${user}}}]
`;

test('what holds all it needs is let through as it is', () => {
  const text = checkedKubeconfig(
    kubeconfig('token: t, client-certificate-data: YQ==, client-key-data: YQ=='),
  );
  assert.deepEqual(JSON.parse(text).users[0].user, {
    token: 't',
    'client-certificate-data': 'YQ==',
    'client-key-data': 'YQ==',
  });
});

const HOSTILE: readonly (readonly [text: string, named: RegExp])[] = [
  [kubeconfig('exec: {apiVersion: client.authentication.k8s.io/v1, command: sh}'), /has exec in users.user/],
  [kubeconfig('Exec: {command: sh}'), /has Exec/],
  [kubeconfig('auth-provider: {name: gcp, config: {cmd-path: sh}}'), /has auth-provider/],
  [kubeconfig('tokenFile: /proc/self/environ'), /has tokenFile/],
  [kubeconfig('client-key: /etc/key'), /has client-key/],
  [kubeconfig('token: t', 'certificate-authority: /etc/passwd'), /has certificate-authority/],
  [kubeconfig('<<: {exec: {command: sh}}'), /has (exec|<<)/],
  [kubeconfig('token: t').replace('users:', 'Users:'), /has Users in its root/],
  [kubeconfig('token: t').replace('user: {token', 'User: {token'), /has User in users/],
  ['users: {a: {exec: {}}}', /has a in users/],
  ['- a', /no mapping/],
  ['users: [', /cannot be read/],
];
for (const [text, message] of HOSTILE)
  test(`refuses on Lambda: ${message.source}`, () =>
    assert.throws(() => checkedKubeconfig(text), { code: 'DEPLOY_FAILED', message }));

test('on Lambda no program of a kubeconfig is run', { skip: kubectlSkip }, async () => {
  const folder = await temporaryFolder();
  const mark = `${folder.path}/ran`;
  const exec = `exec: {apiVersion: client.authentication.k8s.io/v1, command: touch, args: [${mark}], interactiveMode: Never}`;
  process.env['AWS_LAMBDA_FUNCTION_NAME'] = 'deploys';
  try {
    const signal = AbortSignal.timeout(30_000);
    const deploy = clusterDeploy({ kubeconfig: kubeconfig(exec) }, { name: 'exec', signal });
    await assert.rejects(deploy.run({ 'a.yaml': configMap('a', {}) }), { code: 'DEPLOY_FAILED' });
    assert.equal(existsSync(mark), false);
  } finally {
    delete process.env['AWS_LAMBDA_FUNCTION_NAME'];
    await folder.remove();
  }
});
