import { spawn } from 'node:child_process';
import { execPath } from 'node:process';

export interface TestRun {
  readonly outcome: 'passed' | 'failed' | 'timed out';
  readonly milliseconds: number;
}

/** Runs one test file in a process of its own. What it started ends with it, as it is a group. */
export function runTest(
  file: string,
  {
    imports,
    env,
    timeoutMs,
  }: {
    readonly imports: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
  },
): Promise<TestRun> {
  const began = performance.now();
  const flags = imports.flatMap((each) => ['--import', each]);
  const child = spawn(execPath, [...flags, file], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
    stdio: 'ignore',
    detached: true,
  });
  return new Promise((resolve) => {
    let isLate = false;
    const end = setTimeout(() => {
      isLate = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, timeoutMs);
    child.on('close', (code) => {
      clearTimeout(end);
      const outcome = isLate ? 'timed out' : code === 0 ? 'passed' : 'failed';
      resolve({ outcome, milliseconds: performance.now() - began });
    });
  });
}
