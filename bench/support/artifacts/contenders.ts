import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchContext, Figure } from '../bench.ts';
import { type Cost, measureCommand } from '../command.ts';
import { megabytes, ratio, seconds } from '../figures/format.ts';
import { median, pairedRatio } from '../figures/statistics.ts';

const execute = promisify(execFile);
/** Goes first and does not count: caches of files and of compiled code are warm for everyone. */
const WARM_UPS = 1;

/** One way to do it, given an empty folder. */
export interface Contender {
  readonly name: string;
  readonly command: (folder: string) => readonly [program: string, ...args: string[]];
}

/**
 * What a run leaves stays until the bench is over: ext4 takes many times as long to make a file where it has just
 * deleted others. Nobody's run has to wait for what the one before it left to write.
 */
async function runOnce({ command }: Contender, scratch: string): Promise<Cost> {
  const folder = await mkdtemp(join(scratch, 'run-'));
  const [program, ...args] = command(folder);
  await execute('sync', ['-f', folder]);
  return measureCommand(program, args, { scratch });
}

/** Round after round, each contender once a round, so that all see the same machine. */
export async function interleaved(
  all: readonly Contender[],
  { rounds, scratch, say }: { readonly rounds: number } & Pick<BenchContext, 'scratch' | 'say'>,
): Promise<ReadonlyMap<string, readonly Cost[]>> {
  const costs = new Map<string, Cost[]>(all.map(({ name }) => [name, []]));
  for (let round = -WARM_UPS; round < rounds; round += 1) {
    const turn = round % 2 === 0 ? all : all.toReversed();
    for (const contender of turn) {
      const cost = await runOnce(contender, scratch);
      if (round >= 0) costs.get(contender.name)?.push(cost);
    }
    if (round >= 0) say(`round ${round + 1} of ${rounds}`);
  }
  return costs;
}

const describe = (costs: readonly Cost[]): string =>
  [
    `${seconds(median(costs.map(({ wallMs }) => wallMs)))} wall`,
    `${seconds(median(costs.map(({ cpuMs }) => cpuMs)))} CPU`,
    `${megabytes(Math.max(...costs.map(({ rssBytes }) => rssBytes)))} peak`,
  ].join(', ');

/** The first is what the others are held against. */
export function toFigures(
  corpus: string,
  costs: ReadonlyMap<string, readonly Cost[]>,
  judged: { readonly name: string; readonly base: string; readonly most: number },
): readonly Figure[] {
  const [[, base] = ['', []]] = costs;
  const wallOf = (list: readonly Cost[]): readonly number[] => list.map(({ wallMs }) => wallMs);
  const cpuOf = (list: readonly Cost[]): readonly number[] => list.map(({ cpuMs }) => cpuMs);
  return [...costs].map(([name, list], at) => {
    const share = pairedRatio(wallOf(list), wallOf(base));
    const cpu = ratio(pairedRatio(cpuOf(list), cpuOf(base)));
    const isJudged = name === judged.name;
    return {
      what: `${corpus}: ${name}`,
      measured:
        at === 0 ? describe(list) : `${describe(list)}; ${ratio(share)} of ${judged.base}, CPU ${cpu}`,
      ...(isJudged && { target: `≤ ${judged.most}`, met: share <= judged.most }),
    };
  });
}
