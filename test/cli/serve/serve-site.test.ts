import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { s3For } from '../../aws/support/s3.ts';
import { type Files, plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { landfallProcess } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { eventsOfKind } from '../../support/programs/serving.ts';

const AWS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'canary-secret-key' };

/** A `serve` whose document keeps a site in a bucket of the stand-in. */
async function serving(
  t: TestContext,
  rest: (url: string) => string,
  env: (url: string) => object = () => ({}),
) {
  const { server } = await s3For(t, { buckets: ['site'] });
  const machine = await openServeMachine(t);
  const sources = [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')];
  const site = `{ name: site, kind: site, source: web/app, path: public, bucket: site, prefix: www, ${rest(server.url)} }`;
  const write = (deploys: readonly string[]) => machine.write({ sources, deploys });
  await write([site]);
  const bucket = server.bucket('site');
  const environment = { ...AWS, ...env(server.url) };
  return {
    ...{ machine, bucket, write },
    serve: () => machine.serve({ env: environment }),
    on: (...argv: readonly string[]) =>
      landfallProcess([...argv, '--store', machine.store], { env: environment }),
    push: (files: Files) => plantFiles(machine.registry, 'stable', files),
    served: (): Files =>
      Object.fromEntries(
        bucket.keys('').map((key) => [key, bucket.objects.get(key)?.bytes.toString() ?? '']),
      ),
  };
}

test('serve keeps a site of a document in a bucket, plans it, and takes it away with its document', async (t) => {
  const site = await serving(t, (url) => `region: eu-central-1, endpoint: "${url}", prune: true`);
  site.push({ 'public/index.html': 'one', 'public/a.css': 'one', 'private.txt': 'no' });
  const served = await site.serve();
  await eventsOfKind(site.machine.store, 'Deploy Succeeded', 1);
  assert.deepEqual(site.served(), { 'www/a.css': 'one', 'www/index.html': 'one' });
  const planned = await site.on('deploy', 'site', '--dry-run', '-f', site.machine.sources);
  assert.match(planned.stdout, /every file is as it is to be/, planned.stderr);
  site.push({ 'public/index.html': 'two' });
  await site.machine.on('reconcile', 'web/app');
  await eventsOfKind(site.machine.store, 'Deploy Succeeded', 2);
  assert.deepEqual(site.served(), { 'www/index.html': 'two' });
  const logs = await site.on('logs', 'site');
  assert.match(logs.stdout, /1 put, 0 as they were, 1 taken away/);
  const checked = await site.on('fsck');
  assert.equal(checked.code, 0, checked.stdout + checked.stderr);
  await site.write([]);
  await served.logged('deploy pruned');
  assert.deepEqual(site.served(), {});
});

test('a site in S3 itself is where the environment says that S3 is', async (t) => {
  const env = (url: string) => ({ AWS_ENDPOINT_URL_S3: url, AWS_REGION: 'eu-central-1' });
  const site = await serving(t, () => 'cacheControl: max-age=60', env);
  site.push({ 'public/index.html': 'one', 'public/a.css': 'one' });
  await site.serve();
  await eventsOfKind(site.machine.store, 'Deploy Succeeded', 1);
  const { cacheControl, contentType } = site.bucket.objects.get('www/a.css') ?? {};
  assert.deepEqual([cacheControl, contentType], ['max-age=60', 'text/css; charset=utf-8']);
});

test('a typing error in the document of a site names the key that was meant', async (t) => {
  const site = await serving(t, () => 'prefx: a');
  const { code, stderr } = await landfallProcess(['validate', site.machine.sources]);
  assert.notEqual(code, 0);
  assert.match(stderr, /prefx/);
});
