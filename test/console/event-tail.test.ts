import assert from 'node:assert/strict';
import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { EventTail } from '../../console/facts/event-tail.ts';
import { CONSOLE_EVENTS } from '../../shared/limits.ts';
import { openLog, temporaryRoot } from '../event/opened-log.ts';
import { sampleEvent } from '../event/samples.ts';

const generationsOf = async (tail: EventTail) =>
  (await tail.read()).map(({ revision }) => /^6\.0\.(\d+)@/.exec(revision ?? '')?.[1]);

test('what comes into the log is added to what was read, each once', async (t) => {
  const root = temporaryRoot(t);
  const log = openLog(t, root, { segmentBytes: 4_000 });
  const tail = new EventTail(root);
  assert.deepEqual(await generationsOf(tail), []);
  await log.emit([sampleEvent(1), sampleEvent(2)]);
  assert.deepEqual(await generationsOf(tail), ['1', '2']);
  // Enough for other segments, so that what was read last is in one that is not the newest any more.
  for (let generation = 3; generation <= 12; generation++) await log.emit([sampleEvent(generation)]);
  assert.ok((await readdir(join(root, 'events'))).length > 1);
  const all = await generationsOf(tail);
  assert.equal(all.at(-1), '12');
  assert.equal(new Set(all).size, all.length);
});

test('what was read is not read again: lines that are changed later are as they were', async (t) => {
  const root = temporaryRoot(t);
  const log = openLog(t, root);
  const tail = new EventTail(root);
  await log.emit([sampleEvent(1)]);
  await tail.read();
  const [segment = ''] = await readdir(join(root, 'events'));
  await appendFile(join(root, 'events', segment), 'damaged\n');
  await log.emit([sampleEvent(2)]);
  assert.deepEqual(await generationsOf(tail), ['1', '2']);
});

test('so many events are kept, and no more', async (t) => {
  const root = temporaryRoot(t);
  const log = openLog(t, root);
  const events = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => sampleEvent(from + at));
  await log.emit(events(1, CONSOLE_EVENTS + 5));
  const tail = new EventTail(root);
  assert.equal((await tail.read()).length, CONSOLE_EVENTS);
  await log.emit(events(CONSOLE_EVENTS + 6, 7));
  const all = await generationsOf(tail);
  assert.equal(all.length, CONSOLE_EVENTS);
  assert.equal(all.at(-1), String(CONSOLE_EVENTS + 12));
});
