import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failedOf } from '../support/template-host/event-source-mapping.ts';
import type { Json } from '../support/template-host/json.ts';
import { queueOptions, StackQueue } from '../support/template-host/stack-queue.ts';

const FIFO: Json = { FifoQueue: true, ContentBasedDeduplication: true, VisibilityTimeout: 60 };

function queues(properties: Json, dead: Json = { FifoQueue: properties['FifoQueue'] }) {
  let time = 0;
  const now = (): number => time;
  const deadLetters = new StackQueue(
    queueOptions(dead, { name: 'dead', arn: 'arn:dead', now }),
    () => deadLetters,
  );
  const RedrivePolicy = { deadLetterTargetArn: 'arn:dead', maxReceiveCount: 2 };
  const options = queueOptions({ ...properties, RedrivePolicy }, { name: 'work', arn: 'arn:work', now });
  const queue = new StackQueue(options, () => deadLetters);
  const pass = (seconds: number): void => {
    time += seconds * 1000;
  };
  return { queue, deadLetters, pass };
}

const bodies = (received: readonly { readonly body: string }[]): readonly string[] =>
  received.map(({ body }) => body);

describe('a queue of a template', () => {
  test('hides what it gave for as long as the template says', () => {
    const { queue, pass } = queues(FIFO);
    queue.sendBody('a', 'g');
    assert.deepEqual(bodies(queue.receive()), ['a']);
    pass(59);
    assert.deepEqual(bodies(queue.receive()), []);
    pass(1);
    assert.deepEqual(bodies(queue.receive()), ['a']);
  });

  test('keeps back what is sent with a delay', () => {
    const { queue, pass } = queues({});
    queue.send({ body: 'a', groupId: 'g', deduplicationId: 'd' }, 2_000);
    assert.deepEqual(bodies(queue.receive()), []);
    pass(2);
    assert.deepEqual(bodies(queue.receive()), ['a']);
  });

  test('gives a message that failed its tries to the dead letters, and lets its group go on', () => {
    const { queue, deadLetters, pass } = queues(FIFO);
    queue.sendBody('poison', 'g');
    queue.sendBody('next', 'g');
    for (const _ of [1, 2]) {
      assert.equal(queue.receive(1)[0]?.body, 'poison');
      pass(60);
    }
    assert.deepEqual(bodies(queue.receive()), ['next']);
    assert.deepEqual([queue.bodies, deadLetters.bodies], [['next'], ['poison']]);
  });

  test('takes dead letters back, as new', () => {
    const { queue, deadLetters, pass } = queues(FIFO);
    queue.sendBody('a', 'g');
    for (const _ of [1, 2, 3]) {
      queue.receive();
      pass(60);
    }
    assert.equal(deadLetters.redriveTo(queue), 1);
    assert.deepEqual([queue.bodies, deadLetters.bodies], [['a'], []]);
    assert.equal(queue.receive()[0]?.receives, 1);
  });

  test('remembers an id in its group alone where the template says so', () => {
    const scoped = queues({ ...FIFO, DeduplicationScope: 'messageGroup' }).queue;
    const whole = queues(FIFO).queue;
    for (const queue of [scoped, whole]) {
      queue.sendBody('a', 'g');
      queue.sendBody('a', 'g');
      queue.sendBody('a', 'h');
    }
    assert.deepEqual([scoped.bodies.length, whole.bodies.length], [2, 1]);
  });

  test('keeps every message of a standard queue, in any order of groups', () => {
    const { queue } = queues({});
    queue.sendBody('a');
    queue.sendBody('a');
    assert.equal(queue.receive().length, 2);
  });

  test('refuses for a FIFO queue what SQS refuses', () => {
    assert.throws(() => queues(FIFO).queue.sendBody('a'), /no group/);
    assert.throws(() => queues({ FifoQueue: true }).queue.sendBody('a', 'g'), /no deduplication id/);
  });
});

describe('what a batch leaves in the queue', () => {
  const batch = [{ messageId: 'a' }, { messageId: 'b' }];
  const cases: readonly (readonly [what: string, answer: unknown, failed: readonly string[]])[] = [
    ['no failures', { batchItemFailures: [] }, []],
    ['no answer', undefined, []],
    ['null', { batchItemFailures: null }, []],
    ['one failure', { batchItemFailures: [{ itemIdentifier: 'b' }] }, ['b']],
    ['one of another batch', { batchItemFailures: [{ itemIdentifier: 'c' }] }, ['a', 'b']],
    ['one without a name', { batchItemFailures: [{ itemIdentifier: '' }] }, ['a', 'b']],
    ['a wrong key', { batchItemFailures: [{ id: 'a' }] }, ['a', 'b']],
    ['text', 'fine', ['a', 'b']],
  ];
  for (const [what, answer, failed] of cases) {
    test(`${what}: ${failed.join(' and ') || 'nothing'}`, () =>
      assert.deepEqual([...failedOf(answer, batch)], failed));
  }
});
