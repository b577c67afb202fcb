import { fstatSync, readSync, writeSync } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { LandfallError, messageOf } from '../errors.ts';
import { abortable } from '../kernel/abortable.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { cancelled, throwIfCancelled } from '../kernel/cancelled.ts';
import { EVENT_SEGMENT_BYTES, EVENT_SEGMENTS, MiB } from '../limits.ts';
import type { Bus, EventEnvelope } from '../model/envelope.ts';
import { patiently } from '../store/directory/descriptors.ts';
import { underKeyLock } from '../store/directory/key-lock.ts';
import { readEventLines } from './event-lines.ts';
import { EVENTS, eventsFolder, listSegments, makeEventsFolder, segmentPath } from './event-segments.ts';
import { RecentIds } from './recent-ids.ts';

export interface EventLogOptions {
  /** Bytes after which the next segment begins. */
  readonly segmentBytes?: number;
  /** Segments kept; the oldest goes first. */
  readonly segments?: number;
}

interface Waiting {
  readonly events: readonly EventEnvelope[];
  readonly done: () => void;
  readonly failed: (error: LandfallError) => void;
}

/** The segment being written. Another process may write to it too: what it holds is looked at before every write. */
interface Tail {
  readonly file: FileHandle;
  readonly segment: number;
}

const NEWLINE = 0x0a;
/** How far back repeats are looked for after a restart: far more than all outboxes together. */
const LEARN_BYTES = 8 * MiB;

async function syncFolder(path: string): Promise<void> {
  await using folder = await patiently(() => open(path, 'r'));
  await folder.sync();
}

/** Whether a write broke off at the end of the file. The next one begins on a new line, and readers skip the broken one. */
function isTorn(file: number, size: number): boolean {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last[0] !== NEWLINE;
}

/** Appends lines, unless the segment is full. Under the log's lock: beside another write it would see half of that. */
function appendLines(file: number, lines: string, segmentBytes: number): 'written' | 'full' {
  const { size } = fstatSync(file);
  if (size >= segmentBytes) return 'full';
  const bytes = Buffer.from(isTorn(file, size) ? `\n${lines}` : lines);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  return 'written';
}

async function openTail(root: string, segment: number): Promise<Tail> {
  const file = await patiently(() => open(segmentPath(root, segment), 'a+'));
  try {
    const { size } = await file.stat();
    if (size === 0) await syncFolder(eventsFolder(root));
    // A process that was killed may have written without syncing: its events count as emitted from here on.
    else await file.datasync();
    return { file, segment };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * The bus of one machine's log: events as JSON lines in `<root>/events/`, durable when `emit` resolves. Emits that
 * come together share one write and one fsync. A repeated id is dropped within a window; readers drop the rest.
 */
export class EventLog implements Bus {
  readonly #root: string;
  readonly #segmentBytes: number;
  readonly #segments: number;
  readonly #ids = new RecentIds();
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #tail: Tail | undefined;

  constructor(
    root: string,
    { segmentBytes = EVENT_SEGMENT_BYTES, segments = EVENT_SEGMENTS }: EventLogOptions = {},
  ) {
    this.#root = root;
    this.#segmentBytes = segmentBytes;
    this.#segments = segments;
  }

  /** Where the signal ends it the events may be written all the same. @throws LandfallError EMIT_FAILED */
  async emit(events: readonly EventEnvelope[], { signal }: CallOptions = {}): Promise<void> {
    throwIfCancelled('emit', signal);
    const written = new Promise<void>((done, failed) => {
      this.#waiting.push({ events, done, failed });
      this.#writing ??= this.#writeAll();
    });
    await abortable(written, signal).catch((error: unknown) => {
      throw signal?.aborted === true ? cancelled('emit', signal) : error;
    });
  }

  /** Waits for what is being written and lets go of the file; a later emit opens it again. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    const tail = this.#tail;
    this.#tail = undefined;
    await tail?.file.close();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#append(batch.flatMap(({ events }) => events));
        for (const { done } of batch) done();
      } catch (cause) {
        await this.#letGo().catch(() => undefined);
        const why = messageOf(cause);
        const error = new LandfallError(
          'EMIT_FAILED',
          `the event log under ${this.#root} took no event: ${why}`,
          {
            cause,
            hint: 'Free disk space or repair the folder; the events are kept and sent with the next run.',
          },
        );
        for (const { failed } of batch) failed(error);
      }
    }
    this.#writing = undefined;
  }

  async #append(events: readonly EventEnvelope[]): Promise<void> {
    let { file, segment } = await this.#openedTail();
    const fresh = [...new Map(events.map((event) => [event.id, event])).values()].filter(
      ({ id }) => !this.#ids.has(id),
    );
    if (fresh.length === 0) return;
    const lines = fresh.map((event) => `${JSON.stringify(event)}\n`).join('');
    while ((await this.#write(file, lines)) === 'full') ({ file, segment } = await this.#begin(segment + 1));
    await file.datasync();
    for (const { id } of fresh) this.#ids.add(id);
  }

  /** One process at a time, so that a line is whole or its writer is dead, and a segment that was full never grows. */
  #write({ fd }: FileHandle, lines: string): Promise<'written' | 'full'> {
    return underKeyLock(this.#root, EVENTS, () => appendLines(fd, lines, this.#segmentBytes));
  }

  async #openedTail(): Promise<Tail> {
    // One that was deleted takes lines that nobody ever reads.
    if (this.#tail !== undefined && fstatSync(this.#tail.file.fd).nlink > 0) return this.#tail;
    await this.#letGo();
    await makeEventsFolder(this.#root);
    const last = (await listSegments(this.#root)).at(-1) ?? 1;
    this.#tail = await openTail(this.#root, last);
    await this.#learnIds(last);
    return this.#tail;
  }

  async #begin(segment: number): Promise<Tail> {
    await this.#letGo();
    this.#tail = await openTail(this.#root, segment);
    await this.#dropOldest();
    return this.#tail;
  }

  /** What was emitted before a restart is not written again when its outbox is flushed. */
  async #learnIds(last: number): Promise<void> {
    for (const segment of [last - 1, last]) {
      const path = segmentPath(this.#root, segment);
      const size = await stat(path).then(
        ({ size }) => size,
        () => 0,
      );
      const start = Math.max(0, size - LEARN_BYTES);
      for await (const { event } of readEventLines(path, start))
        if (event !== undefined) this.#ids.add(event.id);
    }
  }

  async #dropOldest(): Promise<void> {
    const old = (await listSegments(this.#root)).slice(0, -this.#segments);
    for (const segment of old) await rm(segmentPath(this.#root, segment), { force: true });
  }
}
