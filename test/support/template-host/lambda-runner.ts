import { peakMemory } from '../programs/peak-memory.ts';
import type { Invoked, Spent } from './lambda-function.ts';

/** The child process of lambda-function.ts: the handler is imported once, then called for each message of the parent. */
const [, , modulePath = '', handlerName = ''] = process.argv;

interface Invocation {
  readonly requestId: string;
  readonly event: unknown;
  readonly functionArn: string;
  readonly timeoutMs: number;
}

type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string };

const module = (await import(modulePath)) as Readonly<Record<string, unknown>>;
const handler = module[handlerName] as (event: unknown, context: unknown) => Promise<unknown>;

process.on('message', ({ requestId, event, functionArn, timeoutMs }: Invocation) => {
  const end = Date.now() + timeoutMs;
  const context = {
    awsRequestId: requestId,
    invokedFunctionArn: functionArn,
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: '$LATEST',
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => end - Date.now(),
  };
  const begun = performance.now();
  const used = process.cpuUsage();
  const answer = (outcome: Outcome): void => {
    const { user, system } = process.cpuUsage(used);
    const times = { wallMs: performance.now() - begun, cpuMs: (user + system) / 1000 };
    const spent: Spent = { ...times, peakBytes: peakMemory() };
    process.send?.({ ...outcome, spent } satisfies Invoked);
  };
  Promise.resolve()
    .then(() => handler(event, context))
    .then((value) => answer({ ok: true, value }))
    .catch((error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      answer({ ok: false, error: text });
    });
});
process.send?.('ready');
