import type { Transform } from 'node:stream';
import { KiB } from '../../limits.ts';

/** Takes decompressed bytes in order; a promise asks for a pause. A piece is a view, good until then. */
export type ByteSink = (chunk: Uint8Array) => void | Promise<void>;

export interface ByteOutput {
  readonly sink: ByteSink;
  /** Where the next piece is put, of some 64 KiB at least; it is not asked again before the sink is done. Default: a buffer of its own. */
  readonly room?: (() => Uint8Array | Promise<Uint8Array>) | undefined;
}

/** What a decompressor of node:zlib works with, which is not documented. */
interface ZlibHandle {
  onerror: (message: string) => void;
  writeSync(
    ...args: readonly [
      ...[flush: number, input: Uint8Array, from: number, length: number],
      ...[output: Uint8Array, from: number, length: number],
    ]
  ): void;
}

export interface DecompressParts {
  readonly handle: ZlibHandle;
  /** After each write: bytes of the output that are free, bytes of the input that were not used. */
  readonly state: Uint32Array;
  readonly flush: number;
  readonly finish: number;
}

const OUTPUT_SIZE = 256 * KiB;
/** Those of layers that are done: memory that is new to a process is paid for twice, by the kernel and by V8's collector. */
const SPARE: Buffer[] = [];
const SPARES = 4;
const NOTHING = new Uint8Array(0);

/** The parts of a decompressor, where this Node has them as they are known. */
export function zlibParts(stream: Transform): DecompressParts | undefined {
  const { _handle, _writeState, _defaultFlushFlag, _finishFlushFlag } = stream as unknown as {
    readonly [part: string]: unknown;
  };
  const handle = _handle as Partial<ZlibHandle> | null | undefined;
  if (typeof handle?.writeSync !== 'function' || !(_writeState instanceof Uint32Array)) return undefined;
  if (typeof _defaultFlushFlag !== 'number' || typeof _finishFlushFlag !== 'number') return undefined;
  return {
    handle: handle as ZlibHandle,
    state: _writeState,
    flush: _defaultFlushFlag,
    finish: _finishFlushFlag,
  };
}

/**
 * Decompresses `source` on this thread into one buffer, over and over. As a stream, a decompressor makes a new one for
 * each piece and goes to the pool of threads and back for it, which takes a quarter more CPU.
 * @returns bytes of the source that were not used, which is nothing but what follows its end
 * @throws Error with the words of the decompressor, as its stream does
 */
export async function decompressReusing(
  source: AsyncIterable<Uint8Array>,
  { handle, state, flush, finish }: DecompressParts,
  { sink, room }: ByteOutput,
): Promise<number> {
  const spare = room === undefined ? (SPARE.pop() ?? Buffer.allocUnsafeSlow(OUTPUT_SIZE)) : undefined;
  let failure: string | undefined;
  handle.onerror = (message) => {
    failure = message;
  };
  let unused = 0;
  const take = async (input: Uint8Array, flag: number): Promise<void> => {
    let left = input.length;
    for (let free = 0; free === 0; ) {
      const output = spare ?? (await room?.()) ?? NOTHING;
      handle.writeSync(flag, input, input.length - left, left, output, 0, output.length);
      if (failure !== undefined) throw new Error(failure);
      [free = 0, left = 0] = state;
      const pause = free === output.length ? undefined : sink(output.subarray(0, output.length - free));
      if (pause !== undefined) await pause;
    }
    unused += left;
  };
  for await (const chunk of source) {
    await take(chunk, flush);
    // Where this thread does it all, whoever else waits for it has a turn: the source may have the whole layer at hand.
    if (spare !== undefined) await new Promise(setImmediate);
  }
  await take(NOTHING, finish);
  if (spare !== undefined && SPARE.length < SPARES) SPARE.push(spare);
  return unused;
}
