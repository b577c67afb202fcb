// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of manifests are written so
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ApiServer, apiServerSkip, startApiServer } from '../../support/kubernetes/api-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { clusterDeploy, configMap, namespaced, objectOf } from './cluster/cluster-world.ts';

let server: ApiServer;
before(async () => {
  if (apiServerSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = apiServerSkip;

/** An application as people write it, with a base and an overlay. */
const APP = {
  'base/kustomization.yaml':
    'resources: [deployment.yaml, service.yaml]\nconfigMapGenerator: [{ name: settings, files: [app.conf] }]\n',
  'base/app.conf': 'level = info\n',
  'base/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: app, labels: { app: app } }
spec:
  replicas: 2
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec:
      containers:
        - name: app
          image: ghcr.io/example/app:1.0.0
          env: [{ name: LEVEL, value: "\${level:=info}" }]
          ports: [{ containerPort: 8080 }]
          volumeMounts: [{ name: settings, mountPath: /etc/app }]
      volumes: [{ name: settings, configMap: { name: settings, defaultMode: 0644 } }]
`,
  'base/service.yaml': `apiVersion: v1
kind: Service
metadata: { name: app }
spec: { selector: { app: app }, ports: [{ port: 80, targetPort: 8080 }] }
`,
  'overlays/prod/kustomization.yaml':
    'resources: [../../base]\nreplicas: [{ name: app, count: 3 }]\nlabels: [{ pairs: { stage: prod } }]\n',
} as const;

/** What of an object is of its manifest: not its place, its labels of ours, or what the server counts. */
function comparable(list: Record<string, unknown> | undefined): unknown {
  const items = (list?.['items'] ?? []) as readonly Record<string, Record<string, unknown>>[];
  return items
    .map((item) => {
      const labels = Object.entries(item['metadata']?.['labels'] ?? {}).filter(
        ([name]) => !name.startsWith('landfall/'),
      );
      const { clusterIP: _ip, clusterIPs: _ips, ...spec } = item['spec'] ?? {};
      return {
        kind: item['kind'],
        name: item['metadata']?.['name'],
        labels: Object.fromEntries(labels),
        spec,
        data: item['data'],
      };
    })
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

test('makes the objects that kubectl apply -k makes of the same artifact', { skip }, async () => {
  await server.kubectl('create', 'namespace', 'ours');
  await server.kubectl('create', 'namespace', 'theirs');
  const deploy = clusterDeploy(server, {
    name: 'same',
    settings: { kustomization: './overlays/prod', targetNamespace: 'ours' },
  });
  const { end } = await deploy.run(APP);
  assert.equal(end.state, 'succeeded');
  const folder = await temporaryFolder();
  try {
    const files = {
      ...APP,
      'overlays/prod/kustomization.yaml': `${APP['overlays/prod/kustomization.yaml']}namespace: theirs\n`,
    };
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder.path, path)), { recursive: true });
      await writeFile(join(folder.path, path), content.replace('${level:=info}', 'info'));
    }
    await server.kubectl('apply', '--server-side', '-k', join(folder.path, 'overlays/prod'));
  } finally {
    await folder.remove();
  }
  const kinds = 'deployments,services,configmaps';
  const [ours, theirs] = await Promise.all(
    ['ours', 'theirs'].map((namespace) => objectOf(server, kinds, '-n', namespace)),
  );
  assert.deepEqual(
    JSON.parse(JSON.stringify(comparable(ours))),
    // Without variables nothing is substituted, as with Flux.
    JSON.parse(JSON.stringify(comparable(theirs)).replaceAll('"value":"info"', '"value":"${level:=info}"')),
  );
});

test('prefix, namespace, images, patches, metadata, components and variables of the deploy are as if they stood in the file', {
  skip,
}, async () => {
  await server.kubectl('create', 'namespace', 'overlay');
  await server.kubectl(
    'create',
    'secret',
    'generic',
    'from',
    '-n',
    'overlay',
    '--from-literal=level=debug',
    '--from-literal=size=small',
  );
  const deploy = clusterDeploy(server, {
    name: 'overlay',
    settings: {
      kustomization: 'base',
      targetNamespace: 'overlay',
      namePrefix: 'x-',
      nameSuffix: '-y',
      images: [{ name: 'ghcr.io/example/app', newTag: '2.0.0' }],
      patches: [
        { patch: '[{"op":"replace","path":"/spec/replicas","value":5}]', target: { kind: 'Deployment' } },
      ],
      components: ['../component', '../none'],
      ignoreMissingComponents: true,
      commonMetadata: { labels: { team: 'a' }, annotations: { note: 'b' } },
      substitute: { size: 'large' },
      substituteFrom: [
        { kind: 'Secret', name: 'from', namespace: 'overlay', optional: false },
        { kind: 'ConfigMap', name: 'absent', namespace: 'overlay', optional: true },
      ],
    },
  });
  const component = {
    'component/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: { size: "${size}" }\n',
  };
  await deploy.run({ ...APP, ...component });
  const found = (await objectOf(server, 'deployment', 'x-app-y', '-n', 'overlay')) as Record<
    string,
    Record<string, never>
  >;
  const text = JSON.stringify(found);
  assert.match(text, /"image":"ghcr.io\/example\/app:2.0.0"/);
  assert.match(text, /"replicas":5/);
  assert.match(text, /"value":"debug"/);
  assert.match(text, /"size":"large"/);
  assert.equal(found['metadata']?.['labels']?.['team'], 'a');
  assert.equal(found['metadata']?.['annotations']?.['note'], 'b');
  assert.doesNotMatch(JSON.stringify(found['spec']), /"team"/);
});

test('what is not changed is not written, and what is changed is written and told field by field', {
  skip,
}, async () => {
  const deploy = clusterDeploy(server, { name: 'changes' });
  const files = {
    'a.yaml': configMap('changes-a', { x: '1' }),
    'b.yaml': configMap('changes-b', { x: '1' }),
  };
  await deploy.run(files);
  const before = await objectOf(server, 'configmap', 'changes-a');
  const again = await deploy.run(files);
  assert.deepEqual(again.log.slice(1), []);
  const changed = { ...files, 'b.yaml': configMap('changes-b', { x: '2' }) };
  assert.deepEqual((await deploy.plan(changed)).changes, [
    { action: 'update', what: 'ConfigMap/default/changes-b', why: 'data.x: "1" → "2"' },
  ]);
  assert.deepEqual((await deploy.run(changed)).log.slice(1), [
    'ConfigMap/default/changes-b configured (data.x: "1" → "2")',
  ]);
  assert.deepEqual(await objectOf(server, 'configmap', 'changes-a'), before);
});

test('brings back what was changed by hand, and lets stand what the artifact says nothing of', {
  skip,
}, async () => {
  const deploy = clusterDeploy(server, { name: 'drift' });
  const files = { 'a.yaml': configMap('drift-a', { x: '1' }) };
  await deploy.run(files);
  await server.kubectl('patch', 'configmap', 'drift-a', '--patch', '{"data":{"x":"9","other":"mine"}}');
  const { changes, summary } = await deploy.plan(files);
  assert.deepEqual(
    [changes, summary],
    [[{ action: 'update', what: 'ConfigMap/default/drift-a', why: 'data.x: "9" → "1"' }], '1 to update'],
  );
  await deploy.run(files);
  assert.deepEqual((await objectOf(server, 'configmap', 'drift-a'))?.['data'], { x: '1', other: 'mine' });
  assert.equal((await deploy.plan(files)).summary, 'nothing to change of 1 objects');
});

for (const [who, argv] of [
  ['kubectl apply', []],
  ['kubectl apply --server-side', ['--server-side']],
  ['Flux', ['--server-side', '--field-manager=kustomize-controller']],
] as const)
  test(`what ${who} applied before is ours to take back`, { skip }, async () => {
    const name = `taken-${argv.length}`;
    const folder = await temporaryFolder();
    try {
      await writeFile(join(folder.path, 'a.yaml'), configMap(name, { x: '1', old: '1' }));
      await server.kubectl('apply', ...argv, '-f', folder.path);
    } finally {
      await folder.remove();
    }
    await server.kubectl('patch', 'configmap', name, '--patch', '{"data":{"mine":"1"}}');
    const deploy = clusterDeploy(server, { name });
    const files = { 'a.yaml': configMap(name, { x: '1' }) };
    assert.match(
      (await deploy.plan(files)).changes[0]?.why ?? '',
      /^what was applied by kubectl or Flux becomes ours/,
    );
    await deploy.run(files);
    const found = await objectOf(server, 'configmap', name);
    assert.deepEqual(found?.['data'], { x: '1', mine: '1' });
    assert.doesNotMatch(JSON.stringify(found), /last-applied/);
    assert.deepEqual((await deploy.plan(files)).changes, []);
  });

test('a definition, its namespace and its objects come in one artifact', { skip }, async () => {
  const deploy = clusterDeploy(server, { name: 'definitions' });
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
            },
          },
        },
      ],
    },
  };
  const widget = (size: unknown): string =>
    JSON.stringify({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', namespace: 'widgets' },
      spec: { size },
    });
  const files = {
    'a.yaml': widget(1),
    'crd.yaml': JSON.stringify(definition),
    'ns.yaml': namespaced('widgets'),
  };
  assert.deepEqual(
    (await deploy.plan(files)).changes.map(({ action, what }) => `${action} ${what}`),
    [
      'create CustomResourceDefinition/widgets.example.com',
      'create Namespace/widgets',
      'create Widget/widgets/w',
    ],
  );
  const { end } = await deploy.run(files);
  assert.equal(end.state, 'succeeded');
  assert.deepEqual((await objectOf(server, 'widget', 'w', '-n', 'widgets'))?.['spec'], { size: 1 });
  await assert.rejects(deploy.run({ ...files, 'a.yaml': widget('big') }), {
    code: 'DEPLOY_FAILED',
    message: /Widget\/widgets\/w: .*size/,
  });
  // The objects go with their definition, and their pruning finds nothing to do.
  const { log } = await deploy.run({ 'ns.yaml': files['ns.yaml'] });
  assert.ok(log.includes('CustomResourceDefinition/widgets.example.com deleted'));
});
