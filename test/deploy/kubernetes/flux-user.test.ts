import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { type ApiServer, startApiServer } from '../../support/kubernetes/api-server.ts';
import { type Nodes, nodesSkip, startNodes } from '../../support/kubernetes/nodes.ts';
import { openServeMachine } from '../../support/programs/serve-machine.ts';
import { until } from '../../support/until.ts';

const skip = nodesSkip;

let server: ApiServer;
let nodes: Nodes;
before(async () => {
  if (skip !== false) return;
  server = await startApiServer();
  nodes = await startNodes(server);
});
after(async () => {
  await nodes?.stop();
  await server?.stop();
});

/** Of the shape of podinfo's `kustomize` folder, which `flux push artifact` publishes as manifests/podinfo. */
const podinfo = (image: string): Readonly<Record<string, string>> => ({
  'kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [hpa.yaml, deployment.yaml, service.yaml]\n',
  'deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: podinfo }
spec:
  minReadySeconds: 1
  progressDeadlineSeconds: 60
  strategy: { type: RollingUpdate, rollingUpdate: { maxUnavailable: 0 } }
  selector: { matchLabels: { app: podinfo } }
  template:
    metadata: { annotations: { prometheus.io/scrape: "true" }, labels: { app: podinfo } }
    spec:
      containers:
        - name: podinfod
          image: ${image}
          ports: [{ name: http, containerPort: 9898, protocol: TCP }, { name: grpc, containerPort: 9999, protocol: TCP }]
          command: [./podinfo, --port=9898, --level=info]
          env: [{ name: PODINFO_UI_COLOR, value: "#34577c" }]
          resources: { limits: { cpu: 2000m, memory: 512Mi }, requests: { cpu: 100m, memory: 64Mi } }
`,
  'service.yaml': `apiVersion: v1
kind: Service
metadata: { name: podinfo }
spec: { type: ClusterIP, selector: { app: podinfo }, ports: [{ name: http, port: 9898, targetPort: http }] }
`,
  'hpa.yaml': `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: podinfo }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: podinfo }
  minReplicas: 2
  maxReplicas: 4
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 99 } } }]
`,
});

/** As Flux's guide has them: https://fluxcd.io/flux/cheatsheets/oci-artifacts/ */
const documents = (host: string): string => `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: podinfo, namespace: flux-system }
spec: { interval: 10m, url: "oci://${host}/team/app", ref: { tag: latest }, insecure: true }
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: podinfo, namespace: flux-system }
spec:
  interval: 60s
  timeout: 3m
  targetNamespace: ours
  prune: true
  wait: true
  sourceRef: { kind: OCIRepository, name: podinfo }
  path: ./
`;

const imageIn = (namespace: string) =>
  server.kubectl(
    ...['get', 'deployment', 'podinfo', '-n', namespace, '--ignore-not-found'],
    ...['-o', 'jsonpath={.spec.template.spec.containers[0].image}'],
  );

/** Specs of what is in a namespace, but for what is of the place. */
async function specsIn(namespace: string): Promise<unknown> {
  const kinds = 'deployments,services,horizontalpodautoscalers';
  const text = await server.kubectl('get', kinds, '-n', namespace, '-o', 'json');
  const { items } = JSON.parse(text) as {
    readonly items: readonly { readonly kind: string; readonly spec: Readonly<Record<string, unknown>> }[];
  };
  return items.map(({ kind, spec: { clusterIP: _ip, clusterIPs: _ips, ...spec } }) => ({ kind, spec }));
}

test('a user of Flux sees what kubectl apply -k makes, updated by a push, pruned, rolled back and healed', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const machine = await openServeMachine(t);
  const { folder, registry } = machine;
  const config = join(folder, 'kubeconfig');
  await writeFile(config, server.kubeconfig, { mode: 0o600 });
  await server.kubectl('create', 'namespace', 'ours');
  await server.kubectl('create', 'namespace', 'theirs');
  for (const [path, text] of Object.entries(podinfo('podinfo:6.9.0'))) {
    const file = join(folder, 'theirs', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await server.kubectl('apply', '--server-side', '-n', 'theirs', '-k', join(folder, 'theirs'));
  await machine.write({ sources: [], deploys: [] });
  const flux = join(folder, 'flux.yaml');
  await writeFile(flux, documents(registry.host));
  plantFiles(registry, 'latest', podinfo('podinfo:6.9.0'));
  const serving = await machine.serve({ documents: [machine.sources, flux], env: { KUBECONFIG: config } });
  const applied = (revisions: number) =>
    until(
      `${revisions} to be applied`,
      () =>
        serving.log.filter(({ message }) => message === 'deploy applied').length >= revisions || undefined,
      120_000,
    );
  await applied(1);
  assert.deepEqual(await specsIn('ours'), await specsIn('theirs'));

  const pushed = performance.now();
  const { 'hpa.yaml': _, ...rest } = podinfo('podinfo:6.9.1');
  const files = { ...rest, 'kustomization.yaml': 'resources: [deployment.yaml, service.yaml]\n' };
  plantFiles(registry, 'latest', files);
  await machine.on('reconcile', 'flux-system/podinfo');
  await until(
    'the push to be in the cluster',
    async () => (await imageIn('ours')) === 'podinfo:6.9.1' || undefined,
    60_000,
  );
  t.diagnostic(`from push to API server: ${Math.round(performance.now() - pushed)} ms`);
  await applied(2);
  const left = await server.kubectl('get', 'hpa', '-n', 'ours', '-o', 'name');
  assert.equal(left, '');

  // What was changed by hand is brought back with the next run.
  await server.kubectl('set', 'image', 'deployment/podinfo', 'podinfod=podinfo:by-hand', '-n', 'ours');
  await machine.on('replay', 'flux-system/podinfo', '--deploy', 'flux-system-podinfo', '--wait');
  assert.equal(await imageIn('ours'), 'podinfo:6.9.1');

  const { current, history } = JSON.parse(
    (await machine.on('status', 'flux-system/podinfo', '--json')).stdout,
  ) as { readonly current: { readonly revision: string }; readonly history: readonly { revision: string }[] };
  const [before] = history;
  assert.notEqual(before?.revision, current.revision);
  const back = await machine.on('rollback', 'flux-system/podinfo', '--to', before?.revision ?? '');
  assert.equal(back.code, 0, back.stderr);
  await until(
    'the revision of before',
    async () => (await imageIn('ours')) === 'podinfo:6.9.0' || undefined,
    60_000,
  );
});
