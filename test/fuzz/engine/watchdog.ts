import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread that judges and the one that watches it share: how many inputs were judged, and the last of them. */
export interface Watched {
  readonly counts: SharedArrayBuffer;
  readonly input: SharedArrayBuffer;
  readonly target: string;
}

/** No input takes two seconds; a machine that is busy may take its time. */
const HANGS_AFTER_MS = 30_000;

/** In a thread of its own, as one that hangs cannot tell that it does. */
export function watch({ counts, input, target }: Watched): void {
  const numbers = new Int32Array(counts);
  let last = -1;
  setInterval(() => {
    const [judged = 0, length = 0] = numbers;
    if (judged !== last) {
      last = judged;
      return;
    }
    const bytes = Buffer.from(new Uint8Array(input, 0, length));
    writeSync(2, `${target} hangs: input ${bytes.toString('base64')}\n`);
    process.kill(process.pid, 'SIGKILL');
  }, HANGS_AFTER_MS).unref();
  parentPort?.once('message', () => process.exit());
}

if (parentPort !== null) watch(workerData as Watched);
