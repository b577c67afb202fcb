import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NotifyBatchDeps, notifyBatch } from '../../../functions/lambda/work/notify-batch.ts';
import { formatDue, formatGone } from '../../../functions/lambda/work/notify-message.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { readBook, updateBook } from '../../../shared/notify/notify-book.ts';
import type { NotifyEntry } from '../../../shared/notify/notify-entry.ts';
import { takeNotification } from '../../../shared/notify/take.ts';
import { notifyKey } from '../../../shared/store/layout.ts';
import { memoryObjectStore } from '../../../shared/store/memory/memory-object-store.ts';
import { entryFor, notificationFor } from '../../notify/samples.ts';

const entryOf = (name: string, changes: Partial<NotifyEntry> = {}): NotifyEntry =>
  entryFor({
    name,
    type: 'sns',
    settings: { topic: `arn:aws:sns:eu-central-1:123456789012:${name}`, format: 'json' },
    ...changes,
  });

/** As EventBridge hands it over. */
const failed = (id: string, at = '2026-11-29T12:00:00Z'): string =>
  JSON.stringify({
    ...{
      version: '0',
      id: `eventbridge ${id}`,
      source: 'landfall',
      account: '1',
      region: 'r',
      resources: [],
    },
    ...{ 'detail-type': 'Source Reconcile Failed', time: at },
    detail: {
      ...{ version: '1', id, namespace: 'web', name: 'app', url: 'oci://r/a', labels: {}, kind: 'permanent' },
      ...{ code: 'TAG_NOT_FOUND', message: 'no tag', hint: 'h', attempts: 1, revision: null, generation: 0 },
    },
  });

const LOOK = JSON.stringify({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} });

interface Sent {
  readonly body: string;
  readonly milliseconds: number;
}

function openBatch(entries: readonly NotifyEntry[], changes: Partial<NotifyBatchDeps> = {}) {
  const objects = memoryObjectStore();
  let now = Date.parse('2026-11-29T12:00:00Z');
  const clock = { now: () => now, sleep: async () => undefined };
  const told: string[] = [];
  const sent: Sent[] = [];
  const lines: string[] = [];
  const { signal } = new AbortController();
  const deps: NotifyBatchDeps = {
    ...{ objects, clock, signal, lastSignal: signal, entries, isWhole: true, claimMs: 120_000 },
    leftSuspended: async () => [],
    send: async (body, milliseconds) => void sent.push({ body, milliseconds }),
    queue: { returnAfter: async () => undefined },
    log: (_, message) => void lines.push(message),
    secret: async () => '',
    publish: async ({ topic, text }) =>
      void told.push(`${topic.split(':').at(-1)} ${(JSON.parse(text) as { readonly id: string }).id}`),
    report: () => undefined,
    ...changes,
  };
  const take = (bodies: readonly string[], receives = 1): Promise<readonly string[]> =>
    notifyBatch(
      bodies.map((body, at) => ({ messageId: String(at), receiptHandle: String(at), body, receives })),
      deps,
    );
  const pass = (milliseconds: number): void => {
    now += milliseconds;
  };
  return { deps, told, sent, lines, take, pass, now: () => now };
}

test('events of a batch are told to each entry, the oldest first, and each once', async () => {
  const { take, told, sent } = openBatch([entryOf('a', { quietMs: 0 }), entryOf('b', { quietMs: 0 })]);
  const bodies = [failed('2', '2026-11-29T12:00:02Z'), failed('1'), failed('2', '2026-11-29T12:00:02Z')];
  assert.deepEqual(await take(bodies), []);
  assert.deepEqual(told.toSorted(), ['a 1', 'a 2', 'b 1', 'b 2']);
  assert.deepEqual(
    told.filter((each) => each.startsWith('a')),
    ['a 1', 'a 2'],
  );
  assert.deepEqual(await take(bodies), []);
  assert.equal(told.length, 4);
  assert.deepEqual(sent, []);
});

test('what is due later is asked for once, however many messages find it so', async () => {
  const { take, sent, now } = openBatch([entryOf('a')]);
  await take([failed('1')]);
  await take([failed('2', '2026-11-29T12:00:01Z')]);
  const due = formatDue('a', now() + 300_000);
  assert.deepEqual(sent, [{ body: due, milliseconds: 300_000 }]);
  await take([failed('3', '2026-11-29T12:00:02Z')]);
  await take([LOOK]);
  assert.equal(sent.length, 1);
});

test('it is asked for again by what was to bring it and came too soon, and by a message that comes back', async () => {
  const { take, sent, now, pass, told } = openBatch([entryOf('a', { quietMs: 3_600_000 })]);
  await take([failed('1'), failed('2', '2026-11-29T12:00:01Z')]);
  const due = formatDue('a', now() + 3_600_000);
  // SQS keeps nothing back for longer.
  pass(900_000);
  await take([due]);
  assert.deepEqual(sent.at(-1), { body: due, milliseconds: 2_700_000 });
  await take([failed('2', '2026-11-29T12:00:01Z')], 2);
  assert.equal(sent.length, 3);
  pass(2_700_000);
  await take([due]);
  assert.deepEqual(told, ['a 1', 'a 2']);
  assert.equal(sent.length, 3);
});

test('a message that cannot be read, and an event that says nothing, fail alone', async () => {
  const { take, told } = openBatch([entryOf('a')]);
  const empty = JSON.stringify({
    ...{ id: 'x', source: 'landfall', 'detail-type': 'Deploy Failed', time: '2026-11-29T12:00:00Z' },
    detail: { namespace: 'web', name: 'app' },
  });
  const bodies = [
    '',
    '[]',
    '{"source":"aws.ecr"}',
    '{"landfall":"notify due","entry":7}',
    empty,
    failed('1'),
  ];
  assert.deepEqual(await take(bodies), ['0', '1', '2', '3', '4']);
  assert.deepEqual(told, ['a 1']);
});

test('an entry whose book cannot be read fails its messages, and the others are told once', async () => {
  const { take, told, deps, lines } = openBatch([entryOf('a'), entryOf('b')]);
  await deps.objects.putIfAbsent(notifyKey('a'), Buffer.from('{'));
  assert.deepEqual(await take([failed('1')]), ['0']);
  assert.deepEqual(await take([failed('1')], 2), ['0']);
  assert.deepEqual(told, ['b 1']);
  assert.ok(lines.includes('notifications wait'));
  await deps.objects.delete([notifyKey('a')]);
  assert.deepEqual(await take([failed('1')], 3), []);
  assert.deepEqual(told, ['b 1', 'a 1']);
});

test('a queue that takes nothing has the message come back, and what is due then is asked for', async () => {
  let isDown = true;
  const asked: string[] = [];
  const send = async (body: string): Promise<void> => {
    if (isDown) throw new LandfallError('QUEUE_UNAVAILABLE', 'queue: down');
    asked.push(body);
  };
  const publish = async (): Promise<never> => {
    throw new LandfallError('NOTIFY_UNAVAILABLE', 'later', { retryAfterMs: 60_000 });
  };
  const { take, now } = openBatch([entryOf('a')], { send, publish });
  assert.deepEqual(await take([failed('1')]), ['0']);
  isDown = false;
  assert.deepEqual(await take([failed('1')], 2), []);
  assert.deepEqual(asked, [formatDue('a', now() + 60_000)]);
});

test('a look tells what is left suspended, and what a lost message was to bring', async () => {
  const left = notificationFor({ id: 's', type: 'Source Suspended', state: 'news', severity: 'warning' });
  const { take, told, deps, now } = openBatch([entryOf('a')], { leftSuspended: async () => [left] });
  await updateBook(
    'a',
    (book) => takeNotification(book, notificationFor({ id: 'lost' }), { now: now(), quietMs: 0 }),
    deps,
  );
  await take([LOOK]);
  assert.deepEqual(told, ['a lost', 'a s']);
});

const isLeft = async (deps: NotifyBatchDeps): Promise<boolean> =>
  (await readBook('gone', deps)) !== undefined;

for (const [what, changes, forgotten] of [
  ['in no document', {}, true],
  ['in a document that cannot be read', { isWhole: false }, false],
  ['back in a document', { entries: [entryOf('gone')] }, false],
] as const)
  test(`an entry ${what} is ${forgotten ? '' : 'not '}forgotten two minutes after a look`, async () => {
    const { take, sent, deps, now } = openBatch([entryOf('a')]);
    await updateBook(
      'gone',
      (book) => takeNotification(book, notificationFor(), { now: now(), quietMs: 0 }),
      deps,
    );
    await take([LOOK]);
    assert.deepEqual(sent, [{ body: formatGone('gone'), milliseconds: 120_000 }]);
    assert.ok(await isLeft(deps));
    const record = { messageId: '0', receiptHandle: '0', body: formatGone('gone'), receives: 1 };
    assert.deepEqual(await notifyBatch([record], { ...deps, ...changes }), []);
    assert.equal(await isLeft(deps), !forgotten);
  });
