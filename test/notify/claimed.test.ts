import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import { type DeliverDeps, deliver, type NotifyReport } from '../../shared/notify/deliver.ts';
import { readBook, updateBook } from '../../shared/notify/notify-book.ts';
import { takeNotification } from '../../shared/notify/take.ts';
import { memoryObjectStore } from '../../shared/store/memory/memory-object-store.ts';
import { entryFor, notificationFor } from './samples.ts';

const TOPIC = entryFor({
  type: 'sns',
  settings: { topic: 'arn:aws:sns:eu-central-1:123456789012:people', format: 'json' },
});
const CLAIM = 120_000;

/** One store, whose clock is passed by hand, and whoever delivers from it. */
async function openBook(...ids: readonly string[]) {
  const objects = memoryObjectStore();
  let now = Date.parse('2026-11-29T12:00:00Z');
  const clock = { now: () => now, sleep: async () => undefined };
  const sent: string[] = [];
  const reports: NotifyReport['outcome'][] = [];
  const { signal } = new AbortController();
  const deps: DeliverDeps = {
    ...{ objects, clock, signal },
    secret: async () => '',
    publish: async ({ text }) => void sent.push((JSON.parse(text) as { readonly id: string }).id),
    report: ({ outcome }) => void reports.push(outcome),
    claimMs: CLAIM,
  };
  await updateBook(
    TOPIC.name,
    (book) =>
      ids.reduce((each, id) => takeNotification(each, notificationFor({ id }), { now, quietMs: 0 }), book),
    deps,
  );
  const pass = (milliseconds: number): void => {
    now += milliseconds;
  };
  return { deps, sent, reports, pass, now: () => now, book: () => readBook(TOPIC.name, deps) };
}

test('several who deliver one entry at the same time send each message once, in order', async () => {
  const { deps, sent } = await openBook('a', 'b', 'c');
  await Promise.all([1, 2, 3, 4].map(() => deliver(TOPIC, deps)));
  assert.deepEqual(sent, ['a', 'b', 'c']);
});

test('what had begun when its process died is begun again once it cannot be under way any more', async () => {
  const { deps, sent, pass, now } = await openBook('a');
  const died = deliver(TOPIC, { ...deps, publish: () => new Promise(() => undefined) });
  await Promise.race([died, new Promise((done) => setImmediate(done))]);
  await new Promise((done) => setTimeout(done, 20));
  assert.equal(await deliver(TOPIC, deps), now() + CLAIM);
  assert.deepEqual(sent, []);
  pass(CLAIM);
  assert.equal(await deliver(TOPIC, deps), undefined);
  assert.deepEqual(sent, ['a']);
});

test('what is not taken is next when its provider says, and not when the try would have ended', async () => {
  const { deps, reports, now } = await openBook('a');
  const publish = async (): Promise<never> => {
    throw new LandfallError('NOTIFY_UNAVAILABLE', 'later', { retryAfterMs: 7_000 });
  };
  assert.equal(await deliver(TOPIC, { ...deps, publish }), now() + 7_000);
  assert.deepEqual(reports, ['later']);
});

test('no message begins after the end of a turn, and what is left is due at once', async () => {
  const { deps, sent, pass, now } = await openBook('a', 'b', 'c');
  const untilMs = now() + 10;
  const publish: DeliverDeps['publish'] = async (message) => {
    pass(8);
    await deps.publish(message);
  };
  const next = await deliver(TOPIC, { ...deps, publish, untilMs });
  assert.deepEqual(sent, ['a', 'b']);
  assert.ok(next !== undefined && next <= now());
});
