import { Worker } from 'node:worker_threads';
import type { Watched } from './watchdog.ts';

const MOST_BYTES = 1 << 20;

/** Watches that inputs are decided: one that hangs is printed, and its process ended. */
export function startWatchdog(target: string) {
  const watched: Watched = {
    counts: new SharedArrayBuffer(8),
    input: new SharedArrayBuffer(MOST_BYTES),
    target,
  };
  const numbers = new Int32Array(watched.counts);
  const bytes = new Uint8Array(watched.input);
  const worker = new Worker(new URL('./watchdog.ts', import.meta.url), { workerData: watched });
  worker.unref();
  return {
    saw: (input: Buffer): void => {
      const length = Math.min(input.length, MOST_BYTES);
      bytes.set(input.subarray(0, length));
      numbers[1] = length;
      numbers[0] = ((numbers[0] ?? 0) + 1) | 0;
    },
    stop: (): void => worker.postMessage('done'),
  };
}
