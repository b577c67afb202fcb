import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { S3Operation } from '../../../aws-stand-ins/s3/s3-operation.ts';
import { s3ObjectStore } from '../../../shared/aws/s3/object-store.ts';
import { openS3Store } from '../../../shared/aws/s3/store.ts';
import { type ErrorCode, isLandfallError } from '../../../shared/errors.ts';
import { collected } from '../../conformance/object-store.ts';
import { CREDENTIALS, hurriedClock, rootAt, s3For } from '../support/s3.ts';

const KEY = 'sources/web/site/status.json';
const bytes = (text: string): Uint8Array => Buffer.from(text);

for (const trouble of ['cut', { status: 500, code: 'InternalError' }] as const) {
  const what = trouble === 'cut' ? 'a cut connection' : 'a 500';
  test(`a put whose answer was lost to ${what} is known as ours by its bytes`, async (t) => {
    const { server, root } = await s3For(t);
    const store = s3ObjectStore(root);
    server.faults.add({ operation: 'PutObject', when: 'after', trouble });
    assert.equal(await store.putIfAbsent(KEY, bytes('mine')), 'created');
    assert.equal(server.count('PutObject'), 2);
  });

  test(`a replace whose answer was lost to ${what} gives the version that it wrote`, async (t) => {
    const { server, root } = await s3For(t);
    const store = s3ObjectStore(root);
    const first = await store.replace(KEY, bytes('one'), undefined);
    server.faults.add({ operation: 'PutObject', when: 'after', trouble });
    const second = await store.replace(KEY, bytes('two'), first);
    assert.deepEqual(await store.get(KEY), { bytes: Buffer.from('two'), version: second });
    assert.equal(await store.replace(KEY, bytes('three'), second).then(() => 'swapped'), 'swapped');
  });
}

test('a put that another overtook while the answer was lost finds the other', async (t) => {
  const { server, root } = await s3For(t);
  const store = s3ObjectStore(root);
  const bucket = server.bucket();
  const meanwhile = (): void =>
    void bucket.put(KEY, { bytes: Buffer.from('theirs'), etag: '"x"', sha256: undefined, contentType: 'x' });
  server.faults.add({ operation: 'PutObject', when: 'before', trouble: 'cut', meanwhile });
  assert.equal(await store.putIfAbsent(KEY, bytes('mine')), 'exists');
  server.faults.add({ operation: 'PutObject', when: 'before', trouble: 'cut' });
  await assert.rejects(store.replace(KEY, bytes('mine'), '"old"'), { code: 'STORE_CONFLICT' });
});

test('the same bytes from somebody else are no success where no answer was lost', async (t) => {
  const { root } = await s3For(t);
  const store = s3ObjectStore(root);
  assert.equal(await store.putIfAbsent(KEY, bytes('same')), 'created');
  assert.equal(await store.putIfAbsent(KEY, bytes('same')), 'exists');
  await assert.rejects(store.replace(KEY, bytes('same'), undefined), { code: 'STORE_CONFLICT' });
});

test('404 to a put of what is not to be there is no win of somebody else', async (t) => {
  const { server, root } = await s3For(t);
  const store = s3ObjectStore(root);
  server.faults.add({
    operation: 'PutObject',
    when: 'before',
    trouble: { status: 404, code: 'NotFound' },
    times: 9,
  });
  await assert.rejects(store.putIfAbsent(KEY, bytes('mine')), { code: 'STORE_UNAVAILABLE' });
  await assert.rejects(store.replace(KEY, bytes('mine'), undefined), { code: 'STORE_UNAVAILABLE' });
});

const conflict = { status: 409, code: 'ConditionalRequestConflict' } as const;

test('409 is tried again until S3 decides', async (t) => {
  const { server, root } = await s3For(t, { clock: hurriedClock });
  const store = s3ObjectStore(root);
  server.faults.add({ operation: 'PutObject', when: 'before', trouble: conflict, times: 3 });
  assert.equal(await store.putIfAbsent(KEY, bytes('one')), 'created');
  assert.equal(server.count('PutObject'), 4);
});

test('409 without end is STORE_UNAVAILABLE where nothing is there, and `exists` where something is', async (t) => {
  const { server, root } = await s3For(t, { clock: hurriedClock });
  const store = s3ObjectStore(root);
  server.faults.add({ operation: 'PutObject', when: 'before', trouble: conflict, times: 1000 });
  await assert.rejects(store.putIfAbsent(KEY, bytes('one')), { code: 'STORE_UNAVAILABLE' });
  await assert.rejects(store.replace(KEY, bytes('one'), '"version"'), { code: 'STORE_CONFLICT' });
  server.bucket().put(KEY, { bytes: Buffer.from('one'), etag: '"x"', sha256: undefined, contentType: 'x' });
  assert.equal(await store.putIfAbsent(KEY, bytes('one')), 'exists');
});

const transient: readonly (readonly [S3Operation, () => string])[] = [
  ['PutObject', () => 'put'],
  ['GetObject', () => 'get'],
  ['ListObjectsV2', () => 'list'],
  ['DeleteObjects', () => 'delete'],
];
for (const [operation] of transient)
  for (const trouble of ['cut', { status: 503, code: 'SlowDown' }] as const)
    test(`${operation} outlives ${trouble === 'cut' ? 'a cut connection' : 'a SlowDown'}`, async (t) => {
      const { server, root } = await s3For(t);
      const store = s3ObjectStore(root);
      server.faults.add({ operation, when: 'before', trouble });
      await store.putIfAbsent(KEY, bytes('one'));
      assert.deepEqual(await collected(store.list('sources/')), [KEY]);
      assert.equal(Buffer.from((await store.get(KEY))?.bytes ?? []).toString(), 'one');
      await store.delete([KEY]);
      assert.equal(await store.get(KEY), undefined);
    });

test('deletes and lists more than a page', async (t) => {
  const { server, root } = await s3For(t);
  const store = s3ObjectStore(root);
  const keys = Array.from({ length: 2001 }, (_, at) => `sources/x/${String(at).padStart(5, '0')}`);
  for (const key of keys)
    server.bucket().put(key, { bytes: Buffer.alloc(0), etag: '"x"', sha256: undefined, contentType: 'x' });
  assert.deepEqual(await collected(store.list('sources/')), keys);
  assert.equal(server.count('ListObjectsV2'), 3);
  await store.delete(keys);
  assert.equal(server.count('DeleteObjects'), 3);
  assert.equal(server.bucket().objects.size, 0);
});

test('a delete that S3 refuses inside its 200 is a refusal', async (t) => {
  const { root } = await s3For(t, { policy: { deniedKeys: /secret/ } });
  const store = s3ObjectStore(root);
  await assert.rejects(store.delete(['a', 'secret']), {
    code: 'STORE_DENIED',
    message: /secret.*AccessDenied/,
  });
});

interface Refusal {
  readonly what: string;
  readonly trouble: { readonly status: number; readonly code: string };
  readonly code: ErrorCode;
  readonly hint: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  {
    what: 'no right',
    trouble: { status: 403, code: 'AccessDenied' },
    code: 'STORE_DENIED',
    hint: /s3:GetObject/,
  },
  {
    what: 'no bucket',
    trouble: { status: 404, code: 'NoSuchBucket' },
    code: 'STORE_UNAVAILABLE',
    hint: /name of the bucket/,
  },
  {
    what: 'ended credentials',
    trouble: { status: 400, code: 'ExpiredToken' },
    code: 'STORE_DENIED',
    hint: /aws sso login/,
  },
  {
    what: 'an unknown key id',
    trouble: { status: 403, code: 'InvalidAccessKeyId' },
    code: 'STORE_DENIED',
    hint: /AWS_PROFILE/,
  },
  {
    what: 'another region',
    trouble: { status: 301, code: 'PermanentRedirect' },
    code: 'STORE_UNAVAILABLE',
    hint: /AWS_REGION/,
  },
  {
    what: 'an archived object',
    trouble: { status: 403, code: 'InvalidObjectState' },
    code: 'STORE_UNAVAILABLE',
    hint: /archive/,
  },
  {
    what: 'an outage',
    trouble: { status: 503, code: 'ServiceUnavailable' },
    code: 'STORE_UNAVAILABLE',
    hint: /outage/,
  },
  {
    what: 'throttling',
    trouble: { status: 503, code: 'SlowDown' },
    code: 'STORE_UNAVAILABLE',
    hint: /slow down/,
  },
];

const OPERATIONS: readonly (readonly [
  S3Operation,
  (store: ReturnType<typeof s3ObjectStore>) => Promise<unknown>,
])[] = [
  ['GetObject', (store) => store.get(KEY)],
  ['PutObject', (store) => store.putIfAbsent(KEY, bytes('x'))],
  ['ListObjectsV2', (store) => collected(store.list(''))],
  ['DeleteObjects', (store) => store.delete([KEY])],
];

for (const { what, trouble, code, hint } of REFUSALS)
  test(`${what} is ${code}, says what to do, and tells no secret`, async (t) => {
    const { server, root } = await s3For(t, {
      client: {
        attempts: 1,
        credentials: async () => ({ ...CREDENTIALS, sessionToken: 'canary-session-token' }),
      },
    });
    for (const [operation, act] of OPERATIONS) {
      server.faults.add({ operation, when: 'before', trouble });
      await assert.rejects(act(s3ObjectStore(root)), (error: unknown) => {
        assert.ok(isLandfallError(error), String(error));
        assert.equal(error.code, code, `${operation}: ${error.message}`);
        assert.match(error.hint ?? '', hint);
        assert.match(error.message, /^store: cannot (get|put|list|delete) /);
        assert.doesNotMatch(
          inspect(error, { depth: 20, showHidden: true }),
          /canary|AKID|X-Amz-|authorization/i,
        );
        return true;
      });
    }
  });

test('nobody answering is STORE_UNAVAILABLE', async (t) => {
  const { server, root } = await s3For(t, { client: { attempts: 1 } });
  await server.close().catch(() => undefined);
  await assert.rejects(s3ObjectStore(root).get(KEY), { code: 'STORE_UNAVAILABLE', message: /ECONNREFUSED/ });
});

test('a server that says nothing is given up on', async (t) => {
  const { server, root } = await s3For(t, { client: { attempts: 2, timeoutMs: 100 } });
  server.faults.add({ operation: 'GetObject', when: 'before', trouble: 'stall', times: 2 });
  await assert.rejects(s3ObjectStore(root).get(KEY), {
    code: 'STORE_UNAVAILABLE',
    message: /TimeoutError|timeout/i,
  });
});

test('a store is made where there is none, and only where that is asked for', async (t) => {
  const { server, root } = await s3For(t);
  await assert.rejects(openS3Store({ ...root, create: false }), {
    code: 'USAGE',
    message: /s3:\/\/landfall/,
  });
  assert.equal(server.bucket().objects.size, 0);
  await openS3Store(rootAt(server));
  await openS3Store({ ...rootAt(server), create: false });
  assert.deepEqual([...server.bucket().objects.keys()], ['landfall.json']);
});

test('stores under two prefixes of a bucket do not see each other', async (t) => {
  const { server, root } = await s3For(t, { prefix: 'one/' });
  const [one, two] = [s3ObjectStore(root), s3ObjectStore(rootAt(server, { prefix: 'two/' }))];
  await one.putIfAbsent('a', bytes('1'));
  await two.putIfAbsent('b', bytes('2'));
  assert.deepEqual(await collected(one.list('')), ['a']);
  await two.delete(['a']);
  assert.notEqual(await one.get('a'), undefined);
});
