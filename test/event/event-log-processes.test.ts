import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../../shared/event/event-log.ts';
import { segmentPath } from '../../shared/event/event-segments.ts';
import { followEvents, readEvents } from '../../shared/event/read-events.ts';
import { tryLock, unlock } from '../../shared/store/directory/exclusive-lock.ts';
import { openLog, temporaryRoot } from './opened-log.ts';
import { sampleEvent } from './samples.ts';

async function readIds(root: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of readEvents(root)) ids.push(id);
  return ids;
}

const idsOf = (...generations: readonly number[]): readonly string[] =>
  generations.map((generation) => sampleEvent(generation).id);
const line = (generation: number): string => `${JSON.stringify(sampleEvent(generation))}\n`;

test('two processes may append to one log: every event is there once', async (t) => {
  const root = temporaryRoot(t);
  const script = `
    const { EventLog } = await import(${JSON.stringify(new URL('../../shared/event/event-log.ts', import.meta.url).href)});
    const { sampleEvent } = await import(${JSON.stringify(new URL('./samples.ts', import.meta.url).href)});
    const log = new EventLog(process.argv[1]);
    for (let at = 1; at <= 100; at += 1) await log.emit([sampleEvent(at, process.argv[2])]);
    await log.close();`;
  const children = ['one', 'two'].map((name) =>
    spawn(process.execPath, ['--input-type=module', '-e', script, root, name], {
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
  );
  const codes = await Promise.all(
    children.map((child) => once(child, 'exit').then(([code]) => code as number)),
  );
  assert.deepEqual(codes, [0, 0]);
  const ids = await readIds(root);
  assert.equal(new Set(ids).size, 200);
  assert.equal(ids.length, 200);
  assert.equal(readFileSync(segmentPath(root, 1), 'utf8').trim().split('\n').length, 200);
});

test('a line that another process tore while the log is open spoils none after it', async (t) => {
  const root = temporaryRoot(t);
  const log = openLog(t, root);
  await log.emit([sampleEvent(1)]);
  appendFileSync(segmentPath(root, 1), '{"id":"torn');
  await log.emit([sampleEvent(2)]);
  assert.deepEqual(await readIds(root), idsOf(1, 2));
});

/** As a process that is writing has it; gives the lock back. */
function lockLog(root: string): () => void {
  const path = join(root, 'locks', createHash('sha256').update('events').digest('hex').slice(0, 32));
  const lock = tryLock(path, 60_000);
  assert.ok(lock.held);
  return () => unlock(path, lock.text);
}

/** Has an event emitted while another process writes: `first` is in the file before it, `rest` comes after. */
async function emitBeside(log: EventLog, root: string, first: string, rest: string): Promise<void> {
  const path = segmentPath(root, 1);
  const giveBack = lockLog(root);
  appendFileSync(path, first);
  const emitted = log.emit([sampleEvent(3)]);
  await Promise.race([emitted, sleep(100)]);
  appendFileSync(path, rest);
  giveBack();
  await emitted;
}

test('half of a line that another process is writing is not taken for a torn one', async (t) => {
  const root = temporaryRoot(t);
  const log = openLog(t, root);
  await log.emit([sampleEvent(1)]);
  await emitBeside(log, root, line(2).slice(0, 100), line(2).slice(100));
  assert.equal(readFileSync(segmentPath(root, 1), 'utf8'), [1, 2, 3].map(line).join(''));
});

test('a segment that another process fills meanwhile grows no more, or who follows would miss it', async (t) => {
  const root = temporaryRoot(t);
  const log = openLog(t, root, { segmentBytes: Buffer.byteLength(line(1) + line(2)) });
  await log.emit([sampleEvent(1)]);
  await emitBeside(log, root, '', line(2));
  assert.equal(readFileSync(segmentPath(root, 1), 'utf8'), line(1) + line(2));
  assert.equal(readFileSync(segmentPath(root, 2), 'utf8'), line(3));
});

test('two logs over one folder fill the same segments, and a reader who follows misses nothing', async (t) => {
  const root = temporaryRoot(t);
  const bytes = Buffer.byteLength(`${JSON.stringify(sampleEvent(1))}\n`);
  const logs = [1, 2].map(() => openLog(t, root, { segmentBytes: 2 * bytes, segments: 100 }));
  const stop = new AbortController();
  const seen: string[] = [];
  const wanted = Array.from({ length: 12 }, (_, index) => sampleEvent(index + 1));
  const following = (async () => {
    for await (const { id } of followEvents(root, { signal: stop.signal })) {
      seen.push(id);
      if (seen.length === wanted.length) return;
    }
  })();
  for (const [index, event] of wanted.entries()) await logs[index % 2]?.emit([event]);
  await following;
  assert.deepEqual(
    seen,
    wanted.map(({ id }) => id),
  );
  assert.equal(readdirSync(join(root, 'events')).length, 6);
});
