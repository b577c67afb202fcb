/**
 * A fresh process as Lambda starts one: imports the bundle, then, where there is an event, calls its handler once. Prints
 * what each took.
 */
import { stdout } from 'node:process';

const [, , bundle = '', event] = process.argv;

export interface Took {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function timed(work: () => Promise<unknown>): Promise<Took> {
  const begun = performance.now();
  const used = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(used);
  return { wallMs: performance.now() - begun, cpuMs: (user + system) / 1000 };
}

let handler: ((event: unknown, context: unknown) => Promise<unknown>) | undefined;
const init = await timed(async () => {
  ({ handler } = (await import(bundle)) as { readonly handler: typeof handler });
});
const context = {
  getRemainingTimeInMillis: () => 60_000,
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:landfall',
};
const first =
  event === undefined ? undefined : await timed(async () => handler?.(JSON.parse(event), context));
stdout.write(`${JSON.stringify({ init, first })}\n`);
process.exit();
