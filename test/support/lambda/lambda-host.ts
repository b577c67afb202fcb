import { peakMemory } from '../programs/peak-memory.ts';

/** Runs one bundle as Lambda does: imported once, then asked over IPC for each invocation. */
const [, , bundle = ''] = process.argv;
const { handler } = (await import(bundle)) as {
  handler: (event: unknown, context: unknown) => Promise<unknown>;
};

interface Invocation {
  readonly id: number;
  readonly event: unknown;
  readonly remainingMs: number;
  readonly functionArn: string;
}

/** Behind all that the invocation has logged, as Lambda's own last line of it is. */
function answer(facts: { readonly id: number; readonly [name: string]: unknown }): void {
  process.stdout.write(`END ${facts.id}\n`);
  process.send?.(facts);
}

process.on('message', async ({ id, event, remainingMs, functionArn }: Invocation) => {
  const ends = Date.now() + remainingMs;
  const context = {
    awsRequestId: `request-${id}`,
    getRemainingTimeInMillis: () => ends - Date.now(),
    invokedFunctionArn: functionArn,
  };
  const facts = () => ({ id, peakBytes: peakMemory() });
  try {
    const result = await handler(event, context);
    answer({ ...facts(), result });
  } catch (error) {
    answer({ ...facts(), error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
process.send?.({ id: 0 });
