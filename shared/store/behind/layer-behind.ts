import { abortable } from '../../kernel/abortable.ts';
import { cancelled } from '../../kernel/cancelled.ts';
import { WRITE_BEHIND_PART_BYTES } from '../../limits.ts';
import type { FileWriter, LayerDigests, WriteBehind } from '../../model/artifact-store.ts';
import type { DigestAlgorithm } from '../../oci/digest.ts';
import { FileBehind, type Pieces } from './file-behind.ts';
import { type FromThread, PIECE, type ToThread } from './to-thread.ts';
import type { WriteThread } from './write-thread.ts';

/** One is filled, the others are on their way or being written. */
const PARTS = 6;
/** Less is not worth a call of the decompressor. */
const LEAST_ROOM = WRITE_BEHIND_PART_BYTES / 16;

export interface LayerBehindOptions {
  readonly thread: WriteThread;
  /** Exists; everything goes below it. */
  readonly folder: string;
  readonly algorithms: readonly DigestAlgorithm[];
  readonly signal: AbortSignal | undefined;
  /** What a failure of the thread is told as; `path` below the folder. */
  readonly told: (path: string, error: unknown) => Error;
}

/** One layer on its way through memory that a thread sees: parts of it are filled here, and hashed and written there. */
export class LayerBehind implements WriteBehind, Pieces {
  readonly #options: LayerBehindOptions;
  readonly #layer: number;
  readonly #memory: Buffer;
  /** The same, until it is given back. */
  #shared: SharedArrayBuffer | undefined;
  /** Parts that nobody uses, by where they begin. */
  readonly #free: number[] = [];
  /** Closed here and not there yet, in a row. */
  readonly #closed: FileBehind[] = [];
  /** The part that is being filled: where it begins, up to where it was sent, up to where it is full. */
  #part: { readonly begin: number; sent: number; full: number } | undefined;
  #pieces: number[] = [];
  #paths: string[] = [];
  /** What the thread has not answered yet; it answers in a row. */
  readonly #asked: Promise<FromThread>[] = [];
  #failure: Error | undefined;
  #isSettled = false;

  constructor(options: LayerBehindOptions) {
    const { thread, folder, algorithms } = options;
    this.#options = options;
    this.#layer = thread.nextLayer();
    const memory = thread.takeMemory(PARTS * WRITE_BEHIND_PART_BYTES);
    this.#shared = memory;
    this.#memory = Buffer.from(memory);
    for (let part = 0; part < PARTS; part += 1) this.#free.push(part * WRITE_BEHIND_PART_BYTES);
    this.#ask({ does: 'begin', layer: this.#layer, folder, memory, algorithms });
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  room(): Uint8Array | Promise<Uint8Array> {
    this.#check();
    if (this.#part !== undefined && this.#left(this.#part) < LEAST_ROOM) this.#ship(false);
    if (this.#part === undefined) {
      const begin = this.#free.pop();
      if (begin === undefined) return this.#answer(0).then(() => this.room());
      this.#part = { begin, sent: begin, full: begin };
    }
    const { begin, full } = this.#part;
    return this.#memory.subarray(full, begin + WRITE_BEHIND_PART_BYTES);
  }

  take(chunk: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const part = this.#part;
    if (part !== undefined && chunk.buffer === this.#memory.buffer && chunk.byteOffset === part.full) {
      part.full += chunk.length;
      return chunk;
    }
    const room = this.room();
    return room instanceof Promise ? room.then((free) => this.#copy(chunk, free)) : this.#copy(chunk, room);
  }

  /** Begins a file, whose bytes are of pieces that were taken. */
  create(path: string, size: number, mode: number): FileWriter {
    return new FileBehind(this, { path, size, mode });
  }

  add(at: number, bytes: number, what: number, path: string): void {
    if ((what & PIECE.opens) !== 0) this.#paths.push(path);
    this.#pieces.push(at, bytes, what);
  }

  closed(file: FileBehind): void {
    this.#closed.push(file);
  }

  /** Waits until all that came so far is written, and told. @throws what the first failure is told as */
  async written(): Promise<void> {
    this.#ship(true);
    await this.#answer(-1);
    this.#check();
  }

  async settled(): Promise<LayerDigests> {
    const { algorithms } = this.#options;
    this.#ship(false);
    this.#ask({ does: 'end', layer: this.#layer });
    const { sums = [] } = (await this.#answer(-1)) ?? {};
    this.#check();
    this.#giveBack();
    this.#isSettled = true;
    return new Map(algorithms.map((algorithm, at) => [algorithm, sums[at] ?? '']));
  }

  /** Has the thread let go of what an interrupted unpack left open. Resolves when it writes nothing more. */
  async abandon(): Promise<void> {
    this.#failure ??= new Error('abandoned');
    await this.#options.thread.send({ does: 'end', layer: this.#layer }).catch(() => undefined);
    this.#giveBack();
  }

  /** Nobody reads of it any more. */
  #giveBack(): void {
    if (this.#shared !== undefined) this.#options.thread.giveBack(this.#shared);
    this.#shared = undefined;
  }

  #left({ begin, full }: { readonly begin: number; readonly full: number }): number {
    return begin + WRITE_BEHIND_PART_BYTES - full;
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #copy(chunk: Uint8Array, room: Uint8Array): Uint8Array {
    const length = Math.min(chunk.length, room.length);
    room.set(chunk.subarray(0, length));
    return this.take(room.subarray(0, length)) as Uint8Array;
  }

  /** Sends what came. A part that is kept is filled on: what is being read of it is still to be written. */
  #ship(isKept: boolean): void {
    const part = this.#part;
    if (part === undefined) return;
    const { begin, sent, full } = part;
    const batch = { from: sent, bytes: full - sent, pieces: this.#pieces, paths: this.#paths };
    part.sent = full;
    if (!isKept) this.#part = undefined;
    this.#pieces = [];
    this.#paths = [];
    this.#ask({ does: 'write', layer: this.#layer, ...batch }, isKept ? undefined : begin);
  }

  /** `frees`: the part that is nobody's then. */
  #ask(message: ToThread, frees?: number): void {
    const asked = this.#send(message).then((answer) => {
      this.#asked.shift();
      if (message.does === 'write') this.#tell(answer.sums);
      if (frees !== undefined) this.#free.push(frees);
      return answer;
    });
    this.#asked.push(asked);
  }

  #tell(sums: readonly string[]): void {
    const files = this.#closed.splice(0, sums.length);
    for (const [at, file] of files.entries()) file.tell(sums[at] ?? '');
  }

  /** Never rejects. */
  async #send(message: ToThread): Promise<FromThread> {
    const { thread, told } = this.#options;
    try {
      const answer = await thread.send(message);
      const { failure } = answer;
      if (failure !== undefined)
        this.#failure ??= told(
          failure.path,
          Object.assign(new Error(failure.message), { code: failure.code }),
        );
      return answer;
    } catch (error) {
      this.#failure ??= told('', error);
      return { layer: this.#layer, sums: [] };
    }
  }

  /** The first answer that is still to come, or the last. @throws LandfallError CANCELLED */
  async #answer(at: 0 | -1): Promise<FromThread | undefined> {
    const { signal } = this.#options;
    try {
      return await abortable(this.#asked.at(at) ?? Promise.resolve(undefined), signal);
    } catch (error) {
      throw signal?.aborted ? cancelled('write what was unpacked', signal) : error;
    }
  }
}
