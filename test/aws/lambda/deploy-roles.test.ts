import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { listen } from '../../../aws-stand-ins/listen.ts';
import { readLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { ACCOUNT } from '../../support/aws-server/aws-client-for.ts';
import type { FifoQueue } from '../../support/aws-server/fifo-queue.ts';
import type { LambdaProcess } from '../../support/lambda/lambda-process.ts';
import { cloudFormationFor } from '../../support/stand-ins.ts';
import { until } from '../../support/until.ts';
import { apply, bundlesOf, documentOf, ID, openHandlers } from '../support/handlers.ts';

const bundles = await bundlesOf('reconcile', 'deploy-roles');

const ROLE = 'arn:aws:iam::210987654321:role/landfall-net';
const SCHEDULED = JSON.stringify({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} });

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
  return {
    ...{ machine, cloudFormation, roles },
    /** Puts documents and an artifact, and has whoever reads and lands them do so. */
    land: async (deploys: string, template: object) => {
      await push('team/site', 'stable', { 't.json': JSON.stringify(template) });
      await apply(machine, `${documentOf(registry.host)}deploys:\n${deploys}`);
      const body = JSON.stringify({ version: 1, look: 'web/site', trigger: 'request' });
      machine.queue.send({ body, groupId: 'web/site', deduplicationId: String(Math.random()) });
      await deliver(reconcile);
    },
    send: async (body: string) => {
      queue.send({ body, groupId: 'a', deduplicationId: String(Math.random()) });
      await deliverAll(queue, roles);
    },
    ledger: async () => (await readLedger(machine.store.objects, 'net', ID)).ledger,
  };
}

/** Somebody who takes what is posted. */
async function hooks(t: TestContext) {
  const posts: string[] = [];
  const { url, close } = await listen((request, response) => {
    posts.push(String(request.url));
    request.resume().on('end', () => response.end());
  });
  t.after(close);
  return { posts, url };
}

const QUEUE = { Resources: { Queue: { Type: 'AWS::SQS::Queue' } } };

test('a deploy that names a role comes, runs as that role, changes and goes with the documents alone', async (t) => {
  const { machine, cloudFormation, roles, land, send, ledger } = await opened(t);
  const role = `role: { arn: "${ROLE}", externalId: team-a }`;
  await land(netOf(`stack: first, ${role}`), QUEUE);
  const [event] = machine.aws.events;
  assert.ok(event);
  const { detailType, detail, resources } = event;
  await send(
    JSON.stringify({
      ...{ version: '0', id: String(detail['id']), source: 'landfall', 'detail-type': detailType },
      ...{ account: ACCOUNT, region: 'eu-central-1', time: '2026-11-21T09:00:00Z', resources, detail },
    }),
  );
  // CloudFormation's own events are not for this function: it looks by messages that it sends itself.
  await until('the stack to be applied', async () => {
    await setTimeout(1_000);
    await send(SCHEDULED);
    return (await ledger()).applied?.generation;
  });
  assert.equal(cloudFormation.stack('first')?.status, 'CREATE_COMPLETE');
  const assumed = machine.aws.calls.filter(({ operation }) => operation === 'AssumeRole');
  assert.ok(assumed.length > 0);

  const { posts, url } = await hooks(t);
  await land(`  - { name: net, kind: http, source: web/site, url: "${url}", ${role} }\n`, {});
  await send(SCHEDULED);
  assert.deepEqual([(await ledger()).applied?.generation, posts.length], [2, 1], roles.lines.join('\n'));

  await land('  []\n', QUEUE);
  await send(SCHEDULED);
  assert.equal((await ledger()).applied?.generation, 2);
});

test('a deploy of the documents that names no role is not run as the function itself', async (t) => {
  const { cloudFormation, land, send, ledger } = await opened(t);
  await land(netOf('stack: first'), QUEUE);
  await send(SCHEDULED);
  assert.deepEqual([(await ledger()).applied, cloudFormation.calls], [null, []]);
});
