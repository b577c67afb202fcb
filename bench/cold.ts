import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ACCOUNT, environmentOf } from '../test/support/aws-server/aws-client-for.ts';
import { startAwsServer } from '../test/support/aws-server/aws-server.ts';
import { bundleFunction, bundleText } from '../test/support/lambda/bundle-function.ts';
import { startS3Server } from '../test/support/s3-server/s3-server.ts';
import type { Bench, Figure } from './support/bench.ts';
import type { Took } from './support/cold-start.ts';
import { milliseconds, ratio } from './support/format.ts';
import { median, pairedRatio } from './support/statistics.ts';

const COLD_START = join(import.meta.dirname, 'support', 'cold-start.ts');
const run = promisify(execFile);

/** What a function of this kind is usually made of. It makes nothing of it: only loading counts. */
const REFERENCE = `
  export { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
  export { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
  export { z } from 'zod';
  export { satisfies } from 'semver';
  export { extract } from 'tar-stream';
`;

interface Function {
  readonly name: string;
  /** Of the reference's CPU. */
  readonly most: number;
  /** What its first invocation is measured with: nothing to do but to open what it works on. */
  readonly event?: unknown;
}

const FUNCTIONS: readonly Function[] = [
  { name: 'receive', most: 0.3 },
  { name: 'poll', most: 1 },
  { name: 'reconcile', most: 1, event: { Records: [] } },
  { name: 'collect', most: 1, event: {} },
  { name: 'documents', most: 1 },
];

interface Started {
  readonly init: Took;
  readonly first?: Took;
}

async function start(bundle: string, env: NodeJS.ProcessEnv, event?: unknown): Promise<Started> {
  const args = [COLD_START, bundle, ...(event === undefined ? [] : [JSON.stringify(event)])];
  const { stdout } = await run(process.execPath, args, { env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Started;
}

const told = (all: readonly Took[]): string =>
  `${milliseconds(median(all.map(({ cpuMs }) => cpuMs)))} CPU, ${milliseconds(median(all.map(({ wallMs }) => wallMs)))} wall`;

function figureOf(
  { name, most }: Function,
  bytes: number,
  ours: readonly Started[],
  theirs: readonly Took[],
): Figure {
  const cpu = (all: readonly Took[]): readonly number[] => all.map(({ cpuMs }) => cpuMs);
  const inits = ours.map(({ init }) => init);
  const share = pairedRatio(cpu(inits), cpu(theirs));
  const first = ours.flatMap((started) => started.first ?? []);
  return {
    what: `${name}, ${Math.round(bytes / 1000)} kB`,
    measured: `${ratio(share)} of the reference (${told(inits)})${first.length > 0 ? `; its first invocation ${told(first)}` : ''}`,
    target: `≤ ${most}`,
    met: share <= most,
  };
}

/** From a fresh Node to the exported handler, as Lambda's init is; CPU, as the wall is the machine's mood. */
export const bench: Bench = {
  name: 'cold',
  about: 'load each function as it is bundled, beside a bundle of the usual packages',
  needs: [],
  run: async ({ quick, scratch }) => {
    await using stack = new AsyncDisposableStack();
    const [aws, s3] = await Promise.all([startAwsServer({}), startS3Server()]);
    for (const server of [aws, s3]) stack.defer(() => server.close());
    const env = {
      ...environmentOf(aws.url),
      AWS_ENDPOINT_URL_S3: s3.url,
      LANDFALL_BUCKET: 'landfall',
      LANDFALL_BUS: 'landfall',
      LANDFALL_QUEUE_URL: `${aws.url}/${ACCOUNT}/landfall.fifo`,
    };
    const reference = await bundleText(REFERENCE, scratch);
    const bundles = await Promise.all(FUNCTIONS.map(({ name }) => bundleFunction(name, scratch)));
    const theirs: Took[] = [];
    const ours: Started[][] = FUNCTIONS.map(() => []);
    for (let round = 0; round <= (quick ? 3 : 21); round += 1) {
      const { init } = await start(reference.path, env);
      // The first of all pays for files that nobody had read.
      if (round > 0) theirs.push(init);
      for (const [at, { event }] of FUNCTIONS.entries()) {
        const started = await start(bundles[at]?.path ?? '', env, event);
        if (round > 0) ours[at]?.push(started);
      }
    }
    return [
      { what: `the reference, ${Math.round(reference.bytes / 1000)} kB`, measured: told(theirs) },
      ...FUNCTIONS.map((each, at) => figureOf(each, bundles[at]?.bytes ?? 0, ours[at] ?? [], theirs)),
    ];
  },
};
