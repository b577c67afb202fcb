import type { Bench, Figure } from './support/bench.ts';
import { ratio } from './support/figures/format.ts';
import { median, pairedRatio } from './support/figures/statistics.ts';
import { PUT_WAYS, type PutCost, type PutWay, putCost } from './support/s3/put-cost.ts';
import { startS3StandIn } from './support/s3/s3-stand-in.ts';

const [SDK] = PUT_WAYS;
const cpuOf = (costs: readonly PutCost[]): readonly number[] => costs.map(({ cpuMs }) => cpuMs);

function toFigure(
  what: string,
  costs: ReadonlyMap<PutWay, readonly PutCost[]>,
  way: PutWay,
  count: number,
): Figure {
  const own = costs.get(way) ?? [];
  const micros = Math.round((median(cpuOf(own)) / count) * 1000);
  const wall = Math.round((count / median(own.map(({ wallMs }) => wallMs))) * 1000);
  const share = ratio(pairedRatio(cpuOf(own), cpuOf(costs.get(SDK) ?? [])));
  return {
    what: `${what}: ${way}`,
    measured: `${micros} us of CPU a PUT, ${share} of the SDK's, ${wall} PUT/s`,
  };
}

/** Small objects, one after the other through the SDK's client as it comes, and as a landing puts them. */
export const bench: Bench = {
  name: 'put',
  about: 'CPU of a small PUT, 64 at a time, beside @aws-sdk/client-s3',
  needs: [],
  run: async ({ quick, say }) => {
    const figures: Figure[] = [];
    const count = quick ? 500 : 3_000;
    const rounds = quick ? 1 : 3;
    for (const latencyMs of [0, 10]) {
      await using s3 = await startS3StandIn({ latencyMs });
      const costs = new Map<PutWay, PutCost[]>(PUT_WAYS.map((way) => [way, []]));
      for (let round = 0; round < rounds; round += 1) {
        for (const way of PUT_WAYS) {
          costs.get(way)?.push(await putCost({ endpoint: s3.url, way, count, warmUps: 500 }));
          await s3.empty();
        }
        say(`${latencyMs} ms: round ${round + 1} of ${rounds}`);
      }
      for (const way of PUT_WAYS) figures.push(toFigure(`${latencyMs} ms a request`, costs, way, count));
    }
    return figures;
  },
};
