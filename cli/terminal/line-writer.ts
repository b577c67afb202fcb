import { once } from 'node:events';
import { KiB } from '../../shared/limits.ts';
import { printable } from '../../shared/printable.ts';

const ENOUGH = 64 * KiB;

/**
 * Lines among many, written together: those that come in one turn of the event loop, so that the first is not waited for,
 * and a million are no million writes. Waits where the reader is slower.
 */
export class LineWriter {
  readonly #stream: NodeJS.WritableStream;
  readonly #signal: AbortSignal;
  #held = '';
  #isDue = false;
  #drained: Promise<unknown> | undefined;

  constructor(stream: NodeJS.WritableStream, signal: AbortSignal) {
    this.#stream = stream;
    this.#signal = signal;
  }

  /** @throws the signal's reason */
  async add(text: string): Promise<void> {
    if (this.#drained !== undefined) await this.#wait(this.#drained);
    this.#signal.throwIfAborted();
    this.#held += `${printable(text)}\n`;
    if (this.#held.length >= ENOUGH) this.#write();
    else this.#writeSoon();
  }

  /** What has been added is written, or on its way where the reader is slower. */
  end(): void {
    this.#write();
  }

  #writeSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#write();
    });
  }

  #write(): void {
    const held = this.#held;
    this.#held = '';
    if (held === '' || this.#stream.write(held)) return;
    const drained = once(this.#stream, 'drain', { signal: this.#signal });
    drained.catch(() => undefined); // Asked about at the next line, if there is one.
    this.#drained = drained;
  }

  async #wait(drained: Promise<unknown>): Promise<void> {
    try {
      await drained;
      this.#drained = undefined;
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error;
    }
  }
}
