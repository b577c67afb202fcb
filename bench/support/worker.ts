import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { missingOf } from './programs.ts';

/** As bin/landfall has them. */
const NODE_FLAGS = ['--max-semi-space-size=2', '--initial-old-space-size=64', '--heap-growing-percent=100'];

/** Whether each process can be given a core of its own. */
export const canPin = (): boolean => availableParallelism() > 1 && missingOf(['taskset']).length === 0;

/**
 * Starts a script of bench/support with `input` as its one argument, JSON, and a channel for messages; on one core
 * where `core` says so and the machine can.
 */
export function startWorker(script: string, input: unknown, core?: number): ChildProcess {
  const path = new URL(`./${script}`, import.meta.url).pathname;
  const command = [process.execPath, ...NODE_FLAGS, path, JSON.stringify(input)];
  const [program = '', ...args] =
    core !== undefined && canPin() ? ['taskset', '-c', String(core), ...command] : command;
  return spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** The next message. Rejects where the worker ends instead. */
export async function nextMessage<T>(worker: ChildProcess): Promise<T> {
  const ended = new AbortController();
  const end = once(worker, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`${worker.spawnargs.slice(0, 2).join(' ')} ended with ${code}`);
  });
  end.catch(() => undefined);
  try {
    const [message] = await Promise.race([once(worker, 'message'), end]);
    return message as T;
  } finally {
    ended.abort();
  }
}

export async function stopWorker(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exit = once(worker, 'exit');
  worker.kill();
  await exit;
}
