import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isObject } from '../../shared/kernel/json.ts';
import { atEnd } from '../support/at-end.ts';
import { landfallProcess } from '../support/cli.ts';
import { apiServerSkip, startApiServer } from '../support/kubernetes/api-server.ts';
import { openServeMachine } from '../support/programs/serve-machine.ts';
import { until } from '../support/until.ts';

const PODINFO = fileURLToPath(new URL('../../../shared/data/podinfo/kustomize', import.meta.url));
const skip =
  apiServerSkip ||
  (existsSync(PODINFO) ? false : 'podinfo is not there: skipped a real project in a cluster');

const documents = (host: string): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: podinfo, namespace: apps }
spec: { interval: 1h, url: "oci://${host}/team/podinfo", insecure: true, ref: { semver: ">=6.0.0" } }
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: podinfo, namespace: apps }
spec:
  interval: 1s
  timeout: 1m
  prune: true
  path: ./
  targetNamespace: ours
  sourceRef: { kind: OCIRepository, name: podinfo }
`;

/** What of an object is of its manifest. */
function specsOf(list: unknown): unknown {
  const items = isObject(list) && Array.isArray(list['items']) ? list['items'] : [];
  return items.map(({ kind, metadata: { name }, spec: { clusterIP: _ip, clusterIPs: _ips, ...spec } }) => [
    kind,
    name,
    spec,
  ]);
}

test("podinfo comes into a cluster by Flux's documents: pushed, changed, drifted, pruned, rolled back", {
  skip,
  timeout: 240_000,
}, async (t) => {
  const server = await startApiServer();
  atEnd(t, () => server.stop());
  for (const namespace of ['ours', 'theirs']) await server.kubectl('create', 'namespace', namespace);
  const machine = await openServeMachine(t);
  const [flux, kubeconfig, folder] = ['flux.yaml', 'kubeconfig', 'podinfo'].map((name) =>
    join(machine.folder, name),
  ) as [string, string, string];
  await writeFile(kubeconfig, server.kubeconfig, { mode: 0o600 });
  await writeFile(flux, documents(machine.registry.host));
  await machine.write({ sources: [] });
  await cp(PODINFO, folder, { recursive: true });
  const push = (tag: string) =>
    landfallProcess(['push', folder, `oci://${machine.registry.host}/team/podinfo:${tag}`, '--plain-http']);
  assert.equal((await push('6.0.0')).code, 0);
  await machine.serve({ documents: [machine.sources, flux], env: { KUBECONFIG: kubeconfig } });

  const get = async (namespace: string): Promise<unknown> =>
    JSON.parse(await server.kubectl('get', 'deployments,services,hpa', '-n', namespace, '-o', 'json'));
  const names = async (): Promise<string> =>
    (await server.kubectl('get', 'deployments,services,hpa', '-n', 'ours', '-o', 'name')).trim();
  await until('podinfo', async () => ((await names()).split('\n').length === 3 ? true : undefined), 60_000);
  const kustomization = join(folder, 'kustomization.yaml');
  const text = await readFile(kustomization, 'utf8');
  await writeFile(kustomization, `${text}\nnamespace: theirs\n`);
  await server.kubectl('apply', '--server-side', '-k', folder);
  assert.deepEqual(specsOf(await get('ours')), specsOf(await get('theirs')));

  // Somebody changes it by hand.
  await server.kubectl(
    'patch',
    'service',
    'podinfo',
    '-n',
    'ours',
    '--type=merge',
    '--patch',
    '{"spec":{"type":"NodePort"}}',
  );
  const typeOf = () =>
    server.kubectl('get', 'service', 'podinfo', '-n', 'ours', '-o', 'jsonpath={.spec.type}');
  await until(
    'the service to be brought back',
    async () => ((await typeOf()) === 'ClusterIP' ? true : undefined),
    60_000,
  );

  // A push that takes one object out.
  await rm(join(folder, 'hpa.yaml'));
  await writeFile(kustomization, text.replace(/^.*hpa.yaml.*$/m, ''));
  assert.equal((await push('6.1.0')).code, 0);
  await until(
    'the autoscaler to be pruned',
    async () => ((await names()).includes('autoscaler') ? undefined : true),
    60_000,
  );

  // And back.
  const back = await machine.on('rollback', 'apps/podinfo', '--to', '6.0.0');
  assert.equal(back.code, 0, back.stderr);
  await until(
    'the autoscaler to be back',
    async () => ((await names()).includes('autoscaler') ? true : undefined),
    60_000,
  );
  const deploys = await machine.on('get', 'deploys', '--json');
  assert.match(deploys.stdout, /"name":\s*"apps-podinfo"|apps-podinfo/);
  const logs = await machine.on('logs', 'apps-podinfo');
  assert.match(logs.stdout, /HorizontalPodAutoscaler\/ours\/podinfo (created|deleted)/);
});
