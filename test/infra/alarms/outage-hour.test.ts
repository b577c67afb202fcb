import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { pollTick } from '../../../functions/lambda/work/poll-tick.ts';
import type { ReconcileBatchDeps } from '../../../functions/lambda/work/reconcile-batch.ts';
import { unseenStore } from '../../../functions/lambda/work/unseen-store.ts';
import { formatMessage } from '../../../shared/aws/messages/sqs-queue.ts';
import { type ErrorCode, LandfallError } from '../../../shared/errors.ts';
import { openBatch } from '../../aws/support/batch.ts';
import type { Json } from '../../support/template-host/json.ts';
import { queueOptions, StackQueue } from '../../support/template-host/stack-queue.ts';
import { synthesize } from '../stack/template.ts';

const MINUTE = 60_000;
const INTERVALS = { often: '1m', usual: '5m', seldom: '1h' } as const;
const NAMES = Object.keys(INTERVALS);

const DOCUMENT = `sources:\n${Object.entries(INTERVALS)
  .map(
    ([name, interval]) =>
      `  - { namespace: web, name: ${name}, url: "oci://r.example/web", ref: { tag: ${name} }, interval: ${interval} }\n`,
  )
  .join('')}`;

const template = synthesize();
const TRIES = Number((template.properties('Triggers')['RedrivePolicy'] as Json)['maxReceiveCount']);

/** The queues of the template, the poll of each minute and the function behind the queue, in time that is told. */
async function openHour() {
  const { deps, world, run, push, statusOf } = await openBatch(DOCUMENT);
  const { clock, registry } = world;
  const made = (name: string): StackQueue => {
    const of = { name, arn: `<${name}.Arn>`, now: () => clock.now() };
    return new StackQueue(queueOptions(template.properties(name), of), () => dead);
  };
  const [dead, triggers] = [made('DeadTriggers'), made('Triggers')];
  const send = (kind: Parameters<typeof formatMessage>[0], groupId: string): void =>
    void triggers.send({ body: formatMessage(kind), groupId, deduplicationId: randomUUID() });
  const queue: ReconcileBatchDeps['queue'] = {
    enqueue: async (messages) => {
      for (const message of messages)
        send({ kind: 'reconcile', message }, `${message.namespace}/${message.name}`);
    },
    sweep: async () => assert.fail('all fit into one poll'),
    documents: async () => send({ kind: 'documents' }, 'documents'),
    returnAfter: async (receipt, milliseconds) => void triggers.changeVisibility(receipt, milliseconds),
    remove: async (receipt) => triggers.delete(receipt),
  };
  const work = async (): Promise<void> => {
    for (let batch = triggers.receive(10); batch.length > 0; batch = triggers.receive(10)) {
      const failed = new Set(await run(batch, AbortSignal.timeout(60_000), { queue }));
      for (const { messageId, receiptHandle } of batch)
        if (!failed.has(messageId)) triggers.delete(receiptHandle);
    }
  };
  const unseen = unseenStore(world.store.objects);
  const last = { toMs: undefined };
  const poll = (): Promise<unknown> =>
    pollTick(clock.now(), { ...deps, queue, unseen, last, signal: AbortSignal.timeout(60_000) });
  /** Minutes go by; a second at a time what is visible is taken. */
  const pass = async (minutes: number): Promise<void> => {
    for (let minute = 0; minute < minutes; minute += 1) {
      const next = clock.now() + MINUTE;
      await poll();
      for (; clock.now() < next; clock.advance(1_000)) await work();
    }
  };
  const ask = (name: string, trigger: 'webhook' | 'request'): void =>
    send({ kind: 'reconcile', message: { namespace: 'web', name, trigger } }, `web/${name}`);
  const fail = (code: ErrorCode | undefined): void => {
    for (const name of NAMES) {
      if (code === undefined) registry.failures.delete(`peek ${name}`);
      else registry.failures.set(`peek ${name}`, new LandfallError(code, 'by plan'));
    }
  };
  return { ...{ clock, pass, ask, fail, push, dead, triggers, statusOf, work } };
}

for (const code of [
  'REGISTRY_UNAVAILABLE',
  'REGISTRY_UNREACHABLE',
  'REGISTRY_TIMEOUT',
  'RATE_LIMITED',
] as const)
  test(`an hour in which a registry is ${code} makes no dead letter, whoever asks, and is caught up with`, async () => {
    const hour = await openHour();
    for (const name of NAMES) {
      hour.push(name);
      hour.ask(name, 'request');
    }
    await hour.pass(2);
    hour.fail(code);
    for (const name of NAMES) hour.push(name, 'two');
    for (let part = 0; part < 6; part += 1) {
      for (const name of NAMES)
        for (const trigger of ['webhook', 'request'] as const) hour.ask(name, trigger);
      await hour.pass(10);
    }
    assert.deepEqual(hour.dead.bodies, []);
    for (const name of NAMES) assert.equal((await hour.statusOf(name)).failure?.kind, 'transient', name);
    hour.fail(undefined);
    // As long as the longest interval: what was asked for in vain is left to the schedule.
    await hour.pass(61);
    assert.deepEqual([hour.dead.bodies, hour.triggers.bodies], [[], []]);
    for (const name of NAMES) {
      const { generation, failure } = await hour.statusOf(name);
      assert.deepEqual([generation, failure], [2, null], name);
    }
  });

test('what is poison is a dead letter, in an outage as well, and takes no other with it', async () => {
  const hour = await openHour();
  for (const name of NAMES) hour.push(name);
  hour.fail('REGISTRY_UNAVAILABLE');
  hour.triggers.sendBody('{"poison":true}', 'poison');
  for (const name of NAMES) hour.ask(name, 'webhook');
  await hour.pass(10);
  assert.ok(TRIES >= 2);
  assert.deepEqual(hour.dead.bodies, ['{"poison":true}']);
});
