import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isObject } from '../../shared/kernel/json.ts';
import { atEnd } from '../support/at-end.ts';
import { startApiServer } from '../support/kubernetes/api-server.ts';
import { helmProgram, helmSkip } from '../support/kubernetes/helm-tool.ts';
import { openServeMachine } from '../support/programs/serve-machine.ts';
import { until } from '../support/until.ts';

const PODINFO = fileURLToPath(new URL('../../../shared/data/podinfo/charts/podinfo', import.meta.url));
const skip =
  helmSkip || (existsSync(PODINFO) ? false : 'podinfo is not there: skipped a real chart in a cluster');

const release = `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: podinfo, namespace: apps }
spec:
  interval: 1s
  timeout: 1m
  releaseName: podinfo
  targetNamespace: ours
  chart: { spec: { chart: podinfo, version: "*", sourceRef: { kind: HelmRepository, name: charts } } }
  install: { createNamespace: true, disableWait: true }
  upgrade: { disableWait: true }
  driftDetection: { mode: enabled }
  values: { replicaCount: 2 }
`;

const repository = (host: string): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: { name: charts, namespace: apps }
spec: { type: oci, interval: 1h, insecure: true, url: "oci://${host}/charts" }
`;

const run = promisify(execFile);

/** What of objects is of their templates. */
function specsOf(list: unknown, namespace: string): unknown {
  const items = isObject(list) && Array.isArray(list['items']) ? list['items'] : [];
  const specs = items.map(({ kind, metadata, spec: { clusterIP: _ip, clusterIPs: _ips, ...spec } }) => [
    ...[kind, metadata.name, metadata.labels, metadata.annotations, spec],
  ]);
  return JSON.parse(JSON.stringify(specs).replaceAll(namespace, 'NAMESPACE'));
}

test("podinfo's chart comes into a cluster by Flux's documents: pushed, upgraded, drifted, uninstalled", {
  skip,
  timeout: 240_000,
}, async (t) => {
  const server = await startApiServer();
  atEnd(t, () => server.stop());
  const machine = await openServeMachine(t);
  const { host } = machine.registry;
  const at = (name: string): string => join(machine.folder, name);
  const [flux, kubeconfig, chart] = [at('flux.yaml'), at('kubeconfig'), at('podinfo')];
  await writeFile(kubeconfig, server.kubeconfig, { mode: 0o600 });
  await writeFile(flux, `${repository(host)}---${release}`);
  await machine.write({ sources: [] });
  await cp(PODINFO, chart, { recursive: true });
  const env = { ...process.env, HOME: machine.folder };
  const push = async (version: string): Promise<void> => {
    await run(helmProgram, ['package', chart, '--version', version, '--destination', machine.folder], {
      env,
    });
    await run(helmProgram, ['push', at(`podinfo-${version}.tgz`), `oci://${host}/charts`, '--plain-http'], {
      env,
    });
  };
  await push('6.0.0');
  await machine.serve({ documents: [machine.sources, flux], env: { KUBECONFIG: kubeconfig } });

  const get = async (namespace: string): Promise<unknown> => {
    const text = await server.kubectl('get', 'deployments,services,hpa', '-n', namespace, '-o', 'json');
    return specsOf(JSON.parse(text), namespace);
  };
  const field = (path: string): Promise<string> =>
    server.kubectl('get', 'deployment', 'podinfo', '-n', 'ours', '-o', `jsonpath=${path}`).catch(() => '');
  const becomes = (what: string, path: string, wanted: string): Promise<true> =>
    until(what, async () => ((await field(path)) === wanted ? true : undefined), 60_000);
  const version = '{.metadata.labels.helm\\.sh/chart}';
  await becomes('the release', version, 'podinfo-6.0.0');
  const theirs = ['upgrade', 'podinfo', at('podinfo-6.0.0.tgz'), '--install', '--create-namespace'];
  const flags = ['--namespace', 'theirs', '--set', 'replicaCount=2', '--kubeconfig', kubeconfig];
  await run(helmProgram, [...theirs, ...flags], { env });
  assert.deepEqual(await get('ours'), await get('theirs'));

  await server.kubectl('scale', 'deployment', 'podinfo', '-n', 'ours', '--replicas', '7');
  await becomes('what was changed by hand to be brought back', '{.spec.replicas}', '2');

  const values = join(chart, 'values.yaml');
  await writeFile(values, (await readFile(values, 'utf8')).replace(/^logLevel: .*$/m, 'logLevel: debug'));
  await push('6.1.0');
  await machine.on('reconcile', 'apps/podinfo');
  await becomes('the next version', version, 'podinfo-6.1.0');
  assert.match(await field('{.spec.template.spec.containers[0].command}'), /--level=debug/);

  // What a run has said is there once it has ended.
  await until(
    'the log of the upgrade',
    async () => {
      const { stdout } = await machine.on('logs', 'apps-podinfo-release');
      return /helm v\d.*\n.*revision \d+ of release ours\/podinfo: podinfo 6\.1\.0/.test(stdout) || undefined;
    },
    60_000,
  );
  const history = ['history', 'podinfo', '--namespace', 'ours', '--kubeconfig', kubeconfig];
  assert.match(
    (await run(helmProgram, history, { env })).stdout,
    /superseded.*podinfo-6\.0\.0[\s\S]*deployed.*podinfo-6\.1\.0/,
  );

  await writeFile(flux, repository(host));
  // Its history goes last.
  const secrets = ['get', 'secrets', '-n', 'ours', '-l', 'owner=helm', '-o', 'name'];
  await until(
    'the release to be uninstalled',
    async () => ((await server.kubectl(...secrets)) === '' ? true : undefined),
    90_000,
  );
  assert.equal(await field('{.metadata.name}'), '');
});
