import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startS3Server } from '../aws-stand-ins/s3/s3-server.ts';
import { formatCompiled } from '../shared/aws/configuration/compiled.ts';
import { TRIGGERS_VERSION } from '../shared/aws/configuration/triggers-in-force.ts';

import { TRIGGERS_KEY } from '../shared/store/layout.ts';
import { SECRET, webhook } from '../test/aws/support/url-event.ts';
import { ACCOUNT, environmentOf } from '../test/support/aws-server/aws-client-for.ts';
import { startAwsServer } from '../test/support/aws-server/aws-server.ts';
import { bundleFunction, bundleText } from '../test/support/lambda/bundle-function.ts';
import type { Bench, Figure } from './support/bench.ts';
import type { Took } from './support/cold-start.ts';
import { milliseconds, ratio } from './support/figures/format.ts';
import { median, pairedRatio } from './support/figures/statistics.ts';

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
  /** Of the reference's CPU: init and first invocation. */
  readonly most: number;
  /** What its first invocation is measured with. */
  readonly event?: unknown;
}

/**
 * `receive` reads what is in force and the secret, and queues a source; `poll` queues a sweep; the others open what they
 * work on, and find nothing to do.
 */
const FUNCTIONS: readonly Function[] = [
  { name: 'receive', most: 0.5, event: webhook({ repository: 'team/site', tag: 'stable' }) },
  { name: 'poll', most: 1, event: { time: '2026-11-21T09:01:00Z' } },
  { name: 'reconcile', most: 1, event: { Records: [] } },
  { name: 'deploy-site', most: 1, event: { Records: [] } },
  { name: 'collect', most: 1, event: {} },
  { name: 'documents', most: 1 },
];

const TRIGGERS = Buffer.from(
  formatCompiled({
    formatVersion: TRIGGERS_VERSION,
    sources: [
      {
        namespace: 'web',
        name: 'site',
        ref: { tag: 'stable' },
        intervalMs: 60_000,
        suspend: false,
        repository: { registry: 'registry.example', repository: 'team/site' },
      },
    ],
    receivers: [
      { name: 'ci', type: 'generic', registry: 'registry.example', secret: { secretsManager: 'webhook' } },
    ],
  }),
);

const DEPLOY = JSON.stringify({
  name: 'live',
  stack: 'Landfall',
  source: { namespace: 'web', name: 'site' },
  site: { bucket: 'landfall', prefix: 'site/' },
  immutable: [],
  cacheControl: 'no-cache',
});

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
  const firsts = ours.flatMap(({ first }) => first ?? []);
  const share = pairedRatio(
    ours.map(({ init, first }) => init.cpuMs + (first?.cpuMs ?? 0)),
    cpu(theirs),
  );
  const parts = [`init ${ratio(pairedRatio(cpu(inits), cpu(theirs)))}: ${told(inits)}`];
  if (firsts.length > 0) parts.push(`first invocation ${told(firsts)}`);
  return {
    what: `${name}, ${Math.round(bytes / 1000)} kB`,
    measured: `${ratio(share)} of the reference (${parts.join('; ')})`,
    target: `≤ ${most}`,
    met: share <= most,
  };
}

/** From a fresh Node to the end of the first invocation; CPU, as the wall is the machine's mood. */
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
      LANDFALL_DEPLOY: DEPLOY,
    };
    aws.secrets.set('webhook', SECRET);
    s3.bucket().put(TRIGGERS_KEY, { bytes: TRIGGERS, etag: '"x"', sha256: undefined, contentType: 'x' });
    // As anybody bundles it: what we know of Node's http, they need not.
    const reference = await bundleText(REFERENCE, scratch, { alias: {} });
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
