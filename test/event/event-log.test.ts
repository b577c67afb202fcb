import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isLandfallError } from '../../shared/errors.ts';
import { segmentPath } from '../../shared/event/event-segments.ts';
import { MemoryBus } from '../../shared/event/memory-bus.ts';
import { followEvents, type ReadEventsOptions, readEvents } from '../../shared/event/read-events.ts';
import type { Bus, EventEnvelope } from '../../shared/model/envelope.ts';
import { openLog, temporaryRoot } from './opened-log.ts';
import { sampleEvent } from './samples.ts';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

const idsOf = (events: readonly EventEnvelope[]): readonly string[] => events.map(({ id }) => id);
const readIds = async (root: string, options?: ReadEventsOptions): Promise<readonly string[]> =>
  idsOf(await collect(readEvents(root, options)));

const twins: readonly {
  name: string;
  open: (t: TestContext) => { bus: Bus; events: () => Promise<readonly EventEnvelope[]> };
}[] = [
  {
    name: 'event log',
    open: (t) => {
      const root = temporaryRoot(t);
      return { bus: openLog(t, root), events: () => collect(readEvents(root)) };
    },
  },
  {
    name: 'memory bus',
    open: () => {
      const bus = new MemoryBus();
      return { bus, events: async () => bus.events };
    },
  },
];

for (const { name, open } of twins) {
  test(`${name}: gives back what was emitted, oldest first`, async (t) => {
    const { bus, events } = open(t);
    await bus.emit([sampleEvent(1), sampleEvent(2)]);
    await bus.emit([]);
    await bus.emit([sampleEvent(3)]);
    assert.deepEqual(await events(), [sampleEvent(1), sampleEvent(2), sampleEvent(3)]);
  });

  test(`${name}: an id that comes again is dropped, in one emit and in two`, async (t) => {
    const { bus, events } = open(t);
    await bus.emit([sampleEvent(1), sampleEvent(1)]);
    await Promise.all([bus.emit([sampleEvent(1)]), bus.emit([sampleEvent(2)])]);
    assert.deepEqual(idsOf(await events()), idsOf([sampleEvent(1), sampleEvent(2)]));
  });
}

const five = [1, 2, 3, 4, 5].map((generation) => sampleEvent(generation));

test('a log that does not exist has no events', async (t) => {
  assert.deepEqual(await readIds(temporaryRoot(t)), []);
});

test('reads after an id, of one source, and at most so many', async (t) => {
  const root = temporaryRoot(t);
  await openLog(t, root).emit([...five, sampleEvent(1, 'other')]);
  assert.deepEqual(
    await readIds(root, { after: sampleEvent(3).id, source: { namespace: 'web', name: 'podinfo' } }),
    idsOf(five.slice(3)),
  );
  assert.deepEqual(await readIds(root, { source: { namespace: 'web', name: 'other' } }), [
    sampleEvent(1, 'other').id,
  ]);
  assert.deepEqual(await readIds(root, { limit: 2 }), idsOf(five.slice(0, 2)));
  assert.deepEqual(await readIds(root, { limit: 0 }), []);
  assert.equal((await readIds(root, { after: 'no such id' })).length, 6);
});

test('an event that a killed process wrote is not written again when its outbox is flushed', async (t) => {
  const root = temporaryRoot(t);
  await openLog(t, root).emit(five);
  const size = statSync(segmentPath(root, 1)).size;
  await openLog(t, root).emit(five);
  assert.equal(statSync(segmentPath(root, 1)).size, size);
});

for (const lost of [1, 10, 400]) {
  test(`a last line torn ${lost} bytes short is skipped, and its event written anew`, async (t) => {
    const root = temporaryRoot(t);
    await openLog(t, root).emit(five.slice(0, 2));
    const path = segmentPath(root, 1);
    truncateSync(path, statSync(path).size - lost);
    assert.deepEqual(await readIds(root), [sampleEvent(1).id]);
    await openLog(t, root).emit(five.slice(1, 3));
    assert.deepEqual(await readIds(root), idsOf(five.slice(0, 3)));
  });
}

test('lines that are no events are skipped, however long', async (t) => {
  const root = temporaryRoot(t);
  await openLog(t, root).emit([sampleEvent(1)]);
  const bad = [
    '',
    '{}',
    'null',
    '[1]',
    '{"id":1}',
    '{"id":"x","source":"aws.s3","detail":{}}',
    'x'.repeat(3_000_000),
  ];
  appendFileSync(segmentPath(root, 1), `${bad.join('\n')}\n`);
  await openLog(t, root).emit([sampleEvent(2)]);
  assert.deepEqual(await readIds(root), idsOf(five.slice(0, 2)));
});

test('an event with characters of several bytes survives any cut between chunks', async (t) => {
  const root = temporaryRoot(t);
  const log = openLog(t, root);
  const events = Array.from({ length: 40 }, (_, index) => {
    const event = sampleEvent(index + 1);
    return { ...event, detail: { ...event.detail, labels: { l: '€'.repeat(3000 + index) } } };
  });
  await log.emit(events);
  assert.deepEqual(await collect(readEvents(root)), events);
});

test('a full segment is followed by the next, and the oldest goes', async (t) => {
  const root = temporaryRoot(t);
  const bytes = Buffer.byteLength(`${JSON.stringify(sampleEvent(1))}\n`);
  const log = openLog(t, root, { segmentBytes: bytes, segments: 2 });
  for (const event of five) await log.emit([event]);
  assert.deepEqual(readdirSync(join(root, 'events')), ['00000004.jsonl', '00000005.jsonl']);
  assert.deepEqual(await readIds(root), idsOf(five.slice(3)));
  assert.deepEqual(await readIds(root, { after: sampleEvent(4).id }), [sampleEvent(5).id]);
});

test('one byte short of full still takes an event', async (t) => {
  const root = temporaryRoot(t);
  const bytes = Buffer.byteLength(`${JSON.stringify(sampleEvent(1))}\n`);
  const log = openLog(t, root, { segmentBytes: bytes + 1 });
  for (const event of five.slice(0, 3)) await log.emit([event]);
  assert.deepEqual(readdirSync(join(root, 'events')), ['00000001.jsonl', '00000002.jsonl']);
});

test('a folder that takes nothing rejects with EMIT_FAILED, and works again once it is repaired', async (t) => {
  const root = temporaryRoot(t);
  writeFileSync(join(root, 'events'), 'in the way');
  const log = openLog(t, root);
  await assert.rejects(
    log.emit([sampleEvent(1)]),
    (error) => isLandfallError(error) && error.code === 'EMIT_FAILED',
  );
  rmSync(join(root, 'events'));
  await log.emit([sampleEvent(1)]);
  assert.deepEqual(await readIds(root), [sampleEvent(1).id]);
});

test('a log that cannot be read says so', async (t) => {
  const root = temporaryRoot(t);
  writeFileSync(join(root, 'events'), 'in the way');
  await assert.rejects(
    readIds(root),
    (error) => isLandfallError(error) && error.code === 'STORE_UNAVAILABLE',
  );
});

test('following gives what is there, then what comes, across segments, and ends when told', async (t) => {
  const root = temporaryRoot(t);
  const log = openLog(t, root, { segmentBytes: 1 });
  await log.emit(five.slice(0, 2));
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const event of followEvents(root, { signal: stop.signal, after: sampleEvent(1).id })) {
    seen.push(event.id);
    const next = five[seen.length + 1];
    if (next === undefined) stop.abort();
    else await log.emit([next]);
  }
  assert.deepEqual(seen, idsOf(five.slice(1)));
});

test('following before the first event waits for it; aborting while waiting ends it', async (t) => {
  const root = temporaryRoot(t);
  const stop = new AbortController();
  const following = followEvents(root, { signal: stop.signal });
  const first = following.next();
  await openLog(t, root).emit([sampleEvent(1)]);
  assert.equal((await first).value?.id, sampleEvent(1).id);
  const second = following.next();
  stop.abort();
  assert.equal((await second).done, true);
});

// A line went into a file that nobody can find, and the event was lost for who reads.
test('a log that was deleted under its writer begins anew with the next event', async (t) => {
  const root = temporaryRoot(t);
  const log = openLog(t, root);
  await log.emit([sampleEvent(1)]);
  rmSync(join(root, 'events'), { recursive: true });
  await log.emit([sampleEvent(2)]);
  assert.deepEqual(await readIds(root), idsOf([sampleEvent(2)]));
});
