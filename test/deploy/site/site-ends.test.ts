import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { saidBy } from '../../support/deploys/drive-kind.ts';
import { keyValueStoreFor, STORE_ARN } from '../../support/key-value-store/key-value-store-server.ts';
import { cloudFrontFor } from '../../support/servers/cloudfront-server.ts';
import { siteKindWorld } from './site-kind-world.ts';

const ONE = { 'index.html': 'one', 'site.css': 'red' };
const TWO = { 'index.html': 'two', 'site.css': 'red' };
const KEY = { keyValueStore: STORE_ARN, key: 'site:current' };
const ORIGIN = { distribution: 'E2EXAMPLE', origin: 'site' };

describe('a site that is not switched', () => {
  test('has nothing to go back to, and says what to do', async (t) => {
    const world = await siteKindWorld(t, {});
    await world.step({ run: 1, files: ONE });
    await assert.rejects(world.undo({ run: 2, files: TWO, serves: 'www/releases/1' }), {
      code: 'DEPLOY_FAILED',
      message: /no release of before to go back to/,
      hint: /landfall rollback/,
    });
  });

  test('has ended where its switch has left the document while it was brought everywhere', async (t) => {
    const world = await siteKindWorld(t, {});
    const done = await world.look({ run: 1, files: ONE }, 'releases/1');
    assert.deepEqual(done, { state: 'succeeded', result: { serves: 'releases/1' } });
  });

  test('is left where it is by a removal of the same deploy at another place', async (t) => {
    const world = await siteKindWorld(t, { prefix: 'www' });
    await world.step({ run: 1, files: ONE });
    const { contextOf, settings } = world;
    const { artifact, revision, event, ...rest } = contextOf({ run: 9, files: {} });
    const { siteDeploy } = await import('../../../shared/deploy/site/site-deploy.ts');
    const elsewhere = { ...rest, settings: { ...settings, prefix: 'other' } };
    const removed = await siteDeploy.remove?.(elsewhere as typeof rest, null);
    assert.equal(saidBy(removed), 'nothing of it is there');
    assert.deepEqual(Object.keys(world.served()).length, 2);
    assert.equal(saidBy(await world.remove()), '2 files taken away');
  });

  test('puts no file once its time is over, of which another may be at it', async (t) => {
    const world = await siteKindWorld(t, {});
    const { siteDeploy } = await import('../../../shared/deploy/site/site-deploy.ts');
    const context = world.contextOf({ run: 1, files: ONE });
    const { open } = context.sites;
    const late: typeof open = async (...asked) => {
      const bucketAt = await open(...asked);
      return (folder) => {
        const bucket = bucketAt(folder);
        const list: typeof bucket.list = async (...told) => {
          await bucket.list(...told);
          world.clock.advance(context.timeoutMs);
        };
        return { ...bucket, place: bucket.place, pathBytes: bucket.pathBytes, list };
      };
    };
    const slow = { ...context, sites: { ...context.sites, open: late } };
    await assert.rejects(siteDeploy.step(slow), {
      code: 'DEPLOY_UNAVAILABLE',
      message: 'deploy live: out of time',
    });
    assert.deepEqual(world.served(), {});
  });
});

describe('a site that is switched', () => {
  test('by a key has nothing to go back to where nothing was served before', async (t) => {
    const kvs = await keyValueStoreFor(t);
    const world = await siteKindWorld(t, { switch: KEY }, kvs.url);
    const done = await world.undo({ run: 1, files: ONE });
    assert.deepEqual(done, {
      ...{ state: 'succeeded', result: { serves: null } },
      message: 'nothing was served before',
    });
    assert.deepEqual(kvs.calls, []);
  });

  test('by a key says what it served once it is served, and what is served then', async (t) => {
    const kvs = await keyValueStoreFor(t);
    const world = await siteKindWorld(t, { switch: KEY }, kvs.url);
    const planned = await world.plan({ run: 1, files: ONE });
    assert.match(planned.changes[0]?.why ?? '', /^nothing → releases\/[0-9a-f]{64}$/);
    const done = await world.step({ run: 1, files: ONE });
    assert.ok(done.state === 'succeeded');
    const serves = done.result?.serves;
    assert.deepEqual(await world.plan({ run: 1, files: ONE }), {
      changes: [],
      summary: `${serves} is served`,
    });
  });

  test('has all its releases taken away with it, and nothing that others put', async (t) => {
    const kvs = await keyValueStoreFor(t);
    const world = await siteKindWorld(t, { prefix: 'www', switch: KEY }, kvs.url);
    for (const [run, files] of [ONE, TWO].entries()) await world.step({ run: run + 1, files });
    const theirs = { ...{ bytes: Buffer.from('x'), etag: '"x"', contentType: '' }, sha256: undefined };
    world.bucket.put('www/theirs.txt', theirs);
    assert.equal(saidBy(await world.remove()), '4 files taken away');
    assert.deepEqual(world.bucket.keys(''), ['www/theirs.txt']);
    assert.deepEqual(await Array.fromAsync(world.objects.list('sites/')), []);
  });

  test('by an origin is read again where somebody else updates the distribution just then', async (t) => {
    const cloudFront = await cloudFrontFor(t);
    const world = await siteKindWorld(t, { switch: ORIGIN }, cloudFront.url);
    for (const code of ['PreconditionFailed', 'InvalidIfMatchVersion']) {
      const before = cloudFront.requests.length;
      cloudFront.refuseUpdate(412, code);
      const begun = await world.step({ run: 1, files: code === 'PreconditionFailed' ? ONE : TWO });
      assert.ok(begun.state === 'running');
      assert.equal(cloudFront.originPath, `/${begun.progress.serves}`);
      const sent = cloudFront.requests.slice(before).map(({ url }) => url.split(' ')[0]);
      assert.deepEqual(sent.slice(0, 4), ['GET', 'PUT', 'GET', 'PUT']);
    }
  });

  test('by an origin fails where its update is refused', async (t) => {
    const cloudFront = await cloudFrontFor(t);
    const world = await siteKindWorld(t, { switch: ORIGIN }, cloudFront.url);
    cloudFront.refuseUpdate(400, 'InvalidArgument');
    await assert.rejects(world.step({ run: 1, files: ONE }), {
      code: 'DEPLOY_FAILED',
      message: /origin site of distribution E2EXAMPLE: cannot move its path: InvalidArgument/,
    });
    assert.equal(cloudFront.requests.filter(({ url }) => url.startsWith('PUT ')).length, 1);
  });

  test('by an origin that has no path serves nothing yet', async (t) => {
    const cloudFront = await cloudFrontFor(t);
    const world = await siteKindWorld(t, { switch: ORIGIN }, cloudFront.url);
    const { changes } = await world.plan({ run: 1, files: ONE });
    assert.match(changes[0]?.why ?? '', /^nothing → /);
    await assert.rejects(async () => world.look({ run: 1, files: ONE }, 'releases/1'), {
      message: 'somebody else moved the site to nothing, and it was to be at releases/1',
    });
  });

  test('by an origin of a distribution whose access is denied is tried again', async (t) => {
    const cloudFront = await cloudFrontFor(t);
    const world = await siteKindWorld(t, { switch: ORIGIN }, cloudFront.url);
    cloudFront.refuse(403, 'AccessDenied', 'no GetDistribution for you');
    await assert.rejects(world.step({ run: 1, files: ONE }), { code: 'DEPLOY_UNAVAILABLE' });
  });
});

test('what caches are to forget is told for each run and what it changed, once', async (t) => {
  const cloudFront = await cloudFrontFor(t);
  const asked = { invalidate: { distribution: 'E2EXAMPLE', paths: ['/a', '/b'] } };
  const world = await siteKindWorld(t, asked, cloudFront.url);
  for (const run of [1, 1, 2]) await world.step({ run, files: ONE });
  const references = cloudFront.requests.flatMap(({ body }) => {
    const [, reference] = /<CallerReference>([^<]*)</.exec(body) ?? [];
    return reference === undefined ? [] : [reference];
  });
  assert.equal(references.length, 3);
  assert.deepEqual([references[0] === references[1], references[1] === references[2]], [true, false]);
});
