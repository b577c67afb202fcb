import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { COMMAND_DRAIN_MS } from '../../limits.ts';
import { ownerOf } from '../../store/directory/owner.ts';
import { endGroup, RUN_VARIABLE, runMark } from './process-group.ts';
import { superviseGroup } from './supervisor.ts';

/** Begins when it is told to, and then becomes the program: so it is written down who runs before anything does. */
const WAIT = `read -r ${RUN_VARIABLE} && export ${RUN_VARIABLE} && exec "$@"`;

export interface Command {
  /** A program and its arguments. */
  readonly argv: readonly string[];
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** For its stdin. */
  readonly input: string;
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
  /** Told the leader of its process group; nothing runs before it has resolved. */
  readonly begin: (pid: number) => Promise<void>;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly signal: AbortSignal;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  /** It was told to, whatever it then exited with. */
  readonly isStopped: boolean;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;
type Exit = Omit<Ended, 'isStopped'>;

/** `exit`, not `close`: what it left behind may hold its pipes for as long as it likes. */
const exitOf = (child: Child): Promise<Exit> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });

/** Reads what is still in the pipe, and lets go of it without closing it: a write would kill what was left behind. */
async function drain(pipe: Readable): Promise<void> {
  if (!pipe.closed) await Promise.race([once(pipe, 'close'), sleep(COMMAND_DRAIN_MS)]);
  pipe.removeAllListeners('data').resume();
  if (pipe instanceof Socket) pipe.unref();
}

async function stopOrExit(
  exit: Promise<Exit>,
  { pid, mark }: { readonly pid: number; readonly mark: string },
  { signal, graceMs }: Pick<Command, 'signal' | 'graceMs'>,
): Promise<Ended> {
  let stopping: Promise<boolean> | undefined;
  const stop = (): void => {
    stopping = endGroup(pid, graceMs, mark);
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    const ended = { ...(await exit), isStopped: stopping !== undefined };
    await stopping;
    // What a try that failed leaves behind would go on beside the next one.
    if (ended.code !== 0 || ended.isStopped) await endGroup(pid, graceMs, mark);
    return ended;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Runs a program in a process group of its own, which is ended by the signal, and by the end of this process. It has
 * ended when its process has; what else it started stays where it exited with 0, and is ended with it otherwise.
 * @throws what `begin` throws, and Node's error where it cannot be run
 */
export async function runCommand(command: Command): Promise<Ended> {
  const { argv, directory, env, input, onOutput, begin, graceMs } = command;
  const child: Child = spawn('/bin/sh', ['-c', WAIT, 'sh', ...argv], {
    cwd: directory,
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exit = exitOf(child);
  // Also where `begin` fails before anybody waits for it.
  exit.catch(() => {});
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => onOutput(stream, text));
  // A program that does not read its stdin is no failure; how it exits decides.
  child.stdin.on('error', () => {});
  const { pid } = child;
  if (pid === undefined) return { ...(await exit), isStopped: false };
  const mark = runMark(ownerOf(pid));
  const supervisor = superviseGroup(pid, graceMs);
  try {
    await begin(pid);
    child.stdin.end(`${mark}\n${input}`);
    return await stopOrExit(exit, { pid, mark }, command);
  } finally {
    // Ends one that was never told to begin.
    child.stdin.destroy();
    await Promise.allSettled([drain(child.stdout), drain(child.stderr), exit]);
    supervisor.release();
  }
}
