import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { siteDocument } from '../../../shared/deploy/site/site-document.ts';
import { sitePermissions } from '../../../shared/deploy/site/site-permissions.ts';
import { SITE_INVALIDATED_PATHS } from '../../../shared/limits.ts';
import { keyValueStoreFor, STORE_ARN } from '../../support/key-value-store/key-value-store-server.ts';
import { cloudFrontFor } from '../../support/servers/cloudfront-server.ts';
import { siteKindWorld } from './site-kind-world.ts';

const ONE = { 'index.html': 'one', 'site.css': 'red', 'docs/index.html': 'docs' };
const TWO = { 'index.html': 'two', 'site.css': 'red' };
const KEY = { keyValueStore: STORE_ARN, key: 'site:current' };
const ORIGIN = { distribution: 'E2EXAMPLE', origin: 'site' };

describe('a site as a kind of deploy', () => {
  test('plans, puts what differs, and takes away what it put and is gone', async (t) => {
    const world = await siteKindWorld(t, { prefix: 'www' });
    world.bucket.put('www/theirs.txt', {
      ...{ bytes: Buffer.from('x'), etag: '"x"', contentType: '' },
      sha256: undefined,
    });
    const first = await world.plan({ run: 1, files: ONE });
    assert.deepEqual(first.summary, '3 to create');
    assert.deepEqual(world.bucket.keys(''), ['www/theirs.txt'], 'a plan writes nothing');
    assert.equal((await world.step({ run: 1, files: ONE })).state, 'succeeded');
    const { changes } = await world.plan({ run: 2, files: TWO });
    assert.deepEqual(
      changes.map(({ action, what }) => `${action} ${what}`),
      ['update index.html', 'delete docs/index.html'],
    );
    const second = await world.step({ run: 2, files: TWO });
    assert.ok(second.state === 'succeeded');
    assert.equal(second.message, '1 put, 1 as they were, 1 taken away');
    assert.deepEqual(world.served(), {
      'www/index.html': 'two',
      'www/site.css': 'red',
      'www/theirs.txt': 'x',
    });
    assert.deepEqual((await world.plan({ run: 2, files: TWO })).changes, []);
  });

  test('tells a file that somebody changed as a drift, and puts it back', async (t) => {
    const world = await siteKindWorld(t, {});
    await world.step({ run: 1, files: ONE });
    world.bucket.put('site.css', {
      ...{ bytes: Buffer.from('mine'), etag: '"m"', contentType: '' },
      sha256: undefined,
    });
    const { changes } = await world.plan({ run: 1, files: ONE });
    assert.deepEqual(
      changes.map(({ action, what }) => `${action} ${what}`),
      ['update site.css'],
    );
    await world.step({ run: 1, files: ONE });
    assert.equal(world.served()['site.css'], 'red');
  });

  test('takes away what it has put, and nothing else, once it is in no document', async (t) => {
    const world = await siteKindWorld(t, { prefix: 'www' });
    const theirs = { ...{ bytes: Buffer.from('x'), etag: '"x"', contentType: '' }, sha256: undefined };
    world.bucket.put('www/theirs.txt', theirs);
    await world.step({ run: 1, files: ONE });
    world.bucket.put('www/index.html', theirs);
    const removed = await world.remove();
    assert.ok(removed?.state === 'succeeded');
    assert.equal(removed.message, '2 files taken away');
    assert.deepEqual(world.bucket.keys(''), ['www/index.html', 'www/theirs.txt']);
    assert.deepEqual(await Array.fromAsync(world.objects.list('sites/')), []);
    assert.equal((await world.remove())?.state, 'succeeded');
  });

  test('is refused in the bucket of the store', async (t) => {
    const { contextOf, settings } = await siteKindWorld(t, {});
    const context = {
      ...contextOf({ run: 1, files: ONE }),
      settings: { ...settings, bucket: 'landfall-store' },
    };
    const { endpoint, ...inStore } = context.settings;
    const { siteDeploy } = await import('../../../shared/deploy/site/site-deploy.ts');
    for (const visit of [siteDeploy.plan, siteDeploy.step])
      await assert.rejects(visit({ ...context, settings: inStore }), {
        code: 'DEPLOY_FAILED',
        message: /the store is no place for a site/,
      });
  });

  test('invalidates what changed where it is asked to, and everything after a try that was cut off', async (t) => {
    const cloudFront = await cloudFrontFor(t);
    const asked = { invalidate: { distribution: 'E2EXAMPLE' } };
    const world = await siteKindWorld(t, asked, cloudFront.url);
    const paths = (): readonly string[] =>
      cloudFront.requests
        .splice(0)
        .flatMap(({ body }) => [...body.matchAll(/<Path>([^<]*)<\/Path>/g)].map(([, path = '']) => path));
    await world.step({ run: 1, files: ONE });
    assert.deepEqual(paths().toSorted(), ['/', '/docs/', '/docs/index.html', '/index.html', '/site.css']);
    await world.step({ run: 2, files: TWO });
    assert.deepEqual(paths().toSorted(), ['/', '/docs/', '/docs/index.html', '/index.html']);
    await world.step({ run: 2, files: TWO });
    assert.deepEqual(paths(), ['/*']);
    await world.step({ run: 3, files: TWO });
    assert.deepEqual(paths(), [], 'nothing changed');
  });

  test('says why caches could not be told to forget', async (t) => {
    const world = await siteKindWorld(
      t,
      { invalidate: { distribution: 'E3OTHER' } },
      (await cloudFrontFor(t)).url,
    );
    await assert.rejects(world.step({ run: 1, files: ONE }), {
      code: 'DEPLOY_FAILED',
      message: /E3OTHER: cannot invalidate 5 paths: NoSuchDistribution/,
    });
  });
});

describe('a site that is switched by a key', () => {
  test('plans the move, moves, and moves back', async (t) => {
    const kvs = await keyValueStoreFor(t);
    const world = await siteKindWorld(t, { prefix: 'www', switch: KEY }, kvs.url);
    const first = await world.step({ run: 1, files: ONE });
    assert.ok(first.state === 'succeeded');
    const serves = first.result?.serves ?? '';
    assert.match(serves, /^www\/releases\/[0-9a-f]{64}$/);
    assert.equal(kvs.keys.get('site:current'), serves);
    const { changes } = await world.plan({ run: 2, files: TWO });
    assert.match(changes[0]?.why ?? '', new RegExp(`^${serves} → www/releases/`));
    await world.step({ run: 2, files: TWO });
    assert.notEqual(kvs.keys.get('site:current'), serves);
    const undone = await world.undo({ run: 2, files: TWO, serves });
    assert.equal(undone?.state, 'succeeded');
    assert.equal(kvs.keys.get('site:current'), serves);
    assert.deepEqual((await world.plan({ run: 1, files: ONE })).changes, []);
  });

  for (const when of ['before', 'after'] as const)
    test(`killed ${when} each of its calls comes to the same`, async (t) => {
      for (let at = 1; at <= 3; at += 1) {
        const kvs = await keyValueStoreFor(t);
        const world = await siteKindWorld(t, { switch: KEY }, kvs.url);
        await assert.rejects(world.step({ run: 1, files: ONE, kill: { at, when } }));
        const done = await world.step({ run: 1, files: ONE });
        assert.ok(done.state === 'succeeded');
        assert.equal(kvs.keys.get('site:current'), done.result?.serves);
        assert.equal(world.bucket.keys('').length, 3);
        assert.equal(kvs.calls.filter((call) => call === 'UpdateKeys').length, 1);
      }
    });
});

describe('a site that is switched by the path of an origin', () => {
  test('goes on until CloudFront has it everywhere, and touches nothing else of the distribution', async (t) => {
    const cloudFront = await cloudFrontFor(t);
    const asked = { switch: ORIGIN, invalidate: { distribution: 'E2EXAMPLE', paths: ['/*'] } };
    const world = await siteKindWorld(t, asked, cloudFront.url);
    const begun = await world.step({ run: 1, files: ONE });
    assert.ok(begun.state === 'running');
    const { serves } = begun.progress;
    assert.equal(cloudFront.originPath, `/${serves}`);
    const update = cloudFront.requests.find(({ url }) => url.startsWith('PUT '))?.body ?? '';
    assert.match(update, /<OriginPath>\/v1<\/OriginPath>/);
    assert.match(update, /<Comment>kept<\/Comment>/);
    assert.equal((await world.look({ run: 1, files: ONE }, serves))?.state, 'running');
    const invalidations = () => cloudFront.requests.filter(({ url }) => url.endsWith('/invalidation')).length;
    assert.equal(invalidations(), 0, 'what caches forget too early they fetch from the old place');
    cloudFront.status = 'Deployed';
    assert.equal((await world.look({ run: 1, files: ONE }, serves))?.state, 'succeeded');
    assert.equal(invalidations(), 1);
    await world.step({ run: 1, files: ONE });
    assert.equal(cloudFront.requests.filter(({ url }) => url.startsWith('PUT ')).length, 1);
  });

  test('goes back until CloudFront has that everywhere, too', async (t) => {
    const cloudFront = await cloudFrontFor(t);
    const asked = { switch: ORIGIN, invalidate: { distribution: 'E2EXAMPLE', paths: ['/*'] } };
    const world = await siteKindWorld(t, asked, cloudFront.url);
    const first = await world.step({ run: 1, files: ONE });
    assert.ok(first.state === 'running');
    await world.step({ run: 2, files: TWO });
    const { serves } = first.progress;
    const back = { run: 2, files: TWO, serves };
    assert.deepEqual(await world.undo(back), { ...first, progress: { serves } });
    assert.equal(cloudFront.originPath, `/${serves}`);
    const invalidations = () => cloudFront.requests.filter(({ url }) => url.endsWith('/invalidation')).length;
    assert.equal(invalidations(), 0);
    cloudFront.status = 'Deployed';
    assert.equal((await world.undo(back))?.state, 'succeeded');
    assert.equal(invalidations(), 1);
  });

  test('fails where somebody else moved it meanwhile, and is read again where they change all else', async (t) => {
    const cloudFront = await cloudFrontFor(t);
    const world = await siteKindWorld(t, { switch: ORIGIN }, cloudFront.url);
    cloudFront.refuse(200, '', '');
    await assert.rejects(world.step({ run: 1, files: ONE }));
    const begun = await world.step({ run: 1, files: ONE });
    assert.ok(begun.state === 'running');
    cloudFront.originPath = '/theirs';
    await assert.rejects(async () => world.look({ run: 1, files: ONE }, begun.progress.serves), {
      code: 'DEPLOY_FAILED',
      message: /somebody else moved the site to theirs/,
    });
  });

  test('says which origins there are', async (t) => {
    const { url } = await cloudFrontFor(t);
    const world = await siteKindWorld(t, { switch: { ...ORIGIN, origin: 'web' } }, url);
    await assert.rejects(world.step({ run: 1, files: ONE }), { message: /no origin web, but api, site/ });
  });
});

describe('the document of a site', () => {
  const refused: readonly (readonly [string, object, RegExp])[] = [
    ['a bucket that is none', { bucket: 'Site' }, /not the name of a bucket/],
    ['a folder that leads out', { prefix: '../www' }, /not a folder/],
    ['a folder with a slash in front', { prefix: '/www' }, /not a folder/],
    ['an endpoint with a password', { endpoint: 'https://a:b@minio.example' }, /not an http/],
    ['an endpoint that is a file', { endpoint: 'file:///etc' }, /not an http/],
    ['a header in two lines', { cacheControl: 'no-cache\r\nset-cookie: a=b' }, /not a header/],
    ['a switch of both kinds', { switch: { ...KEY, ...ORIGIN } }, /./],
    ['a switch with a key of another name', { switch: { keyValueStore: STORE_ARN, name: 'a' } }, /./],
    ['no KeyValueStore', { switch: { ...KEY, keyValueStore: 'arn:aws:s3:::bucket' } }, /./],
    ['a key over 512 bytes', { switch: { ...KEY, key: 'ä'.repeat(257) } }, /./],
    [
      'paths that do not begin with a slash',
      { invalidate: { distribution: 'E2EXAMPLE', paths: ['a'] } },
      /begins with/,
    ],
    ['no path at all', { invalidate: { distribution: 'E2EXAMPLE', paths: [] } }, /./],
    [
      'a typing error in what is invalidated',
      { invalidate: { distribution: 'E2EXAMPLE', path: ['/*'] } },
      /path/,
    ],
  ];
  for (const [what, document, message] of refused)
    test(`refuses ${what}`, () => {
      const read = siteDocument.safeParse({ bucket: 'site', ...document });
      assert.equal(read.success, false);
      assert.match(JSON.stringify(read.error?.issues), message);
    });

  test('takes what is next to that', () => {
    for (const document of [
      {},
      { prefix: 'www/docs', endpoint: 'http://127.0.0.1:9000/s3' },
      { switch: { ...KEY, key: 'ä'.repeat(256) } },
      { switch: ORIGIN, invalidate: { distribution: 'E2EXAMPLE', paths: ['/*'] } },
    ])
      assert.equal(siteDocument.safeParse({ bucket: 'site.example.org', ...document }).success, true);
  });
});

describe('the role of a deploy of a site', () => {
  const ORIGIN_OF = { partition: 'aws', region: 'eu-central-1', account: '123456789012', bucket: 'store' };
  const told = (document: object): readonly string[] =>
    sitePermissions(siteDocument.parse({ bucket: 'site', ...document }), ORIGIN_OF).map(
      ({ actions, resources }) => `${actions.join(' ')} ${resources.join(' ')}`,
    );

  test('reaches the folder of the site and nothing else', () => {
    assert.deepEqual(told({ prefix: 'www' }), [
      's3:DeleteObject s3:GetObject s3:PutObject arn:aws:s3:::site/www/*',
      's3:ListBucket arn:aws:s3:::site',
    ]);
  });

  test('moves one key, or one distribution, and has one forget', () => {
    const distribution = 'arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE';
    const asked = { invalidate: { distribution: 'E2EXAMPLE' } };
    assert.deepEqual(told({ ...asked, switch: KEY }).slice(2), [
      `cloudfront-keyvaluestore:DescribeKeyValueStore cloudfront-keyvaluestore:GetKey cloudfront-keyvaluestore:UpdateKeys ${STORE_ARN}`,
      `cloudfront:CreateInvalidation ${distribution}`,
    ]);
    assert.deepEqual(told({ switch: ORIGIN }).slice(2), [
      `cloudfront:GetDistribution cloudfront:UpdateDistribution ${distribution}`,
    ]);
  });

  test('has nothing of S3 for a bucket at an endpoint of its own', () => {
    assert.deepEqual(told({ endpoint: 'https://minio.example' }), []);
  });
});

test('as many paths as CloudFront takes may be named to be forgotten, and one more may not', () => {
  const naming = (count: number) =>
    siteDocument.safeParse({
      bucket: 'site',
      invalidate: { distribution: 'E2EXAMPLE', paths: Array.from({ length: count }, (_, at) => `/${at}`) },
    }).success;
  assert.ok(naming(SITE_INVALIDATED_PATHS));
  assert.ok(!naming(SITE_INVALIDATED_PATHS + 1));
});
