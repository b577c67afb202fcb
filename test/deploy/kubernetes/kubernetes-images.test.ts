import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubernetesContext } from '../../../shared/deploy/kubernetes/kubernetes-visit.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { type ApiServer, apiServerSkip, startApiServer } from '../../support/kubernetes/api-server.ts';
import { clusterDeploy } from './cluster/cluster-world.ts';

let server: ApiServer;
before(async () => {
  if (apiServerSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = apiServerSkip;

const FILES = {
  'app.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec: { containers: [{ name: app, image: "ghcr.io/example/app:0" }] }
`,
};

type Uses = NonNullable<KubernetesContext['uses']>;
const usesOf = (tag: string | null): Uses => {
  const digest = digestOf(`image ${tag}`);
  const revision = tag === null ? digest : `${tag}@${digest}`;
  return [{ source: 'default/image', revision, tag, digest }];
};
const withImage = (uses: Uses) =>
  clusterDeploy(server, {
    name: 'images',
    settings: {
      targetNamespace: 'default',
      images: [{ name: 'ghcr.io/example/app', newName: 'mirror.example/app', source: 'image' }],
    },
    uses,
  });
const imageNow = () =>
  server.kubectl(...['get', 'deployment', 'app', '-o', 'jsonpath={.spec.template.spec.containers[0].image}']);

test('an image gets tag and digest of its source, and is taken back to those of before', {
  skip,
}, async () => {
  const [first, second] = [usesOf('1.0.0'), usesOf('1.1.0')];
  await withImage(first).run(FILES);
  assert.equal(await imageNow(), `mirror.example/app:1.0.0@${digestOf('image 1.0.0')}`);
  const { changes } = await withImage(second).plan(FILES);
  assert.match(
    changes[0]?.why ?? '',
    /image: "mirror.example\/app:1\.0\.0@.* → "mirror.example\/app:1\.1\.0@/,
  );
  await withImage(second).run(FILES);
  assert.equal(await imageNow(), `mirror.example/app:1.1.0@${digestOf('image 1.1.0')}`);
  await withImage(second).undo(FILES, undefined, first);
  assert.equal(await imageNow(), `mirror.example/app:1.0.0@${digestOf('image 1.0.0')}`);
});

test('a source that follows a digest has no tag to tell', { skip }, async () => {
  await withImage(usesOf(null)).run(FILES);
  assert.equal(await imageNow(), `mirror.example/app@${digestOf('image null')}`);
});

test('an image whose source has landed nothing is waited for, by name', { skip }, async () => {
  await assert.rejects(withImage([]).run(FILES), {
    code: 'DEPLOY_UNAVAILABLE',
    message: /images: image, which image ghcr\.io\/example\/app is of, has landed nothing/,
  });
});
