import type { Bench, Figure } from './support/bench.ts';
import { type Metered, meterOf } from './support/cost/stack-meter.ts';
import { FILES, openStackMonth, REGISTRY_MS, SERVICE_MS, SOURCES } from './support/cost/stack-month.ts';
import { megabytes, milliseconds } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';

/** Lambda gives one core at this much memory, and less in proportion. */
const CORE_MB = 1769;

/** What a run takes where it has the part of a core that its memory gives it: it waits as long, and computes longer. */
const onLambda = ({ spent }: Metered, memoryMb: number): number =>
  median(
    spent.map(({ wallMs, cpuMs }) => Math.max(0, wallMs - cpuMs) + cpuMs / Math.min(1, memoryMb / CORE_MB)),
  );

function toFigure(what: string, metered: Metered, memoryMb: number): Figure {
  const { spent, requests, logBytes } = metered;
  const runs = spent.length;
  const each = Object.entries(requests)
    .map(([operation, count]) => `${Number((count / runs).toFixed(1))} ${operation}`)
    .join(', ');
  const wall = milliseconds(median(spent.map(({ wallMs }) => wallMs)));
  const cpu = milliseconds(median(spent.map(({ cpuMs }) => cpuMs)));
  const peak = megabytes(Math.max(...spent.map(({ peakBytes }) => peakBytes)));
  return {
    what,
    measured: `${runs} runs; ${wall} wall, ${cpu} CPU: ${milliseconds(onLambda(metered, memoryMb))} at ${memoryMb} MB; ${peak} peak; ${each}; ${Math.round(logBytes / runs)} bytes of log`,
  };
}

/** The functions of a synthesized stack in the host of the tests: what one run of each takes, for docs/cost.md. */
export const bench: Bench = {
  name: 'invocations',
  about: `each function of the stack; AWS answers after ${SERVICE_MS} ms, the registry after ${REGISTRY_MS}`,
  needs: [],
  run: async ({ quick, scratch, say }) => {
    await using stack = new AsyncDisposableStack();
    const { host, push } = await openStackMonth(stack, scratch);
    say(`${SOURCES} sources landed`);
    const names = ['FunctionsPoll', 'FunctionsReceive', 'FunctionsReconcile', 'Site'] as const;
    const [poll, receive, reconcile, deploy] = names.map((name) => {
      const read = meterOf(host, name);
      const { memoryMb } = host.lambda(name).options;
      return {
        read,
        figure: async (what: string): Promise<Figure> => toFigure(what, await read(), memoryMb),
      };
    });
    if (!poll || !receive || !reconcile || !deploy) throw new Error('no function');
    const meters = [poll, receive, reconcile, deploy];
    const reset = async (): Promise<void> => {
      for (const { read } of meters) await read();
    };
    const figures: Figure[] = [];
    const land = async (rounds: number): Promise<void> => {
      for (let at = 0; at < rounds; at += 1) {
        await push();
        await host.settle();
      }
    };
    // The first of all makes what later ones begin with.
    await host.pass(1);
    await reset();
    await host.pass(quick ? 2 : 9);
    figures.push(await poll.figure(`poll of ${SOURCES} unchanged sources`));
    await land(1);
    await reset();
    await land(quick ? 2 : 9);
    figures.push(await receive.figure('webhook'));
    figures.push(await reconcile.figure(`a revision of ${FILES} files landed after a webhook`));
    figures.push(await deploy.figure(`a site of ${FILES} files deployed`));
    for (let at = 0; at < (quick ? 1 : 5); at += 1) {
      await host.killFunctions();
      await land(1);
    }
    figures.push(await receive.figure('webhook, first of its process'));
    figures.push(
      await reconcile.figure(`a revision of ${FILES} files landed after a webhook, first of its process`),
    );
    figures.push(await deploy.figure(`a site of ${FILES} files deployed, first of its process`));
    return figures;
  },
};
