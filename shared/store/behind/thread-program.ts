import type { Hash } from 'node:crypto';
import type { FromThread, ThreadOptions, ToThread } from './to-thread.ts';

/**
 * The program of the thread that hashes and writes. It is started from its own text, so that it is in every bundle and no
 * file beside one: it may name nothing of this module, nor of another but Node's own.
 */
export function threadProgram(): void {
  const { openSync, writeSync, closeSync } = process.getBuiltinModule('node:fs');
  const { createHash, hash } = process.getBuiltinModule('node:crypto');
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { piece, flags, patienceMs } = workerData as ThreadOptions;

  interface Layer {
    readonly folder: string;
    readonly memory: Buffer;
    readonly all: readonly Hash[];
    /** Of the file that is open. */
    path: string;
    descriptor: number | undefined;
    hash: Hash | undefined;
    failed: boolean;
  }
  const layers = new Map<number, Layer>();

  const open = (path: string, mode: number): number => {
    for (const end = performance.now() + patienceMs; ; ) {
      try {
        return openSync(path, flags, mode);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if ((code !== 'EMFILE' && code !== 'ENFILE') || performance.now() > end) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      }
    }
  };

  const close = (layer: Layer): void => {
    const { descriptor } = layer;
    layer.descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
  };

  const write = (layer: Layer, batch: ToThread & { does: 'write' }, sums: string[]): void => {
    const { from, bytes, pieces, paths } = batch;
    for (const each of layer.all) each.update(layer.memory.subarray(from, from + bytes));
    let opened = 0;
    for (let at = 0; at < pieces.length; at += 3) {
      const [begin = 0, length = 0, what = 0] = [pieces[at], pieces[at + 1], pieces[at + 2]];
      const [opens, closes] = [(what & piece.opens) !== 0, (what & piece.closes) !== 0];
      if (opens) {
        layer.path = paths[opened++] ?? '';
        const mode = (what & piece.executable) === 0 ? 0o644 : 0o755;
        layer.descriptor = open(`${layer.folder}/${layer.path}`, mode);
      }
      const end = begin + length;
      for (let next = begin; next < end; )
        next += writeSync(layer.descriptor ?? -1, layer.memory, next, end - next);
      const content = layer.memory.subarray(begin, end);
      // Most files are one piece, and one call is a third of the price of an object with state.
      if (opens && closes) sums.push(hash('sha256', content, 'hex'));
      else {
        if (opens) layer.hash = createHash('sha256');
        layer.hash?.update(content);
        if (closes) sums.push(layer.hash?.digest('hex') ?? '');
      }
      if (closes) close(layer);
    }
  };

  const run = (message: ToThread, sums: string[]): void => {
    if (message.does === 'begin') {
      const { folder, memory, algorithms } = message;
      const all = algorithms.map((algorithm) => createHash(algorithm));
      const none = { path: '', descriptor: undefined, hash: undefined, failed: false };
      layers.set(message.layer, { folder, memory: Buffer.from(memory), all, ...none });
      return;
    }
    const layer = layers.get(message.layer);
    if (layer === undefined) return;
    if (message.does === 'end') {
      layers.delete(message.layer);
      close(layer);
      sums.push(...layer.all.map((each) => each.digest('hex')));
    } else if (!layer.failed) write(layer, message, sums);
  };

  parentPort?.on('message', (message: ToThread) => {
    const sums: string[] = [];
    const { layer } = message;
    const answer = (told: FromThread): void => parentPort.postMessage(told);
    try {
      run(message, sums);
      answer({ layer, sums });
    } catch (error) {
      const { code = 'UNKNOWN', message: said } = error as NodeJS.ErrnoException;
      const there = layers.get(layer);
      if (there !== undefined) there.failed = true;
      answer({ layer, sums, failure: { code, message: said, path: there?.path ?? '' } });
    }
  });
}
