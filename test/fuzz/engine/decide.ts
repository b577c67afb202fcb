import { writeFileSync } from 'node:fs';
import { argv, stdout } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { peakMemory } from '../../support/programs/peak-memory.ts';
import { loadTarget } from '../targets.ts';

/** What deciding of one hostile input cost. */
export interface Decided {
  readonly input: string;
  readonly bytes: number;
  readonly cpuMs: number;
  /** Bytes at the most that the process had beside what it had before. */
  readonly memory: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Has Linux count the most from now on; elsewhere it is the most of the whole process, which is more. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not ours to say.
  }
}

const target = await loadTarget(argv[2] ?? '');
// What is loaded with the first input is of no input.
for (const seed of target.seeds.slice(0, 2)) await target.judge(Buffer.from(seed as string));
for (const [input, make] of target.hostile) {
  const bytes = make();
  collect();
  forgetPeak();
  const base = process.memoryUsage.rss();
  const start = process.cpuUsage();
  await target.judge(bytes);
  const { user, system } = process.cpuUsage(start);
  const decided: Decided = {
    input,
    bytes: bytes.length,
    cpuMs: Math.round((user + system) / 1000),
    memory: Math.max(0, peakMemory() - base),
  };
  stdout.write(`${JSON.stringify(decided)}\n`);
}
