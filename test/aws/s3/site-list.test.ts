import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { partsOf } from '../../../shared/aws/s3/site/list-in-parts.ts';
import { s3SiteBucket } from '../../../shared/aws/s3/site/site-bucket.ts';
import { compareBytes, inByteOrder } from '../../../shared/kernel/byte-order.ts';
import { listed } from '../../conformance/site-bucket.ts';
import { rootAt, s3For } from '../support/s3.ts';

const PREFIX = 'www/';

const named = (count: number, text: (at: number) => string): readonly string[] =>
  inByteOrder(Array.from({ length: count }, (_, at) => text(at)));

const OURS = named(3_500, (at) => `pages/${at % 50}/file-${at}.html`);

/** A site that has these paths. */
async function siteWith(t: TestContext, there: readonly string[]) {
  const { server } = await s3For(t, { buckets: ['landfall', 'site'] });
  const about = { bytes: Buffer.from('x'), sha256: undefined, contentType: 'x' };
  for (const path of there)
    server.bucket('site').put(`${PREFIX}${path}`, { ...about, etag: `"${path.length}"` });
  for (const key of ['a', 'wwx/b', 'www.html']) server.bucket('site').put(key, { ...about, etag: '"x"' });
  const put = async (): Promise<string> => '';
  const site = s3SiteBucket({ site: rootAt(server, { bucket: 'site', prefix: PREFIX }), put, owner: 'live' });
  return { server, site };
}

const FOREIGN = [
  '!first',
  'pages/0',
  'pages/0/file-0.html0',
  'pages/25/ü😀',
  'pages/99',
  '\u{ffff}',
  '😀 last',
];

for (const [what, there, likely, lists] of [
  ['all of them and nothing else, in as many lists as one after the other takes', OURS, OURS, 4],
  ['what others put between them, before and after', [...OURS, ...FOREIGN], OURS, 8],
  ['what is left, where those that it is cut by are gone', OURS.filter((_, at) => at % 1_000 < 900), OURS, 4],
  ['nothing, where nothing is there', [], OURS, 4],
  ['far more than was likely', OURS, OURS.slice(1_200, 1_300), 4],
  ['all, where likely ones are in no order', [...OURS, ...FOREIGN], OURS.toReversed(), undefined],
] as const)
  test(`a site that is listed in parts tells of ${what}`, async (t) => {
    const { server, site } = await siteWith(t, there);
    const found = (await listed(site, { likely })).map(({ path }) => path);
    const wanted = inByteOrder(there);
    if (lists === undefined) assert.deepEqual(inByteOrder(new Set(found)), wanted);
    else assert.deepEqual(inByteOrder(found), wanted, 'once each');
    if (lists !== undefined) assert.ok(server.count('ListObjectsV2') <= lists, 'no more requests');
  });

test('parts of a listing leave no key out, whatever is likely', () => {
  const keys = inByteOrder([...OURS, ...FOREIGN, '']);
  for (const likely of [
    [],
    OURS,
    OURS.toReversed(),
    OURS.slice(0, 1_000),
    OURS.slice(0, 1_001),
    ['a', 'a'],
  ]) {
    const parts = partsOf(likely);
    for (const key of keys)
      assert.ok(
        parts.some(
          ({ after, upTo }) =>
            (after === undefined || compareBytes(key, after) > 0) &&
            (upTo === undefined || compareBytes(key, upTo) <= 0),
        ),
        key,
      );
  }
  assert.equal(partsOf(OURS.slice(0, 1_000)).length, 1);
  assert.equal(partsOf(OURS.slice(0, 1_001)).length, 2);
});

test('a listing in parts of which one is refused is refused', async (t) => {
  const { server, site } = await siteWith(t, OURS);
  const trouble = { status: 403, code: 'AccessDenied' } as const;
  server.faults.add({ operation: 'ListObjectsV2', when: 'after', trouble, times: 1 });
  await assert.rejects(listed(site, { likely: OURS }), { code: 'DEPLOY_UNAVAILABLE' });
});
