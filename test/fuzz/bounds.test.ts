import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Decided } from './engine/decide.ts';
import { loadTarget, TARGETS } from './targets.ts';

/** What deciding of one input may cost: CPU, and memory over what the process had before. */
const MOST_MS = 2_000;
const MOST_BYTES = 128 * 1024 * 1024;
/** One that hangs is ended; a machine that is busy takes its time. */
const ENDED_AFTER_MS = 100_000;

const program = fileURLToPath(new URL('./engine/decide.ts', import.meta.url));

/** Each hostile input of a target, decided in a process of its own that is ended where it does not. */
async function decidedBy(name: string): Promise<readonly Decided[]> {
  const child = spawn(process.execPath, [program, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: ENDED_AFTER_MS,
    killSignal: 'SIGKILL',
  });
  const exit = once(child, 'exit');
  const decided: Decided[] = [];
  for await (const line of createInterface(child.stdout)) decided.push(JSON.parse(line) as Decided);
  const [code, signal] = (await exit) as [number | null, string | null];
  const last = decided.at(-1)?.input ?? 'its first input';
  assert.equal(code, 0, `ended with ${code ?? signal} after ${last}`);
  return decided;
}

for (const name of TARGETS) {
  test(`${name}: each hostile input is decided in 2 s of CPU and 128 MB`, async (t) => {
    const { hostile } = await loadTarget(name);
    const decided = await decidedBy(name);
    assert.deepEqual(
      decided.map(({ input }) => input),
      hostile.map(([input]) => input),
    );
    for (const { input, bytes, cpuMs, memory } of decided) {
      t.diagnostic(`${input}, ${bytes} bytes: ${cpuMs} ms, ${Math.round(memory / 1024 / 1024)} MB`);
      assert.ok(cpuMs <= MOST_MS, `${input} took ${cpuMs} ms of CPU`);
      assert.ok(memory <= MOST_BYTES, `${input} took ${memory} bytes over the base`);
    }
  });
}
