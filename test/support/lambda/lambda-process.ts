import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Lifetime } from '../at-end.ts';
import { memoryFlags } from './memory-flags.ts';

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly peakBytes?: number;
}

/** A function's process, kept warm. */
export interface LambdaProcess {
  /** @throws Error with the stack of what the handler threw */
  invoke<T>(event: unknown, options?: { readonly remainingMs?: number }): Promise<T>;
  /** Of memory, after the last invocation. */
  readonly peakBytes: number;
  /** What was logged, line by line. */
  readonly lines: readonly string[];
  kill(): Promise<void>;
}

const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:123456789012:function:landfall';

/** `onEnd` gets the number of each invocation that has said its last line. */
async function keep(stream: Readable | null, lines: string[], onEnd: (id: number) => void): Promise<void> {
  for await (const line of createInterface({ input: stream ?? Readable.from([]) })) {
    const id = /^END ([0-9]+)$/.exec(line)?.[1];
    if (id === undefined) lines.push(line);
    else onEnd(Number(id));
  }
}

/**
 * Starts a bundle with this environment and no other; it ends with the test. `memoryMb` is the function's setting: it
 * decides how V8 spends memory, and does not limit it.
 */
export async function startLambda(
  t: Lifetime,
  bundle: string,
  env: Readonly<Record<string, string>>,
  { memoryMb }: { readonly memoryMb?: number } = {},
): Promise<LambdaProcess> {
  const child = fork(join(import.meta.dirname, 'lambda-host.ts'), [bundle], {
    env: { ...env },
    execArgv: memoryMb === undefined ? [] : [...memoryFlags(memoryMb)],
    silent: true,
  });
  const lines: string[] = [];
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  /** The log comes by another way than the answer: an invocation is over when both have come. */
  const logging = new Map<number, PromiseWithResolvers<void>>();
  void keep(child.stdout, lines, (id) => logging.get(id)?.resolve());
  void keep(child.stderr, lines, () => undefined);
  const closed = once(child, 'close');
  const started = Promise.withResolvers<Answer>();
  waiting.set(0, started);
  let peakBytes = 0;
  child.on('message', (answer: Answer) => {
    peakBytes = answer.peakBytes ?? peakBytes;
    waiting.get(answer.id)?.resolve(answer);
  });
  void closed.then(() => {
    const ended = new Error(`the function's process ended: ${lines.slice(-5).join('\n').slice(0, 2000)}`);
    for (const each of [...waiting.values(), ...logging.values()]) each.reject(ended);
  });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await closed;
  };
  t.after(kill);
  await started.promise;
  let last = 0;
  return {
    lines,
    kill,
    get peakBytes() {
      return peakBytes;
    },
    invoke: async <T>(event: unknown, { remainingMs = 60_000 }: { readonly remainingMs?: number } = {}) => {
      last += 1;
      const [answered, logged] = [Promise.withResolvers<Answer>(), Promise.withResolvers<void>()];
      waiting.set(last, answered);
      logging.set(last, logged);
      child.send({ id: last, event, remainingMs, functionArn: FUNCTION_ARN });
      const both = Promise.all([answered.promise, logged.promise]);
      both.catch(() => undefined);
      const [{ result, error }] = await both;
      if (error !== undefined) throw new Error(error);
      return result as T;
    },
  };
}
