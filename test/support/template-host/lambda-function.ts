import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { memoryFlags } from '../lambda/memory-flags.ts';
import { type Json, mapAt, numberAt, textAt, textIn } from './json.ts';

/** What an invocation took of its process. */
export interface Spent {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** The most the process ever had. */
  readonly peakBytes: number;
}

/** How an invocation ended: with the handler's answer, or with why there was none. Nothing is known of a process that died. */
export type Invoked = { readonly spent?: Spent } & (
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly value?: undefined; readonly error: string }
);

export interface LambdaOptions {
  readonly id: string;
  readonly arn: string;
  readonly role: string;
  /** The folder of the bundled asset. */
  readonly folder: string;
  /** `index.handler`. */
  readonly handler: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Lambda's own where a template says nothing. */
const TIMEOUT_SECONDS = 3;
const MEMORY_MB = 128;
const RUNTIME = 'nodejs24.x';

/**
 * What an AWS::Lambda::Function says, its properties resolved. The environment is the template's and what Lambda adds.
 * @throws Error for a runtime that is not the one this runs on
 */
export function lambdaOptions(
  properties: Json,
  given: Pick<LambdaOptions, 'id' | 'arn' | 'folder'> & {
    readonly surroundings: Readonly<Record<string, string>>;
  },
): LambdaOptions {
  const { id, arn, folder, surroundings } = given;
  const runtime = textIn(properties, 'Runtime');
  if (runtime !== RUNTIME) throw new Error(`${id} runs on ${runtime}; this host runs ${RUNTIME}`);
  const logs = textAt(mapAt(properties, 'LoggingConfig') ?? {}, 'LogGroup');
  const memoryMb = numberAt(properties, 'MemorySize') ?? MEMORY_MB;
  const variables = mapAt(mapAt(properties, 'Environment') ?? {}, 'Variables') ?? {};
  return {
    ...{ id, arn, folder, memoryMb },
    role: textIn(properties, 'Role'),
    handler: textIn(properties, 'Handler'),
    timeoutMs: (numberAt(properties, 'Timeout') ?? TIMEOUT_SECONDS) * 1000,
    environment: {
      ...surroundings,
      AWS_LAMBDA_FUNCTION_NAME: arn.split(':').at(-1) ?? '',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      ...(logs !== undefined && { AWS_LAMBDA_LOG_GROUP_NAME: logs }),
      ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)])),
    },
  };
}

interface Place {
  readonly child: ChildProcess;
  /** Settled when the handler is there to be called, or never will be. */
  readonly started: Promise<unknown>;
  readonly closed: Promise<unknown>;
}

/** A function of a template: its bundle in processes of this Node, kept warm, one invocation at a time in each. */
export class LambdaFunction {
  readonly options: LambdaOptions;
  /** Lines of the log, of all its processes. */
  readonly log: string[] = [];
  /** Of each invocation that ended, oldest first. */
  readonly spent: Spent[] = [];
  readonly #all = new Set<Place>();
  readonly #idle: Place[] = [];
  #invocations = 0;
  #isClosed = false;

  constructor(options: LambdaOptions) {
    this.options = options;
  }

  get invocations(): number {
    return this.#invocations;
  }

  async invoke(event: unknown): Promise<Invoked> {
    if (this.#isClosed) return { ok: false, error: `${this.options.id} is closed` };
    this.#invocations += 1;
    const place = this.#idle.pop() ?? this.#start();
    const { arn: functionArn, timeoutMs } = this.options;
    const answer = this.#answerOf(place);
    await place.started;
    const timer = setTimeout(() => place.child.kill('SIGKILL'), timeoutMs);
    const invocation = { requestId: randomUUID(), event, functionArn, timeoutMs };
    // A process that has just died takes no message; that it has closed is the answer.
    place.child.send(invocation, () => undefined);
    const invoked = await answer;
    clearTimeout(timer);
    if (invoked.spent !== undefined) this.spent.push(invoked.spent);
    if (this.#all.has(place)) this.#idle.push(place);
    return invoked;
  }

  /** Asynchronously, as EventBridge does: with retries after errors. */
  async invokeEvent(event: unknown, { retries }: { readonly retries: number }): Promise<Invoked> {
    let invoked = await this.invoke(event);
    for (let retry = 0; retry < retries && !invoked.ok; retry += 1) invoked = await this.invoke(event);
    return invoked;
  }

  /** Ends every process at once, whatever it is doing: the next invocation is a cold start. */
  async kill(): Promise<void> {
    const places = [...this.#all];
    for (const { child } of places) child.kill('SIGKILL');
    await Promise.all(places.map(({ closed }) => closed));
  }

  /** As `kill`, for good: a webhook that comes late or a retry starts no process that would outlive the test. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.kill();
  }

  #start(): Place {
    const { folder, handler, environment, memoryMb } = this.options;
    const [module = '', name = ''] = handler.split('.');
    const runner = join(import.meta.dirname, 'lambda-runner.ts');
    const child = fork(runner, [join(folder, `${module}.mjs`), name], {
      cwd: folder,
      env: { ...environment },
      execArgv: [...memoryFlags(memoryMb)],
      silent: true,
    });
    const closed = once(child, 'close');
    const place = { child, closed, started: Promise.race([once(child, 'message'), closed]) };
    this.#all.add(place);
    void this.#keep(child.stdout);
    void this.#keep(child.stderr);
    child.once('close', () => {
      this.#all.delete(place);
      const at = this.#idle.indexOf(place);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    return place;
  }

  #answerOf({ child }: Place): Promise<Invoked> {
    return new Promise((resolve) => {
      const onMessage = (message: unknown): void => {
        if (message !== 'ready') settle(message as Invoked);
      };
      const onClose = (): void => settle({ ok: false, error: this.log.slice(-5).join('\n') });
      const settle = (invoked: Invoked): void => {
        child.off('message', onMessage);
        child.off('close', onClose);
        resolve(invoked);
      };
      child.on('message', onMessage);
      child.on('close', onClose);
    });
  }

  async #keep(stream: Readable | null): Promise<void> {
    for await (const line of createInterface({ input: stream ?? Readable.from([]) })) this.log.push(line);
  }
}
