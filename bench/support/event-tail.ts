import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MiB } from '../../shared/limits.ts';

const LOOK_MS = 1;
const PATIENCE_MS = 30_000;

interface Awaited {
  readonly come: () => void;
  readonly failed: (error: unknown) => void;
}

/** Reads a store's log of events as it grows. Looks every millisecond: notifications of files would come no sooner. */
export class EventTail {
  readonly #folder: string;
  readonly #buffer = Buffer.alloc(1 * MiB);
  #descriptor: number | undefined;
  #at = 0;
  #pending = '';
  readonly #awaited = new Map<string, Awaited>();

  /** `folder` holds the segments; this reads the first, which is large enough for any bench. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The next event's line, once it is whole. */
  async next(): Promise<string> {
    for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
      const end = this.#pending.indexOf('\n');
      if (end >= 0) {
        const line = this.#pending.slice(0, end);
        this.#pending = this.#pending.slice(end + 1);
        return line;
      }
      if (!this.#read()) await sleep(LOOK_MS);
    }
    throw new Error(`no event within ${PATIENCE_MS} ms`);
  }

  /** When the next event of the source named so is there; of several sources at once, and of each once. */
  async of(name: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const isRead = this.#awaited.size > 0;
    this.#awaited.set(name, { come: resolve, failed: reject });
    if (!isRead) void this.#readOn();
    await promise;
  }

  /** Until nobody waits. */
  async #readOn(): Promise<void> {
    try {
      while (this.#awaited.size > 0) {
        const [, name = ''] = /"name":"([^"]*)"/.exec(await this.next()) ?? [];
        this.#awaited.get(name)?.come();
        this.#awaited.delete(name);
      }
    } catch (error) {
      for (const { failed } of this.#awaited.values()) failed(error);
      this.#awaited.clear();
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }

  #read(): boolean {
    if (this.#descriptor === undefined) {
      const [name] = existsSync(this.#folder)
        ? readdirSync(this.#folder).filter((entry) => entry.endsWith('.jsonl'))
        : [];
      if (name === undefined) return false;
      this.#descriptor = openSync(join(this.#folder, name), 'r');
    }
    const bytes = readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, this.#at);
    this.#at += bytes;
    this.#pending += this.#buffer.toString('utf8', 0, bytes);
    return bytes > 0;
  }
}
