import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { knownSecrets } from '../../../credentials/known-secrets.ts';
import { cancelled } from '../../../kernel/cancelled.ts';
import { COMMAND_GRACE_MS, COMMAND_STDERR_CHARACTERS } from '../../../limits.ts';
import { endGroup } from '../../command/process-group.ts';
import { MaskedTail } from '../../command/secret-mask.ts';
import { superviseGroup } from '../../command/supervisor.ts';
import { deployFailed } from '../../kit/failures.ts';

export interface ProgramCall {
  /** A program and its arguments; there is no shell. */
  readonly argv: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
  readonly directory: string;
  readonly signal: AbortSignal;
  /** Bytes of memory beyond which it fails by itself, where the system knows such a limit. Default: none. */
  readonly memory?: number;
}

/** A limit holds for what takes the shell's place. macOS has none. */
const LIMITED = 'ulimit -d "$1" 2>/dev/null; shift; exec "$@"';

/** A program that fails by itself beyond so many bytes of memory. */
export const withMemory = (argv: ProgramCall['argv'], bytes: number): ProgramCall['argv'] => [
  '/bin/sh',
  ...['-c', LIMITED, 'sh', String(Math.floor(bytes / 1024)), ...argv],
];

const commandOf = ({ argv, memory }: ProgramCall): ProgramCall['argv'] =>
  memory === undefined ? argv : withMemory(argv, memory);

/** A program that runs in a process group of its own, which ends with the signal, with `end`, and with this process. */
export interface ChildProgram {
  readonly stdout: Readable;
  /** The end of what it wrote to stderr, without secrets. */
  readonly stderr: () => string;
  /** Its exit code; null where it was ended. Rejects where it could not be run. */
  readonly exit: Promise<number | null>;
  readonly end: () => Promise<void>;
}

export function startProgram(call: ProgramCall): ChildProgram {
  const { env, directory, signal } = call;
  const [program, ...rest] = commandOf(call);
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(program, rest, {
    cwd: directory,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tail = new MaskedTail(COMMAND_STDERR_CHARACTERS, knownSecrets.all());
  child.stderr.setEncoding('utf8').on('data', (text: string) => tail.write(text));
  const supervisor = child.pid === undefined ? undefined : superviseGroup(child.pid, 1_000);
  const end = async (): Promise<void> => {
    if (child.pid !== undefined) await endGroup(child.pid, COMMAND_GRACE_MS);
  };
  const stop = (): void => {
    end().catch(() => undefined);
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => {
    signal.removeEventListener('abort', stop);
    supervisor?.release();
  });
  // Whoever ends it does not wait for how it ended.
  exit.catch(() => undefined);
  return { stdout: child.stdout, stderr: () => tail.read().trim(), exit, end };
}

interface Printed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end.
 * @param maximum bytes of stdout; a program that writes more is ended
 * @throws LandfallError DEPLOY_FAILED where it writes more, CANCELLED; Node's error where it cannot be run
 */
export async function runProgram(call: ProgramCall, maximum: number): Promise<Printed> {
  const child = startProgram(call);
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.byteLength;
    if (size <= maximum) chunks.push(chunk);
    else child.end().catch(() => undefined);
  });
  const code = await child.exit;
  const what = `${call.argv[0]} ${call.argv[1] ?? ''}`.trim();
  if (call.signal.aborted) throw cancelled(what, call.signal);
  if (size > maximum)
    throw deployFailed(
      `${what} wrote more than ${maximum} bytes, which is the most that one deploy applies`,
      {
        hint: 'Split it into several deploys, each with its own folder of the artifact.',
      },
    );
  return { code, stdout: Buffer.concat(chunks).toString('utf8'), stderr: child.stderr() };
}
