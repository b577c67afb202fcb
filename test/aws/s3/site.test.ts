import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import type { S3Server, S3ServerOptions } from '../../../aws-stand-ins/s3/s3-server.ts';
import { deployLeasesPrefix } from '../../../shared/aws/s3/layout.ts';
import { leaseAlone } from '../../../shared/aws/s3/lease.ts';
import { s3SiteBucket } from '../../../shared/aws/s3/site/site-bucket.ts';
import { copiedFrom } from '../../../shared/aws/s3/site/site-file.ts';
import type { SiteBucket, SiteCopy } from '../../../shared/deploy/kit/site-bucket.ts';
import type { ArtifactId } from '../../../shared/model/ids.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';
import { fileKey } from '../../../shared/store/layout.ts';
import { endedCallsSuite } from '../../conformance/ended-calls.ts';
import { listed, SITE_CALLS, siteBucketSuite } from '../../conformance/site-bucket.ts';
import { openMemorySite } from '../../support/deploys/memory-site.ts';
import { rootAt, s3For } from '../support/s3.ts';

const ARTIFACT: ArtifactId = { digest: parseDigest(`sha256:${'ab'.repeat(32)}`), variant: 'default' };
const SITE = { bucket: 'site', prefix: 'www/docs/' };
const OWNER = 'landfall/live/web/site';
type Files = Readonly<Record<string, string>>;

/** A store with an artifact, and a site in another bucket of the same stand-in. */
async function openSite(
  t: TestContext,
  files: Files,
  options: S3ServerOptions = {},
): Promise<{ readonly server: S3Server; readonly site: SiteBucket; readonly other: SiteBucket }> {
  const { server, root: store } = await s3For(t, { buckets: ['landfall', 'site'], ...options });
  for (const [path, text] of Object.entries(files)) {
    const bytes = Buffer.from(text);
    const etag = `"${hash('md5', bytes)}"`;
    const about = { sha256: undefined, contentType: 'binary/octet-stream' };
    server.bucket().put(fileKey(ARTIFACT, path), { bytes, etag, ...about });
  }
  const site = rootAt(server, { ...SITE, client: { attempts: 2 } });
  const siteOf = (owner: string): SiteBucket =>
    s3SiteBucket({ site, put: copiedFrom(store, ARTIFACT), owner });
  return { server, site: siteOf(OWNER), other: siteOf('landfall/other/web/site') };
}

siteBucketSuite('S3', async (t, files) => {
  const { server, site, other } = await openSite(t, files);
  return {
    ...{ site, other },
    read: (path) => {
      const found = server.bucket('site').objects.get(`${SITE.prefix}${path}`);
      const { contentType = '', cacheControl = '' } = found ?? {};
      return found && { text: found.bytes.toString(), headers: { contentType, cacheControl } };
    },
  };
});

endedCallsSuite('a site in memory', {
  open: async () => ({ port: openMemorySite(() => ({})) }),
  calls: SITE_CALLS,
  others: ['before'],
});

siteBucketSuite('memory', async (_, files) => {
  const site = openMemorySite(() => files);
  const other = openMemorySite(() => files, { objects: site.objects, owner: 'other' });
  return {
    ...{ site, other },
    read: (path) => {
      const { text = '', headers } = site.objects.get(path) ?? {};
      return headers && { text, headers };
    },
  };
});

const COPY: SiteCopy = {
  ...{ path: 'a.css', from: 'web/a.css', size: 3, sha256: hash('sha256', 'one') },
  headers: { contentType: 'text/css; charset=utf-8', cacheControl: 'no-cache' },
};

describe('a site in S3', () => {
  test('has its hash with each file, and no byte of it passes through here', async (t) => {
    const { server, site } = await openSite(t, { 'web/a.css': 'one' });
    await site.copy(COPY);
    const stored = server.bucket('site').objects.get('www/docs/a.css');
    assert.deepEqual(stored?.metadata, { 'landfall-sha256': COPY.sha256, 'landfall-deploy': OWNER });
    assert.deepEqual(
      server.served.map(({ operation, bytes }) => [operation, bytes]),
      [['CopyObject', 0]],
    );
  });

  test('sees and deletes nothing outside its prefix', async (t) => {
    const { server, site } = await openSite(t, { 'web/a.css': 'one' });
    const bucket = server.bucket('site');
    const about = { bytes: Buffer.from('x'), etag: '"x"', sha256: undefined, contentType: 'x' };
    for (const key of ['a.css', 'www/a.css', 'www/docs2/a.css']) bucket.put(key, about);
    await site.copy(COPY);
    assert.deepEqual(
      (await listed(site)).map(({ path }) => path),
      ['a.css'],
    );
    await site.delete(['a.css']);
    assert.deepEqual(bucket.keys(''), ['a.css', 'www/a.css', 'www/docs2/a.css']);
    assert.equal(site.place, 's3://site/www/docs');
    assert.equal(site.pathBytes, 1024 - SITE.prefix.length);
  });

  test('without a checksum in the answer is read back and compared', async (t) => {
    for (const [text, code] of [
      ['one', undefined],
      ['two', 'STORE_CORRUPT'],
    ] as const) {
      const { server, site } = await openSite(t, { 'web/a.css': text }, { copyChecksums: false });
      const copied = site.copy(COPY).then(
        () => undefined,
        (error: { readonly code: string }) => error.code,
      );
      assert.equal(await copied, code);
      assert.equal(server.count('GetObject'), 1);
    }
  });

  for (const [what, trouble] of [
    ['is not let in', { status: 403, code: 'AccessDenied' }],
    ['gets no answer', { status: 503, code: 'SlowDown' }],
    ['finds no bucket', { status: 404, code: 'NoSuchBucket' }],
  ] as const) {
    test(`is to be tried again by who ${what}, and told where and why`, async (t) => {
      const { server, site } = await openSite(t, { 'web/a.css': 'one' });
      server.faults.add({ operation: 'CopyObject', when: 'before', trouble, times: 9 });
      const message = new RegExp(`s3://site/www/docs: cannot put a.css: ${trouble.code}`);
      await assert.rejects(site.copy(COPY), { code: 'DEPLOY_UNAVAILABLE', message, hint: /./ });
      for (const operation of ['ListObjectsV2', 'DeleteObjects'] as const)
        server.faults.add({ operation, when: 'before', trouble, times: 9 });
      await assert.rejects(listed(site), { code: 'DEPLOY_UNAVAILABLE' });
      await assert.rejects(site.delete(['a.css']), { code: 'DEPLOY_UNAVAILABLE' });
    });
  }

  test('stops at once when it is told to', async (t) => {
    const { server, site } = await openSite(t, { 'web/a.css': 'one' });
    const controller = new AbortController();
    const late = new Error('late');
    const meanwhile = (): void => controller.abort(late);
    server.faults.add({ operation: 'CopyObject', when: 'before', trouble: 'stall', meanwhile });
    await assert.rejects(site.copy(COPY, { signal: controller.signal }), { code: 'CANCELLED', cause: late });
  });
});

describe('a lease on a deploy', () => {
  const prefix = deployLeasesPrefix('live', { namespace: 'web', name: 'site' });

  test('is of one worker at a time, and of the next when it is let go', async (t) => {
    const { root, server } = await s3For(t);
    const first = await leaseAlone(root, prefix);
    assert.ok(first);
    assert.equal(await leaseAlone(root, prefix), undefined);
    const elsewhere = await leaseAlone(root, deployLeasesPrefix('other', { namespace: 'web', name: 'site' }));
    assert.ok(elsewhere);
    await Promise.all([first.release(), elsewhere.release()]);
    const second = await leaseAlone(root, prefix);
    assert.ok(second);
    await second.release();
    assert.deepEqual(server.bucket().keys(''), []);
  });

  test('is never of two, however many ask', async (t) => {
    const { root } = await s3For(t);
    for (let round = 0; round < 5; round += 1) {
      const leases = await Promise.all(Array.from({ length: 8 }, () => leaseAlone(root, prefix)));
      const held = leases.filter((lease) => lease !== undefined);
      assert.ok(held.length <= 1, `${held.length} hold it`);
      await Promise.all(held.map((lease) => lease.release()));
    }
  });
});
