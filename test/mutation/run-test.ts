import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';

const FIRST_FAILURE = new URL('first-failure.ts', import.meta.url).href;
/** Kept by Node, by the text of each module. */
const COMPILED = join(tmpdir(), 'landfall-mutation-compiled');

export interface TestRun {
  readonly outcome: 'passed' | 'failed' | 'timed out';
  readonly milliseconds: number;
}

/** Ends what a test has started, where there is any. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Runs one test file in a process of its own. What it started ends with it, as it is a group. */
export function runTest(
  file: string,
  { env, timeoutMs }: { readonly env: Readonly<Record<string, string>>; readonly timeoutMs: number },
): Promise<TestRun> {
  const began = performance.now();
  const child = spawn(execPath, ['--import', FIRST_FAILURE, file], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_COMPILE_CACHE: COMPILED, ...env },
    stdio: 'ignore',
    detached: true,
  });
  return new Promise((resolve) => {
    let isLate = false;
    const end = setTimeout(() => {
      isLate = true;
      endGroup(child.pid);
    }, timeoutMs);
    child.on('close', (code) => {
      clearTimeout(end);
      endGroup(child.pid);
      const outcome = isLate ? 'timed out' : code === 0 ? 'passed' : 'failed';
      resolve({ outcome, milliseconds: performance.now() - began });
    });
  });
}
