import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { threadProgram } from './thread-program.ts';
import { type FromThread, type OpenOptions, PIECE, type ThreadOptions, type ToThread } from './to-thread.ts';

let shared: WriteThread | undefined;

/**
 * The one thread of this process that hashes and writes files, begun when it is first asked for. Undefined where the
 * machine has one processor, for nothing would be gained, and where the thread has ended: whatever it was, this process
 * goes on without it.
 */
export function writeThread(options: OpenOptions): WriteThread | undefined {
  if (availableParallelism() < 2) return undefined;
  shared ??= new WriteThread(options);
  return shared.isOver ? undefined : shared;
}

/** Does what it is sent, one after the other, whoever sent it; keeps no process alive while it has nothing to do. */
export class WriteThread {
  readonly #worker: Worker;
  readonly #asked: PromiseWithResolvers<FromThread>[] = [];
  /** As many as there were layers at once; all of one size. */
  readonly #spare: SharedArrayBuffer[] = [];
  #layers = 0;
  #over: Error | undefined;

  constructor(options: OpenOptions) {
    const workerData: ThreadOptions = { ...options, piece: PIECE };
    this.#worker = new Worker(`(${threadProgram})()`, { eval: true, workerData });
    this.#worker.unref();
    this.#worker.on('message', (told: FromThread) => {
      this.#asked.shift()?.resolve(told);
      if (this.#asked.length === 0) this.#worker.unref();
    });
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new Error('the thread that writes has ended')));
  }

  get isOver(): boolean {
    return this.#over !== undefined;
  }

  /**
   * Memory for one layer, of so many bytes, until it is given back. It is used again: V8 does not count what is shared, and
   * would collect it late.
   */
  takeMemory(bytes: number): SharedArrayBuffer {
    return this.#spare.pop() ?? new SharedArrayBuffer(bytes);
  }

  giveBack(memory: SharedArrayBuffer): void {
    this.#spare.push(memory);
  }

  /** A number for a layer that begins. */
  nextLayer(): number {
    this.#layers += 1;
    return this.#layers;
  }

  /** Rejects where the thread has ended. */
  send(message: ToThread): Promise<FromThread> {
    if (this.#over !== undefined) return Promise.reject(this.#over);
    const asked = Promise.withResolvers<FromThread>();
    if (this.#asked.push(asked) === 1) this.#worker.ref();
    this.#worker.postMessage(message);
    return asked.promise;
  }

  #end(error: Error): void {
    this.#over ??= error;
    for (const { reject } of this.#asked.splice(0)) reject(this.#over);
  }
}
