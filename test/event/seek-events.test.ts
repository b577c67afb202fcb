import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventsFolder, segmentPath } from '../../shared/event/event-segments.ts';
import { followEvents, type ReadEventsOptions, readEvents } from '../../shared/event/read-events.ts';
import { EVENT_DISORDER_MS, MiB } from '../../shared/limits.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { temporaryRoot } from './opened-log.ts';
import { sampleEvent } from './samples.ts';

const START = Date.UTC(2026, 10, 1);
const MINUTE = 60_000;
const COUNT = 900;

/** One event a minute, of three sources in turn, over three segments. */
function eventAt(at: number): EventEnvelope {
  const event = sampleEvent(at + 1, ['a', 'b', 'c'][at % 3] ?? 'a');
  const time = new Date(START + at * MINUTE).toISOString();
  const type = at % 100 === 7 ? 'Deploy Failed' : 'Artifact Revision Changed';
  return { ...event, time, 'detail-type': type } as EventEnvelope;
}

function planted(root: string): readonly string[] {
  mkdirSync(eventsFolder(root));
  const events = Array.from({ length: COUNT }, (_, at) => eventAt(at));
  for (const segment of [1, 2, 3]) {
    const part = events.slice((segment - 1) * 300, segment * 300);
    writeFileSync(segmentPath(root, segment), part.map((event) => `${JSON.stringify(event)}\n`).join(''));
  }
  return events.map(({ id }) => id);
}

const idsOf = async (root: string, options: ReadEventsOptions): Promise<readonly string[]> =>
  (await Array.fromAsync(readEvents(root, options))).map(({ id }) => id);

const b = { namespace: 'web', name: 'b' };
const asked: readonly [string, ReadEventsOptions, (at: number) => boolean][] = [
  ['since the first', { sinceMs: START }, () => true],
  ['since long before', { sinceMs: 0 }, () => true],
  ['since a time within a segment', { sinceMs: START + 450 * MINUTE }, (at) => at >= 450],
  ['since the last', { sinceMs: START + (COUNT - 1) * MINUTE }, (at) => at === COUNT - 1],
  ['since tomorrow', { sinceMs: START + COUNT * MINUTE }, () => false],
  ['the newest one', { last: 1 }, (at) => at === COUNT - 1],
  ['the newest of more than a segment', { last: 400 }, (at) => at >= COUNT - 400],
  ['more than there are', { last: COUNT + 1 }, () => true],
  ['none', { last: 0 }, () => false],
  ['a type', { types: ['Deploy Failed'] }, (at) => at % 100 === 7],
  ['the newest of a type', { types: ['Deploy Failed'], last: 2 }, (at) => at === 707 || at === 807],
  [
    'the newest of a source since',
    { source: b, sinceMs: START + 890 * MINUTE, last: 9 },
    (at) => at >= 890 && at % 3 === 1,
  ],
  ['a source', { source: b }, (at) => at % 3 === 1],
];
for (const [what, options, isWanted] of asked)
  test(`events ${what} are those that reading all of the log finds`, async (t) => {
    const root = temporaryRoot(t);
    const ids = planted(root);
    assert.deepEqual(
      await idsOf(root, options),
      ids.filter((_, at) => isWanted(at)),
    );
  });

test('an event that was told late is found by its time, as long as it is not too late', async (t) => {
  const root = temporaryRoot(t);
  planted(root);
  const late = {
    ...sampleEvent(5_000),
    time: new Date(START + COUNT * MINUTE - EVENT_DISORDER_MS / 2).toISOString(),
  };
  appendFileSync(segmentPath(root, 3), `${JSON.stringify(late)}\n`);
  const ids = await idsOf(root, { sinceMs: Date.parse(late.time) });
  assert.ok(ids.includes(late.id));
});

/** Bytes that this process has read so far, from whatever file. */
const bytesRead = (): number =>
  Number(/^rchar: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? Number.NaN);

const LARGE_BYTES = 24 * MiB;

const EVERY_MS = 10_000;

/** The last of its events is the one before START. */
function plantedLarge(root: string): void {
  mkdirSync(eventsFolder(root));
  const batch = 1_000;
  const size = Buffer.byteLength(JSON.stringify(eventAt(0))) * batch;
  const batches = Math.ceil(LARGE_BYTES / size);
  const lines = Array.from({ length: batches }, (_, at) =>
    Array.from({ length: batch }, (_, each) => {
      const time = new Date(START - ((batches - at) * batch - each) * EVERY_MS).toISOString();
      return `${JSON.stringify({ ...sampleEvent(at * batch + each + 1), time })}\n`;
    }).join(''),
  );
  writeFileSync(segmentPath(root, 1), lines.join(''));
}

for (const [what, options, count] of [
  ['since a minute before its end', { sinceMs: START - MINUTE }, 6],
  ['the newest', { last: 20 }, 20],
  ['the newest since then', { last: 3, sinceMs: START - MINUTE }, 3],
  [
    'the newest since then, of a type there is none of',
    { last: 20, sinceMs: START - MINUTE, types: ['Deploy Failed'] },
    0,
  ],
  [
    'the newest since then, of a source there is none of',
    { last: 20, sinceMs: START - MINUTE, source: { namespace: 'web', name: 'nope' } },
    0,
  ],
  ['the newest of more than there are since then', { last: 900, sinceMs: START - MINUTE }, 6],
] as const)
  test(`of a large log that is asked for ${what} a small part is read`, async (t) => {
    const root = temporaryRoot(t);
    plantedLarge(root);
    const before = bytesRead();
    assert.equal((await idsOf(root, options)).length, count);
    const read = bytesRead() - before;
    assert.ok(read > 0 && read < LARGE_BYTES / 3, `${read} of ${LARGE_BYTES} bytes were read`);
  });

test('a line that was damaged is counted, and one that a crash cut short is not', async (t) => {
  const root = temporaryRoot(t);
  const ids = planted(root);
  appendFileSync(segmentPath(root, 3), '{"version":"0","id":"x","detail":{"na\n{"version":"0","de#ail":}}\n');
  let damaged = 0;
  const found = await idsOf(root, {
    onDamaged: () => {
      damaged += 1;
    },
  });
  assert.deepEqual([found.length, damaged], [ids.length, 1]);
});

test('who follows a log waits while it cannot be read, is logged once, and goes on', async (t) => {
  const root = temporaryRoot(t);
  const ids = planted(root);
  const ended = new AbortController();
  const faults: (string | undefined)[] = [];
  const away = join(root, 'away');
  const breakLog = (): void => {
    renameSync(eventsFolder(root), away);
    writeFileSync(eventsFolder(root), 'a file, where the folder was');
  };
  const heal = (): void => {
    renameSync(eventsFolder(root), join(root, 'gone'));
    renameSync(away, eventsFolder(root));
    appendFileSync(segmentPath(root, 3), `${JSON.stringify(sampleEvent(5_000))}\n`);
  };
  const onFault = (error: Error | undefined): void => {
    faults.push(error?.message);
    if (error !== undefined) setTimeout(heal, 300);
  };
  const seen: string[] = [];
  for await (const { id } of followEvents(root, { signal: ended.signal, onFault })) {
    seen.push(id);
    if (seen.length === COUNT) breakLog();
    if (seen.length === COUNT + 1) ended.abort();
  }
  assert.deepEqual(seen, [...ids, sampleEvent(5_000).id]);
  assert.equal(faults.length >= 1 && /cannot be read: ENOTDIR/.test(faults[0] ?? ''), true);
});
