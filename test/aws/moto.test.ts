import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { assumedRole } from '../../shared/aws/credentials/assumed-role.ts';
import { ecrTokens } from '../../shared/aws/credentials/ecr-token.ts';
import { cloudSecrets } from '../../shared/aws/credentials/secrets.ts';
import { eventBridgeBus } from '../../shared/aws/messages/eventbridge-bus.ts';
import { receivedMessages } from '../../shared/aws/messages/received-messages.ts';
import { sqsQueue } from '../../shared/aws/messages/sqs-queue.ts';
import { bucketReader } from '../../shared/aws/s3/bucket-reader.ts';
import { createS3Client } from '../../shared/aws/s3/client.ts';
import { s3SiteBucket } from '../../shared/aws/s3/site/site-bucket.ts';
import { copiedFrom } from '../../shared/aws/s3/site/site-file.ts';
import { openS3Store } from '../../shared/aws/s3/store/store.ts';
import { s3TargetOf } from '../../shared/aws/s3/target.ts';
import { systemClock } from '../../shared/clock.ts';
import { composeEvent } from '../../shared/event/compose.ts';
import { MiB } from '../../shared/limits.ts';
import { fileKey } from '../../shared/store/layout.ts';
import { ID, land } from '../conformance/planted-artifacts.ts';
import { listed } from '../conformance/site-bucket.ts';
import {
  awsClientFor,
  CREDENTIALS,
  environmentOf,
  REGION,
  sdkFor,
} from '../support/aws-server/aws-client-for.ts';
import { motoFor, motoSkip } from '../support/servers/moto.ts';

const clock = systemClock;

test('moto, which is not ours, understands what we send', { skip: motoSkip }, async (t) => {
  const url = await motoFor(t);
  const client = awsClientFor(url, clock);
  const sdkAccess = sdkFor(url, clock);
  const options = { endpoint: url, region: REGION, credentials: CREDENTIALS };

  await t.test('SQS: FIFO groups, ids, visibility', async () => {
    const sdk = new SQSClient(options);
    const Attributes = { FifoQueue: 'true' };
    const { QueueUrl = '' } = await sdk.send(
      new CreateQueueCommand({ QueueName: 'landfall.fifo', Attributes }),
    );
    const queue = sqsQueue({ queueUrl: QueueUrl, client, clock });
    await queue.enqueue([{ namespace: 'web', name: 'site', trigger: 'webhook' }]);
    await queue.enqueue([{ namespace: 'web', name: 'app', trigger: 'webhook' }]);
    const { Messages = [] } = await sdk.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    assert.equal(Messages.length, 2);
    await receivedMessages(QueueUrl, sdkAccess).returnAfter(Messages[0]?.ReceiptHandle ?? '', 0);
    const again = await sdk.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    assert.deepEqual(
      again.Messages?.map(({ Body }) => Body),
      [Messages[0]?.Body],
    );
    const nowhere = sqsQueue({ queueUrl: `${QueueUrl}-none`, client, clock });
    await assert.rejects(nowhere.documents(), { code: 'QUEUE_UNAVAILABLE' });
    sdk.destroy();
  });

  await t.test('S3: a file of a site, copied and proven', async () => {
    const sdk = new S3Client({ ...options, forcePathStyle: true });
    const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
    for (const Bucket of ['landed', 'site'])
      await sdk.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    const from = fileKey(ID, 'web/a b+ü.css');
    await sdk.send(new PutObjectCommand({ Bucket: 'landed', Key: from, Body: 'one' }));
    const rootOf = (bucket: string, prefix = '') => ({
      ...{ bucket, prefix, clock },
      client: createS3Client({
        target: s3TargetOf({ bucket, region: REGION, env: environmentOf(url) }),
        credentials: async () => CREDENTIALS,
        clock,
      }),
    });
    const parts = { site: rootOf('site', 'www/'), put: copiedFrom(rootOf('landed'), ID) };
    const site = s3SiteBucket({ ...parts, owner: 'store/live/web/site' });
    const other = s3SiteBucket({ ...parts, owner: 'store/other/web/site' });
    const headers = { contentType: 'text/css; charset=utf-8', cacheControl: 'no-cache' };
    const file = { path: 'a b+ü.css', from: 'web/a b+ü.css', size: 3, headers };
    const version = await site.copy({ ...file, sha256: hash('sha256', 'one') });
    assert.deepEqual(await listed(site), [{ path: file.path, version }]);
    assert.equal(await other.delete([file.path]), 0);
    const { ContentType, CacheControl } = await sdk.send(
      new HeadObjectCommand({ Bucket: 'site', Key: `www/${file.path}` }),
    );
    assert.deepEqual({ contentType: ContentType, cacheControl: CacheControl }, headers);
    await assert.rejects(site.copy({ ...file, sha256: hash('sha256', 'two') }), {
      code: 'STORE_CORRUPT',
    });
    sdk.destroy();
  });

  await t.test('EventBridge: entries on a custom bus', async () => {
    const sdk = new EventBridgeClient(options);
    await sdk.send(new CreateEventBusCommand({ Name: 'landfall' }));
    const detail = {
      ...{
        version: '1' as const,
        id: 'web.site.1',
        namespace: 'web',
        name: 'site',
        url: 'oci://r.example/site',
        labels: {},
      },
      ...{
        generation: 1,
        revision: null,
        failure: { code: 'FORBIDDEN', since: '2026-11-21T09:00:00Z', attempts: 1 },
      },
      trigger: 'schedule',
    } as const;
    const origin = { time: '2026-11-21T09:00:00Z', account: '123456789012', region: REGION };
    await eventBridgeBus({ bus: 'landfall', sdk: sdkAccess, clock }).emit([
      composeEvent('Source Recovered', detail, [], origin),
    ]);
    sdk.destroy();
  });

  await t.test('Secrets Manager and SSM', async () => {
    const [secrets, ssm] = [new SecretsManagerClient(options), new SSMClient(options)];
    await secrets.send(new CreateSecretCommand({ Name: 'webhook', SecretString: '{"secret":"hunter2"}' }));
    await ssm.send(
      new PutParameterCommand({ Name: '/landfall/token', Value: 'token', Type: 'SecureString' }),
    );
    const cloud = cloudSecrets({ client, clock });
    assert.equal(await cloud.read({ secretsManager: 'webhook', key: 'secret' }), 'hunter2');
    assert.equal(await cloud.read({ ssm: '/landfall/token' }), 'token');
    await assert.rejects(cloud.read({ secretsManager: 'none' }), { code: 'CREDENTIAL_UNREADABLE' });
    await assert.rejects(cloud.read({ ssm: 'none' }), { code: 'CREDENTIAL_UNREADABLE' });
    for (const sdk of [secrets, ssm]) sdk.destroy();
  });

  await t.test('ECR and STS', async () => {
    const role = 'arn:aws:iam::210987654321:role/pull';
    const assumed = await assumedRole(role, sdkAccess)();
    assert.ok(assumed.accessKeyId !== '' && assumed.sessionToken !== undefined);
    const tokenOf = ecrTokens(sdkAccess);
    assert.equal((await tokenOf({ region: REGION, role: undefined }).ask()).credential.kind, 'basic');
    assert.equal((await tokenOf({ region: REGION, role }).ask()).credential.kind, 'basic');
  });

  await t.test('S3: files small and large, committed once and removed', async () => {
    const sdk = new S3Client({ ...options, forcePathStyle: true });
    const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
    await sdk.send(new CreateBucketCommand({ Bucket: 'artifacts', CreateBucketConfiguration }));
    sdk.destroy();
    const target = s3TargetOf({ bucket: 'artifacts', region: REGION, env: environmentOf(url) });
    const s3 = createS3Client({ target, credentials: async () => CREDENTIALS, clock });
    const store = await openS3Store({ bucket: 'artifacts', prefix: 'a b/', client: s3, clock, holdBytes: 1 });
    const large = Buffer.alloc(9 * MiB, 'x');
    const files = { 'a&b/ü+ c.txt': 'small', 'large.bin': large };
    assert.equal(await land(store, ID, files), 'committed');
    assert.equal(await land(store, ID, files), 'exists');
    const read = await buffer(await store.artifacts.open(ID, 'large.bin'));
    assert.ok(read.equals(large));
    assert.deepEqual(await Array.fromAsync(store.artifacts.list()), [ID]);
    assert.equal(await store.artifacts.remove(ID), 'removed');
    assert.deepEqual(await Array.fromAsync(store.objects.list('artifacts/')), []);
    const first = await store.objects.replace('sources/a/b/status.json', Buffer.from('1'), undefined);
    await store.objects.replace('sources/a/b/status.json', Buffer.from('2'), first);
    await assert.rejects(store.objects.replace('sources/a/b/status.json', Buffer.from('3'), first), {
      code: 'STORE_CONFLICT',
    });
  });

  await t.test('S3: reads what changed, and lists versions', async () => {
    const sdk = new S3Client({ ...options, forcePathStyle: true });
    const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
    await sdk.send(new CreateBucketCommand({ Bucket: 'store', CreateBucketConfiguration }));
    const keys = Array.from({ length: 5 }, (_, at) => `sources/web/s${at}/status.json`);
    const put = (Key: string, Body: string) => sdk.send(new PutObjectCommand({ Bucket: 'store', Key, Body }));
    const tags = await Promise.all(keys.map(async (key) => (await put(key, key)).ETag ?? ''));
    const target = s3TargetOf({ bucket: 'store', region: REGION, env: environmentOf(url) });
    const s3 = createS3Client({ target, credentials: async () => CREDENTIALS, clock });
    const reader = bucketReader({ bucket: 'store', prefix: '', client: s3, clock });
    const first = keys[1] ?? '';
    const last = keys[3] ?? '';
    const listed = await Array.fromAsync(reader.versions({ prefix: 'sources/', first, last }));
    assert.deepEqual(
      listed,
      [1, 2, 3].map((at) => ({ key: keys[at], version: tags[at] })),
    );
    const read = await reader.getIfChanged(first);
    assert.ok(read !== undefined && read !== 'unchanged');
    assert.equal(Buffer.from(read.bytes).toString(), first);
    assert.equal(await reader.getIfChanged(first, read.version), 'unchanged');
    await put(first, 'changed');
    assert.ok((await reader.getIfChanged(first, read.version)) !== 'unchanged');
    assert.equal(await reader.getIfChanged('none'), undefined);
    sdk.destroy();
  });
});
