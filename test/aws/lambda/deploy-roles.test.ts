import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { listen } from '../../../aws-stand-ins/listen.ts';
import { formatDueMessage, GONE } from '../../../functions/lambda/deploys/deploy-message.ts';
import { readLedger, writeLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';
import { CONFIGURATION_KEY } from '../../../shared/store/layout.ts';
import { ACCOUNT } from '../../support/aws-server/aws-client-for.ts';
import type { FifoQueue } from '../../support/aws-server/fifo-queue.ts';
import { assumedKeyOf } from '../../support/aws-server/operations.ts';
import type { LambdaProcess } from '../../support/lambda/lambda-process.ts';
import { cloudFormationFor } from '../../support/servers/stand-ins.ts';
import { until } from '../../support/until.ts';
import { apply, bundlesOf, documentOf, ID, openHandlers } from '../support/handlers.ts';

const bundles = await bundlesOf('reconcile', 'deploy-roles');

const ROLE = 'arn:aws:iam::210987654321:role/landfall-net';
const DIGEST = parseDigest(`sha256:${'d'.repeat(64)}`);
const SCHEDULED = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
const DOCUMENTS_CHANGED = {
  ...{ source: 'aws.s3', 'detail-type': 'Object Created' },
  detail: { bucket: { name: 'landfall' }, object: { key: CONFIGURATION_KEY } },
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html */
const stackChanged = (stack: string, account = '210987654321') => ({
  ...{ version: '0', id: 'x', source: 'aws.cloudformation', account, region: 'eu-central-1' },
  'detail-type': 'CloudFormation Stack Status Change',
  resources: [`arn:aws:cloudformation:eu-central-1:${account}:stack/${stack}/1`],
  detail: { 'status-details': { status: 'CREATE_COMPLETE', 'status-reason': '' } },
});

const netOf = (rest: string): string =>
  `  - { name: net, kind: stack, source: web/site, template: t.json, executionRole: "${ROLE}", ${rest} }\n`;

/** What Lambda's poller does, one message at a time; ends when the queue is empty. */
async function deliverAll(queue: FifoQueue, process: LambdaProcess): Promise<void> {
  for (let message = queue.receive(1)[0]; message !== undefined; message = queue.receive(1)[0]) {
    const { messageId, receiptHandle, body, receives } = message;
    const Records = [
      { messageId, receiptHandle, body, attributes: { ApproximateReceiveCount: String(receives) } },
    ];
    const answer = await process.invoke<{ readonly batchItemFailures: readonly unknown[] }>({ Records });
    assert.deepEqual(answer.batchItemFailures, [], process.lines.join('\n'));
    queue.delete(receiptHandle);
  }
}

async function opened(t: TestContext) {
  const machine = await openHandlers(t, bundles);
  const { aws, registry, push, deliver } = machine;
  const cloudFormation = await cloudFormationFor(t, Date.now);
  Object.assign(cloudFormation.state.takes, { createMs: 0, executeMs: 0 });
  aws.roles.add(ROLE);
  const [reconcile, roles] = await Promise.all([
    machine.start('reconcile'),
    machine.start('deploy-roles', {
      LANDFALL_DEPLOY: JSON.stringify({ name: 'roles', stack: 'Landfall' }),
      LANDFALL_QUEUE_URL: `${aws.url}/${ACCOUNT}/roles`,
      AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
    }),
  ]);
  const queue = aws.queue('roles');
  /** Has documents be in force that say this of deploys. */
  const say = async (deploys: string): Promise<void> => {
    await apply(machine, `${documentOf(registry.host)}deploys:\n${deploys}`);
    await deliver(reconcile);
  };
  const send = async (message: object): Promise<void> => {
    queue.send({ body: JSON.stringify(message), groupId: 'a', deduplicationId: String(Math.random()) });
    await deliverAll(queue, roles);
  };
  const ledger = async () => (await readLedger(machine.store.objects, 'net', ID)).ledger;
  return {
    ...{ machine, cloudFormation, roles, queue, say, send, ledger },
    land: async (template: object) => {
      await push('team/site', 'stable', { 't.json': JSON.stringify(template) });
      const body = JSON.stringify({ version: 1, look: 'web/site', trigger: 'request' });
      machine.queue.send({ body, groupId: 'web/site', deduplicationId: String(Math.random()) });
      await deliver(reconcile);
    },
    /** The event of what landed last, as the rule sends it. */
    revisionChanged: () => {
      const { detailType, detail, resources } = aws.events.at(-1) ?? {};
      const time = '2026-11-21T09:00:00Z';
      const whose = { account: ACCOUNT, region: 'eu-central-1', time, resources, detail };
      return { version: '0', id: 'x', source: 'landfall', 'detail-type': detailType, ...whose };
    },
    /** Until the stack has what is current, by CloudFormation's own events. */
    untilApplied: (stack: string) =>
      until('the stack to be applied', async () => {
        await send(stackChanged(stack));
        return (await ledger()).applied?.generation;
      }),
    /** Time passes in the queue, and what was kept back comes. */
    later: async (milliseconds: number) => {
      machine.pass(milliseconds);
      await deliverAll(queue, roles);
    },
  };
}

/** Somebody who takes what is posted. */
async function hooks(t: TestContext) {
  const posts: string[] = [];
  const { url, close } = await listen((request, response) => {
    posts.push(request.headers.authorization ?? String(request.url));
    request.resume().on('end', () => response.end());
  });
  t.after(close);
  return { posts, url };
}

const QUEUE = { Resources: { Queue: { Type: 'AWS::SQS::Queue' } } };
const AS_ROLE = `role: { arn: "${ROLE}", externalId: team-a }`;
const MINUTES = 60_000;

test('a deploy that names a role comes, runs as that role, changes and goes with the documents alone', async (t) => {
  const { machine, cloudFormation, roles, say, land, send, untilApplied, revisionChanged, ledger } =
    await opened(t);
  await say(netOf(`stack: first, ${AS_ROLE}`));
  await land(QUEUE);
  await send(revisionChanged());
  assert.ok((await ledger()).run, 'it began with the event of the revision');
  await untilApplied('first');
  assert.equal(cloudFormation.stack('first')?.status, 'CREATE_COMPLETE');
  const assumed = machine.aws.calls.filter(({ operation }) => operation === 'AssumeRole');
  assert.ok(assumed.length > 0);

  const { posts, url } = await hooks(t);
  await say(`  - { name: net, kind: http, source: web/site, url: "${url}", ${AS_ROLE} }\n`);
  await land({});
  await send(DOCUMENTS_CHANGED);
  assert.deepEqual([(await ledger()).applied?.generation, posts.length], [2, 1], roles.lines.join('\n'));
  for (const line of roles.lines) assert.match(line, /"requestId":"request-\d+"/);

  await say('  []\n');
  await land(QUEUE);
  await send(SCHEDULED);
  assert.equal((await ledger()).applied?.generation, 2);
});

test('a secret is read as the role of its deploy, and nothing of the function itself is sent anywhere', async (t) => {
  const { machine, roles, say, land, send, ledger, revisionChanged } = await opened(t);
  const { posts, url } = await hooks(t);
  machine.aws.secrets.set('hook', 'Bearer canary-hook');
  const hook = (where: string): string =>
    `  - { name: net, kind: http, source: web/site, url: "${url}", headers: { authorization: ${where} }, ${AS_ROLE} }\n`;
  for (const own of ['{ env: AWS_SESSION_TOKEN }', '{ file: /proc/self/cmdline }']) {
    await say(hook(own));
    await land(QUEUE);
    await send(revisionChanged());
    const { failure } = await ledger();
    assert.equal(failure?.code, 'CREDENTIAL_UNREADABLE', roles.lines.join('\n'));
    assert.match(failure.message, /is nothing that a function has/);
  }
  assert.deepEqual(posts, []);
  await say(hook('{ secretsManager: hook }'));
  await send(DOCUMENTS_CHANGED);
  assert.deepEqual(posts, ['Bearer canary-hook'], roles.lines.join('\n'));
  const read = machine.aws.calls.filter(({ operation }) => operation === 'GetSecretValue');
  assert.deepEqual(
    read.map(({ accessKeyId }) => accessKeyId),
    [assumedKeyOf(ROLE)],
  );
  assert.doesNotMatch(roles.lines.join('\n'), /canary/);
});

test('events of targets wake the deploys whose targets they are of, in the account of their role, and no other', async (t) => {
  const { cloudFormation, say, land, send, revisionChanged } = await opened(t);
  await say(netOf(`stack: first, ${AS_ROLE}`));
  await land(QUEUE);
  await send(revisionChanged());
  const calls = () => cloudFormation.calls.length;
  const before = calls();
  for (const other of [
    stackChanged('second'),
    stackChanged('first', ACCOUNT),
    { ...stackChanged('first'), 'detail-type': 'CloudFormation Resource Status Change' },
    { ...stackChanged('first'), resources: 'first' },
    { source: 'aws.unknown' },
  ]) {
    await send(other);
    assert.equal(calls(), before, JSON.stringify(other));
  }
  await send(stackChanged('first'));
  assert.ok(calls() > before);
});

test('what a deploy left that is in no document any more is taken away as its role, some minutes later', async (t) => {
  const { machine, cloudFormation, roles, say, land, send, untilApplied, later, revisionChanged } =
    await opened(t);
  await say(netOf(`stack: first, prune: true, ${AS_ROLE}`));
  await land(QUEUE);
  await send(revisionChanged());
  await untilApplied('first');
  await later(MINUTES);

  await say('  []\n');
  await send(SCHEDULED);
  assert.equal(cloudFormation.stack('first')?.status, 'CREATE_COMPLETE', 'not at once');
  await until('the deploy to be pruned', async () => {
    await later(3 * MINUTES);
    return roles.lines.find((line) => line.includes('"deploy pruned"'));
  });
  assert.equal(cloudFormation.stack('first'), undefined, roles.lines.join('\n'));
  const { objects } = machine.store;
  assert.deepEqual(await Array.fromAsync(objects.list('deploys/')), []);
  assert.deepEqual(await Array.fromAsync(objects.list('runs/')), []);
});

for (const [what, documents] of [
  ['that only went from one document into another', netOf(`stack: first, prune: true, ${AS_ROLE}`)],
  ['that may be in a document which is refused', '  - { name: net, kind: nonsense }\n'],
] as const)
  test(`nothing is taken away of a deploy ${what}`, async (t) => {
    const { cloudFormation, say, land, send, untilApplied, later, ledger, revisionChanged } = await opened(t);
    await say(netOf(`stack: first, prune: true, ${AS_ROLE}`));
    await land(QUEUE);
    await send(revisionChanged());
    await untilApplied('first');
    await later(MINUTES);
    await say('  []\n');
    await send(DOCUMENTS_CHANGED);
    await say(documents);
    for (let at = 0; at < 4; at += 1) await later(5 * MINUTES);
    assert.equal(cloudFormation.stack('first')?.status, 'CREATE_COMPLETE');
    assert.equal((await ledger()).applied?.generation, 1);
  });

test('a deploy that is back while its removal waits for the store is not taken away', async (t) => {
  const { machine, cloudFormation, roles, say, land, send, untilApplied, later, revisionChanged } =
    await opened(t);
  const net = netOf(`stack: first, prune: true, ${AS_ROLE}`);
  await say(net);
  await land(QUEUE);
  await send(revisionChanged());
  await untilApplied('first');
  await later(MINUTES);
  await say('  []\n');
  await send(DOCUMENTS_CHANGED);
  const { faults } = machine.s3;
  let isBack = false;
  const meanwhile = async (): Promise<void> => {
    await say(net);
    isBack = true;
  };
  const trouble = { status: 503, code: 'SlowDown' } as const;
  faults.add({ operation: 'GetObject', key: /web\/site\/status\.json$/, when: 'before', trouble, meanwhile });
  await later(3 * MINUTES);
  assert.ok(isBack, 'it came back within the invocation');
  await later(3 * MINUTES);
  assert.equal(cloudFormation.stack('first')?.status, 'CREATE_COMPLETE', roles.lines.join('\n'));
});

test('nothing is taken away of deploys that ran as nobody, or as another function', async (t) => {
  const { machine, cloudFormation, queue, say, land, send, later, ledger } = await opened(t);
  await say('  []\n');
  await land(QUEUE);
  const { objects } = machine.store;
  const facts = { generation: 1, revision: 'r', digest: DIGEST, variant: 'default', contentDigest: DIGEST };
  const applied = { ...facts, at: '2026-11-21T09:00:00.000Z', result: null };
  const settings = { stack: 'first', template: 't.json', executionRole: ROLE };
  const pruned = { settings, labels: {}, timeoutMs: 60_000, region: null };
  for (const prunes of [
    { ...pruned, kind: 'stack', role: null },
    { ...pruned, kind: 'kubernetes', role: { arn: ROLE } },
    null,
  ]) {
    const stored = await readLedger(objects, 'net', ID);
    await writeLedger(objects, { ...stored.ledger, applied, prunes }, stored);
    await send(SCHEDULED);
    // Whoever may send to the queue may ask for it, and comes to no more.
    queue.send({
      body: formatDueMessage(GONE, { deploy: 'net', ...ID }),
      groupId: 'b',
      deduplicationId: String(Math.random()),
    });
    await later(5 * MINUTES);
    assert.deepEqual([(await ledger()).applied, cloudFormation.calls], [applied, []]);
  }
});

test('a deploy of the documents that names no role is not run as the function itself', async (t) => {
  const { cloudFormation, say, land, send, ledger } = await opened(t);
  await say(netOf('stack: first'));
  await land(QUEUE);
  await send(SCHEDULED);
  assert.deepEqual([(await ledger()).applied, cloudFormation.calls], [null, []]);
});
