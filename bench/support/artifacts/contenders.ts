import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchContext, Figure } from '../bench.ts';
import { type Cost, measureCommand } from '../command.ts';
import { megabytes, ratio, seconds } from '../figures/format.ts';
import { median, pairedRatio } from '../figures/statistics.ts';
import { missingOf } from '../programs.ts';

const execute = promisify(execFile);
/** Goes first and does not count: caches of files and of compiled code are warm for everyone. */
const WARM_UPS = 1;

/** One way to do it, given an empty folder. */
export interface Contender {
  readonly name: string;
  /** Takes part where it is on the PATH. */
  readonly needs?: string;
  readonly command: (folder: string) => readonly [program: string, ...args: string[]];
}

/**
 * What a run leaves goes before the next: all of them together are more than a machine's memory, where they are. Nobody's
 * run has to wait for what the one before it left to write.
 */
async function runOnce({ command }: Contender, scratch: string): Promise<Cost> {
  const folder = await mkdtemp(join(scratch, 'run-'));
  const [program, ...args] = command(folder);
  await execute('sync', ['-f', folder]);
  try {
    return await measureCommand(program, args, { scratch });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Round after round, each contender that is there once a round, so that all see the same machine. */
export async function interleaved(
  contenders: readonly Contender[],
  { rounds, scratch, say }: { readonly rounds: number } & Pick<BenchContext, 'scratch' | 'say'>,
): Promise<ReadonlyMap<string, readonly Cost[]>> {
  const absent = missingOf(contenders.flatMap(({ needs = [] }) => needs));
  if (absent.length > 0) say(`without ${absent.join(', ')}, which bench/support/peers/install builds`);
  const all = contenders.filter(({ needs }) => needs === undefined || !absent.includes(needs));
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

const wallsOf = (list: readonly Cost[] = []): readonly number[] => list.map(({ wallMs }) => wallMs);
const cpusOf = (list: readonly Cost[] = []): readonly number[] => list.map(({ cpuMs }) => cpuMs);

/** What each took, then one contender's share of the wall time of others: `most` of each by its name, of who took part. */
export function toFigures(
  corpus: string,
  costs: ReadonlyMap<string, readonly Cost[]>,
  judged: { readonly name: string; readonly most: Readonly<Record<string, number>> },
): readonly Figure[] {
  const ours = costs.get(judged.name);
  const shares = [...costs].flatMap(([name, theirs]): readonly Figure[] => {
    if (name.startsWith('landfall')) return [];
    const share = pairedRatio(wallsOf(ours), wallsOf(theirs));
    const cpu = ratio(pairedRatio(cpusOf(ours), cpusOf(theirs)));
    const most = judged.most[name];
    return [
      {
        what: `${corpus}: ${judged.name}, of ${name}`,
        measured: `**${ratio(share)}**, CPU ${cpu}`,
        ...(most !== undefined && { target: `≤ ${most}`, met: share <= most }),
      },
    ];
  });
  return [
    ...[...costs].map(([name, list]) => ({ what: `${corpus}: ${name}`, measured: describe(list) })),
    ...shares,
  ];
}
