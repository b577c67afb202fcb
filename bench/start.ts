import { fileURLToPath } from 'node:url';
import { startEmbeddedRegistry } from '../embedded-registry/embedded-registry.ts';
import { plantTiny } from './support/artifacts/tiny-artifact.ts';
import type { Bench, Figure } from './support/bench.ts';
import { type Cost, GNU_TIME, measureCommand } from './support/command.ts';
import { megabytes, milliseconds } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';

const LANDFALL = fileURLToPath(new URL('../bin/landfall', import.meta.url));

async function repeated(run: () => Promise<Cost>, rounds: number): Promise<string> {
  await run();
  const costs: Cost[] = [];
  for (let round = 0; round < rounds; round += 1) costs.push(await run());
  const wall = milliseconds(median(costs.map(({ wallMs }) => wallMs)));
  const cpu = milliseconds(median(costs.map(({ cpuMs }) => cpuMs)));
  return `${wall} wall, ${cpu} CPU, ${megabytes(median(costs.map(({ rssBytes }) => rssBytes)))}`;
}

/** How much of a short command is its start: a Node that does nothing, and a resolve, which is two requests at most. */
export const bench: Bench = {
  name: 'start',
  about: 'a short command, beside a Node that does nothing',
  needs: [GNU_TIME],
  run: async ({ quick, scratch }) => {
    await using stack = new AsyncDisposableStack();
    const registry = await startEmbeddedRegistry();
    stack.defer(() => registry.close());
    await plantTiny(registry.content, { repository: 'bench/app', tag: 'v1', text: 'start' });
    const rounds = quick ? 3 : 21;
    const figure = async (what: string, program: string, args: readonly string[]): Promise<Figure> => ({
      what,
      measured: await repeated(() => measureCommand(program, args, { scratch }), rounds),
    });
    const url = `oci://${registry.host}/bench/app:v1`;
    return [
      await figure('node -e 0', process.execPath, ['-e', '0']),
      await figure('landfall --version', LANDFALL, ['--version']),
      await figure('landfall resolve', LANDFALL, ['resolve', url, '--plain-http']),
    ];
  },
};
