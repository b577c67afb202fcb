import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { Signer } from '../../../shared/aws/request/signature.ts';
import { encodeKey } from '../../../shared/aws/request/uri-encoding.ts';
import type { S3Root } from '../../../shared/aws/s3/root.ts';
import { s3TargetOf } from '../../../shared/aws/s3/target.ts';
import { putObject } from '../../../shared/aws/s3/write.ts';
import { sdkTarget } from '../../../shared/aws/sdk/s3.ts';
import { CREDENTIALS, hurriedClock, s3For } from '../support/s3.ts';

interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** In place of a CRC32 that is not ours to send. */
const PLAIN = { requestChecksumCalculation: 'WHEN_REQUIRED' } as const;

/** What the SDK would send for a PUT of `key`, signed, without the query it adds for its own statistics. */
async function signedBySdk(t: TestContext, key: string, options: S3ClientConfig): Promise<Sent> {
  const client = new S3Client({ ...options, ...PLAIN });
  t.after(() => client.destroy());
  const command = new PutObjectCommand({ Bucket: 'bucket', Key: key, Body: 'content', IfNoneMatch: '*' });
  let sent: Sent | undefined;
  command.middlewareStack.add(
    (next) => (args) => {
      (args.request as { query: object }).query = {};
      return next(args);
    },
    { step: 'build' },
  );
  command.middlewareStack.add(
    () => async (args) => {
      sent = args.request as Sent;
      return { response: {}, output: { $metadata: {} } };
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await client.send(command, {});
  assert.ok(sent);
  return sent;
}

/** 20261121T091601Z as milliseconds. */
const timeOf = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

const KEYS = [
  'plain',
  "a b/é+~(x)*'!.txt",
  'ü/%41?#&=;,@$:[]{}|^`"<>',
  '😀/\ufb01',
  'a//b',
  '../x',
  `${'k/'.repeat(500)}end`,
];

for (const key of KEYS)
  for (const sessionToken of [undefined, 'a/token+with=signs'])
    test(`signs a PUT of ${JSON.stringify(key.slice(0, 30))} as the SDK does${sessionToken ? ', with a session' : ''}`, async (t) => {
      const credentials = { ...CREDENTIALS, ...(sessionToken !== undefined && { sessionToken }) };
      const sdk = await signedBySdk(t, key, { region: 'eu-north-1', credentials });
      const [, signedHeaders = ''] = /SignedHeaders=([^,]+)/.exec(sdk.headers['authorization'] ?? '') ?? [];
      const headers = Object.fromEntries(
        signedHeaders.split(';').map((name) => [name, sdk.headers[name] ?? '']),
      );
      const ours = new Signer().sign(
        {
          ...{ method: 'PUT', service: 's3', region: 'eu-north-1' },
          host: sdk.headers['host'] ?? '',
          ...{ path: `/${encodeKey(key)}`, query: '' },
          sha256: hash('sha256', 'content'),
          headers,
        },
        credentials,
        timeOf(sdk.headers['x-amz-date'] ?? ''),
      );
      assert.equal(`/${encodeKey(key)}`, sdk.path);
      assert.equal(ours['authorization'], sdk.headers['authorization']);
    });

test('one signer keeps up with another second, day, region, service and secret', () => {
  const signer = new Signer();
  const address = { host: 'h', path: '/p', query: '' };
  const place = { service: 's3', region: 'eu-north-1' };
  const put = { method: 'PUT', ...address, ...place, sha256: hash('sha256', ''), headers: {} };
  const variants = [
    [put, CREDENTIALS, 0],
    [put, CREDENTIALS, 1_000],
    [put, CREDENTIALS, 86_400_000],
    [{ ...put, region: 'us-east-1' }, CREDENTIALS, 0],
    [{ ...put, service: 'sqs' }, CREDENTIALS, 0],
    [put, { ...CREDENTIALS, secretAccessKey: 'other' }, 0],
  ] as const;
  for (const [what, credentials, now] of [...variants, ...variants])
    assert.deepEqual(signer.sign(what, credentials, now), new Signer().sign(what, credentials, now));
});

const TARGETS = [
  ['eu-west-1', 'bucket', undefined, 'bucket.s3.eu-west-1.amazonaws.com', '/'],
  ['cn-north-1', 'bucket', undefined, 'bucket.s3.cn-north-1.amazonaws.com.cn', '/'],
  ['eu-west-1', 'with.dots', undefined, 's3.eu-west-1.amazonaws.com', '/with.dots/'],
  ['eu-west-1', 'bucket', 'https://minio.example:9000', 'minio.example:9000', '/bucket/'],
] as const;
for (const [region, bucket, endpoint, host, basePath] of TARGETS)
  test(`finds where ${bucket} in ${region} is at ${endpoint ?? 'AWS'}, as the SDK does`, async (t) => {
    const sdk = new S3Client({ region, credentials: CREDENTIALS, ...(endpoint && { endpoint }) });
    t.after(() => sdk.destroy());
    const asked = await sdkTarget(sdk, bucket);
    assert.deepEqual([asked.host, asked.basePath, asked.region], [host, basePath, region]);
    assert.deepEqual(s3TargetOf({ bucket, region, env: { AWS_ENDPOINT_URL_S3: endpoint } }), asked);
  });

const put = (root: S3Root, text: string, sha256 = hash('sha256', text)) =>
  putObject(root, 'a', Buffer.from(text), 'absent', { sha256 });

test('a refused PUT is not tried again, and told why', async (t) => {
  const { server, root } = await s3For(t, { policy: { deniedKeys: /^a$/ }, clock: hurriedClock });
  await assert.rejects(put(root, 'a'), { code: 'STORE_DENIED' });
  assert.equal(server.count('PutObject'), 1);
});

test('bytes that are not what their hash says are refused', async (t) => {
  const { server, root } = await s3For(t);
  const tampered = put(root, 'tampered', hash('sha256', 'a'));
  await assert.rejects(tampered, { code: 'STORE_UNAVAILABLE', message: /BadDigest/ });
  assert.equal(server.bucket().objects.size, 0);
});
