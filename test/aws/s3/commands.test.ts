import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import type { S3Server, S3ServerOptions } from '../../../aws-stand-ins/s3/s3-server.ts';
import { readMessage } from '../../../shared/aws/messages/sqs-queue.ts';
import { openS3Store } from '../../../shared/aws/s3/store/store.ts';
import { newLedger, readLedger, writeLedger } from '../../../shared/deploy/ledger/ledger.ts';
import type { EventEnvelope } from '../../../shared/model/envelope.ts';
import { fileKey, statusKey } from '../../../shared/store/layout.ts';
import { detailOf } from '../../event/samples.ts';
import { ACCOUNT } from '../../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../../support/aws-server/aws-server.ts';
import { assertRefused, documentOf, folderFor, landfall, landfallProcess } from '../../support/cli.ts';
import { openWorld, type World } from '../../support/stores/memory-sources.ts';
import { CREDENTIALS, s3For } from '../support/s3.ts';

// Region and credentials are found as the SDK finds them.
process.env['AWS_REGION'] = 'eu-central-1';
process.env['AWS_ACCESS_KEY_ID'] = CREDENTIALS.accessKeyId;
process.env['AWS_SECRET_ACCESS_KEY'] = CREDENTIALS.secretAccessKey;
process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
for (const name of ['AWS_SESSION_TOKEN', 'AWS_PROFILE', 'AWS_ENDPOINT_URL', 'LANDFALL_QUEUE_URL'])
  delete process.env[name];

const HOUR_MS = 60 * 60 * 1000;
const STORE = 's3://landfall/team';
const on = (...argv: readonly string[]): ReturnType<typeof landfall> => landfall([...argv, '--store', STORE]);

/** A bucket in which `web/site` has landed 1 and then 2. */
async function deployed(
  t: TestContext,
  options: S3ServerOptions = {},
): Promise<{ readonly server: S3Server; readonly world: World }> {
  const { server, root } = await s3For(t, { prefix: 'team/', ...options });
  process.env['AWS_ENDPOINT_URL_S3'] = server.url;
  const world = openWorld(await openS3Store(root));
  for (const text of ['1', '2']) {
    world.push('latest', { 'app.yaml': text, 'kept.yaml': 'kept' });
    assert.equal((await world.look()).outcome, 'committed');
  }
  return { server, world };
}

test('get, status and history read a bucket', async (t) => {
  await deployed(t);
  const sources = documentOf<readonly { readonly generation: number }[]>(
    await on('get', 'sources', '--json'),
  );
  assert.equal(sources[0]?.generation, 2);
  assert.equal(documentOf<readonly unknown[]>(await on('get', 'artifacts', '--json')).length, 2);
  assert.deepEqual(documentOf<unknown>(await on('get', 'deploys', '--json')), []);
  assert.match((await on('status', 'web/site')).stdout, /generation 2, 2 files/);
  assert.equal(documentOf<readonly unknown[]>(await on('history', 'web/site', '--json')).length, 2);
});

test('get events makes the events of revisions that are there again, as they were told', async (t) => {
  const { world } = await deployed(t);
  const told = world.events('Artifact Revision Changed');
  assert.equal(told.length, 2);
  const { bucket, region } = { bucket: 'landfall', region: 'eu-central-1' };
  // Its keys are those of the bucket, in which the store has a prefix.
  const asOnAws = told.map((event) => {
    const artifact = detailOf(event)['artifact'] as Readonly<Record<string, unknown>>;
    const at = { prefix: `team/${artifact['prefix']}`, record: `team/${artifact['record']}` };
    return { ...event, region, detail: { ...event.detail, artifact: { ...artifact, bucket, ...at } } };
  });
  assert.deepEqual(documentOf<unknown>(await on('get', 'events', '--json')), asOnAws);
  assert.match((await on('get', 'events')).stdout, /Artifact Revision Changed {2}web\/site .* \+0 ~1 -0$/m);
  const unknown = await on('get', 'events', '--source', 'web/no', '--json');
  assertRefused(unknown, { code: 'SOURCE_NOT_FOUND', says: /web\/no/, next: /get sources/ });
});

test('get events keeps generations in order that were committed in the same millisecond', async (t) => {
  const { world } = await deployed(t);
  // The world moves its clock by a second before each reconcile.
  world.clock.advance(-1_000);
  world.push('latest', { 'app.yaml': '3' });
  await world.look();
  const events = documentOf<readonly EventEnvelope[]>(await on('get', 'events', '--json'));
  assert.equal(events[1]?.time, events[2]?.time);
  assert.deepEqual(
    events.map(({ detail }) => detail['generation']),
    [1, 2, 3],
  );
});

test('get events leaves out what a bucket does not know any more', async (t) => {
  const { world } = await deployed(t);
  world.push('latest', { 'app.yaml': '3' });
  await world.look({ retain: { revisions: 2 } });
  const generations = documentOf<readonly EventEnvelope[]>(await on('get', 'events', '--json')).map(
    ({ detail }) => detail['generation'],
  );
  assert.deepEqual(generations, [3], 'of the second, what it changed; of the first, all');
});

test('suspend and resume change the status in the bucket', async (t) => {
  const { world } = await deployed(t);
  assert.equal((await on('suspend', 'web/site')).code, 0);
  assert.notEqual((await world.status()).suspended, null);
  assert.equal((await on('resume', 'web/site')).code, 0);
  assert.equal((await world.status()).suspended, null);
});

test('rollback leaves its event in the outbox, and the next reconcile of the deployed Landfall sends it', async (t) => {
  const { world } = await deployed(t);
  const [, first] = documentOf<readonly { readonly digest: string }[]>(
    await on('history', 'web/site', '--json'),
  );
  const rolled = documentOf(await on('rollback', 'web/site', '--to', first?.digest ?? '', '--json'));
  assert.equal(rolled['generation'], 3);
  const { outbox } = await world.status();
  const [event] = outbox;
  assert.equal(event?.region, 'eu-central-1');
  assert.equal((detailOf(event)['artifact'] as { readonly bucket: string }).bucket, 'landfall');
  await world.look();
  assert.deepEqual((await world.status()).outbox, []);
  assert.equal(world.events('Artifact Revision Changed').length, 3);
});

test('fsck finds what is broken in a bucket and repairs it', async (t) => {
  const { server, world } = await deployed(t);
  const { current } = await world.status();
  assert.ok(current);
  assert.equal((await on('fsck')).code, 0);
  const key = `team/${fileKey(current, 'app.yaml')}`;
  server.bucket().put(key, { bytes: Buffer.from('x'), etag: '"x"', sha256: undefined, contentType: 'x' });
  const { code, stdout } = await on('fsck');
  assert.equal(code, 1);
  assert.match(stdout, /file-digest: .*app\.yaml/);
  assert.equal((await on('fsck', '--repair')).code, 0);
  assert.equal((await world.look()).outcome, 'unchanged');
  assert.equal((await on('fsck')).code, 0);
});

test('collect takes what no status names, once it is older than the grace', async (t) => {
  const { world } = await deployed(t, { now: () => Date.now() - 2 * HOUR_MS });
  await world.store.objects.delete([statusKey({ namespace: 'web', name: 'site' })]);
  assert.equal(documentOf(await on('collect', '--grace', '3h', '--json'))['kept'], 2);
  const { removed, kept } = documentOf(await on('collect', '--grace', '1h', '--json'));
  assert.equal((removed as readonly unknown[]).length, 2);
  assert.equal(kept, 0);
  assert.deepEqual(await Array.fromAsync(world.store.artifacts.list()), []);
});

test('reconcile asks through the queue of the stack', async (t) => {
  const { world } = await deployed(t);
  const sqs = await awsServerFor(t, Date.now);
  const queueUrl = `${sqs.url}/${ACCOUNT}/landfall.fifo`;
  process.env['AWS_ENDPOINT_URL_SQS'] = sqs.url;
  const fifo = sqs.queue('landfall.fifo');
  const { code, stdout, stderr } = await on('reconcile', 'web/site', '--queue', queueUrl);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /web\/site: asked for/);
  const [message] = fifo.messages.map(({ body }) => readMessage(JSON.parse(body) as Record<string, unknown>));
  assert.deepEqual(message, {
    kind: 'reconcile',
    message: { namespace: 'web', name: 'site', trigger: 'request' },
  });
  assert.notEqual((await world.status()).request, null);
});

for (const name of ['live', 'live.fifo'])
  test(`replay puts the event before one deploy alone, through its queue ${name}`, async (t) => {
    const { world } = await deployed(t);
    const [landed] = world.events('Artifact Revision Changed').slice(-1);
    const { objects } = world.store;
    const ledger = newLedger({ namespace: 'web', name: 'site', deploy: 'live' });
    await writeLedger(objects, ledger, { ledger, version: undefined });
    const sqs = await awsServerFor(t, Date.now);
    process.env['AWS_ENDPOINT_URL_SQS'] = sqs.url;
    const argv = ['replay', 'web/site', '--deploy', 'live', '--queue', `${sqs.url}/${ACCOUNT}/${name}`];
    const queue = sqs.queue(name);
    for (let times = 0; times < 2; times += 1) {
      const { code, stdout, stderr } = await on(...argv);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /live of web\/site: asked for/);
    }
    assert.equal(queue.messages.length, 2, 'the second wish is not dropped as a repeat');
    const event = JSON.parse(queue.messages[0]?.body ?? '') as EventEnvelope;
    assert.equal(event.id, landed?.id);
    assert.deepEqual(detailOf(event)['previous'], detailOf(landed)['previous']);
    assert.equal((detailOf(event)['artifact'] as { readonly bucket: string }).bucket, 'landfall');
    const wished = (await readLedger(objects, 'live', { namespace: 'web', name: 'site' })).ledger;
    assert.equal(wished.replay?.generation, 2);
    assert.equal(world.events().length, 2, 'nobody else is told');
  });

test('what a bucket does not have is said, with what to do instead', async (t) => {
  await deployed(t);
  assertRefused(await on('get', 'events', '--follow'), {
    code: 'NOT_SUPPORTED',
    exit: 2,
    says: /events/,
    next: /EventBridge/,
  });
  assertRefused(await on('reconcile', 'web/site'), {
    code: 'USAGE',
    exit: 2,
    says: /queue/,
    next: /--queue/,
  });
  assertRefused(await on('reconcile', 'web/site', '-f', 'x.yaml', '--queue', 'https://q.example/1/q'), {
    ...{ code: 'USAGE', exit: 2, says: /own documents/, next: /-f/ },
  });
  assertRefused(await on('replay', 'web/site', '--deploy', 'live'), {
    ...{ code: 'USAGE', exit: 2, says: /a queue each/, next: /--queue/ },
  });
  assertRefused(await on('replay', 'web/site', '--deploy', 'live', '--queue', 'https://q.example/1/q'), {
    ...{ code: 'DEPLOY_NOT_FOUND', says: /no deploy "live" of web\/site/, next: /get deploys/ },
  });
  assertRefused(await on('reconcile', 'web/site', '--queue', 'nonsense'), {
    ...{ code: 'USAGE', exit: 2, says: /queue/, next: /outputs of the stack/ },
  });
  for (const url of ['https://u:canary@q.example/1/q', 'https://:canary@q.example/1/q', '//u:canary@q']) {
    const refused = await on('reconcile', 'web/site', '--queue', url);
    assertRefused(refused, { ...{ code: 'USAGE', exit: 2, says: /queue/, next: /outputs of the stack/ } });
    assert.doesNotMatch(refused.stdout + refused.stderr, /canary/);
  }
});

test('region, endpoint and credentials of a profile are found', async (t) => {
  const { server } = await deployed(t);
  const folder = await folderFor(t);
  const [config, credentials] = [join(folder, 'config'), join(folder, 'credentials')];
  const { accessKeyId, secretAccessKey } = CREDENTIALS;
  await writeFile(
    config,
    `[profile team]\nregion = eu-central-1\nservices = here\n[services here]\ns3 =\n  endpoint_url = ${server.url}\n`,
  );
  await writeFile(
    credentials,
    `[team]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  const ended = await landfallProcess(['get', 'sources', '--json', '--store', STORE], {
    env: { AWS_PROFILE: 'team', AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials },
  });
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(documentOf<readonly unknown[]>(ended).length, 1);
});

test('a place without a store is refused, and stays as it is', async (t) => {
  const { server } = await s3For(t);
  process.env['AWS_ENDPOINT_URL_S3'] = server.url;
  assertRefused(await on('get', 'sources'), {
    code: 'USAGE',
    exit: 2,
    says: /s3:\/\/landfall\/team/,
    next: /BUCKET/,
  });
  assert.equal(server.bucket().objects.size, 0);
  const missing = await landfall(['get', 'sources', '--store', 's3://no-such-bucket']);
  assertRefused(missing, { code: 'STORE_UNAVAILABLE', says: /NoSuchBucket/, next: /name of the bucket/ });
});

for (const store of [
  's3://',
  's3://UPPER',
  's3://a..b',
  's3://bucket/../x',
  's3://bucket//x',
  's3://bucket/a b',
])
  test(`refuses --store ${store}`, async () => {
    assertRefused(await landfall(['get', 'sources', '--store', store]), {
      ...{ code: 'USAGE', exit: 2, says: /is not s3:/, next: /s3:/ },
    });
  });

test('a directory bucket is refused', async () => {
  assertRefused(await landfall(['get', 'sources', '--store', 's3://fast--euc1-az1--x-s3']), {
    ...{ code: 'NOT_SUPPORTED', exit: 2, says: /directory bucket/, next: /general purpose/ },
  });
});

test('no command loads the SDK before a bucket is asked for', async () => {
  const code = `
    import { createRequire } from 'node:module';
    import { Writable } from 'node:stream';
    const { run } = await import(${JSON.stringify(new URL('../../../cli/run.ts', import.meta.url).href)});
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done() });
    await run(['--help'], { stdout, stderr: process.stderr });
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => /@aws-sdk|@smithy/.test(path));
    console.log(JSON.stringify(loaded));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
  assert.deepEqual(JSON.parse(stdout), []);
});
