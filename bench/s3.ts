import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DockerRegistry, startDockerRegistry } from '../test/support/servers/docker-registry.ts';
import { type CorpusFile, smallFiles } from './support/artifacts/corpus.ts';
import { type Published, publish } from './support/artifacts/publish.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { GNU_TIME, quoted } from './support/command.ts';
import { megabytes, ratio, seconds } from './support/figures/format.ts';
import { median, pairedRatio } from './support/figures/statistics.ts';
import { missingOf } from './support/programs.ts';
import { bundleLanding, sourceAt } from './support/s3/landing.ts';
import { MOTO, startMoto } from './support/s3/moto.ts';
import { type S3Arena, type S3Contender, type S3Cost, s3Contest } from './support/s3/s3-contest.ts';
import { BENCH_BUCKET, startS3StandIn } from './support/s3/s3-stand-in.ts';
import { sharedFigures } from './support/s3/shared-revision.ts';

const execute = promisify(execFile);
const AWS = 'aws';
const OURS = 'landfall: registry to S3';
const PACKED = 'landfall: registry to S3, layout: pack';
const SYNC = 'aws s3 sync of a folder that is there';
const RCLONE = 'rclone copy of a folder that is there';
/** Of others that copy a folder which is there already. */
const SHARES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  [OURS]: { [SYNC]: 0.06, [RCLONE]: 0.8 },
  [PACKED]: { [SYNC]: 0.02, [RCLONE]: 0.3 },
};
const RSS_BYTES = 256e6;
/** As S3 has; 0 shows what the programs themselves take. */
const LATENCIES = [0, 10];

const syncOf = (folder: string): string =>
  `${AWS} s3 sync --only-show-errors ${quoted(folder)} s3://${BENCH_BUCKET}/files/`;

interface Ring {
  readonly published: Published;
  readonly registry: DockerRegistry;
  /** The same files, unpacked before. */
  readonly unpacked: string;
  readonly bundle: string;
}

const pullTo = (
  { published: { repository, tag }, registry }: Omit<Ring, 'unpacked'>,
  folder: string,
): string =>
  `cd ${quoted(folder)}
  skopeo copy --quiet --src-tls-verify=false docker://${registry.host}/${repository}:${tag} oci:layout:v1
  umoci raw unpack --rootless --image layout:v1 out`;

function contenders(ring: Ring): readonly S3Contender[] {
  const { published, registry, unpacked, bundle } = ring;
  const source = sourceAt(`oci://${registry.host}/${published.repository}`, published.tag);
  const packed = { ...source, unpack: { ...source.unpack, layout: 'pack' } };
  return [
    { name: OURS, command: () => [process.execPath, bundle, JSON.stringify({ source })] },
    // A pack at least, and the record.
    {
      name: PACKED,
      objects: 2,
      command: () => [process.execPath, bundle, JSON.stringify({ source: packed })],
    },
    // With four at once, as it does by default, it would wait most of its time.
    ...(missingOf(['rclone']).length > 0
      ? []
      : [
          {
            name: RCLONE,
            command: (): readonly [string, ...string[]] => [
              'env',
              // It reads files once, and HTTP has nowhere to put a sum at the end.
              ...['AWS_REQUEST_CHECKSUM_CALCULATION=when_required', 'rclone', 'copy'],
              ...['--transfers', '64', '--checkers', '64', '--s3-no-check-bucket', '--config', '/dev/null'],
              ...['--s3-provider', 'AWS', '--s3-use-unsigned-payload=true', '--s3-env-auth', unpacked],
              `:s3:${BENCH_BUCKET}/files`,
            ],
          },
        ]),
    { name: SYNC, command: () => ['sh', '-ec', syncOf(unpacked)] },
    {
      name: 'skopeo copy + umoci raw unpack + aws s3 sync',
      command: (folder) => ['sh', '-ec', `${pullTo(ring, folder)}\n${syncOf(join(folder, 'out'))}`],
    },
  ];
}

const wallsOf = (costs: readonly S3Cost[] = []): readonly number[] => costs.map(({ wallMs }) => wallMs);

/** The part of the time that the S3 was at work on a core of its own: where it nears 1, it is what is measured. */
function busyText(costs: readonly S3Cost[]): string {
  const shares = costs.flatMap(({ s3CpuMs, wallMs }) => (s3CpuMs === undefined ? [] : [s3CpuMs / wallMs]));
  return shares.length === 0 ? '' : `; the S3 was busy for ${ratio(median(shares))} of it`;
}

function toFigures(
  where: string,
  costs: ReadonlyMap<string, readonly S3Cost[]>,
  isJudged: boolean,
): Figure[] {
  const figures = [...costs].map(([name, list]): Figure => {
    const wall = seconds(median(wallsOf(list)));
    const cpu = seconds(median(list.map(({ cpuMs }) => cpuMs)));
    const rss = megabytes(Math.max(...list.map(({ rssBytes }) => rssBytes)));
    const measured = `${wall} wall, ${cpu} CPU, ${rss} peak${busyText(list)}`;
    return { what: `${where}: ${name}`, measured };
  });
  const shares = Object.entries(SHARES).flatMap(([name, most]) =>
    Object.entries(most).flatMap(([base, wanted]): readonly Figure[] => {
      const [list, theirs] = [costs.get(name), costs.get(base)];
      if (list === undefined || theirs === undefined) return [];
      const share = pairedRatio(wallsOf(list), wallsOf(theirs));
      return [
        {
          what: `${where}: ${name}, of ${base}`,
          measured: share.toFixed(3),
          ...(isJudged && { target: `≤ ${wanted}`, met: share <= wanted }),
        },
      ];
    }),
  );
  const peak = Math.max(...(costs.get(OURS) ?? []).map(({ rssBytes }) => rssBytes));
  const memory = { what: `${where}: ${OURS}: peak memory`, measured: megabytes(peak) };
  return [...figures, ...shares, { ...memory, target: `≤ ${megabytes(RSS_BYTES)}`, met: peak <= RSS_BYTES }];
}

async function onStandIn(ring: Ring, files: number, context: BenchContext): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const latencyMs of LATENCIES) {
    await using s3 = await startS3StandIn({ latencyMs });
    const settle: S3Arena['settle'] = async (least = files) => {
      const { objects, cpuMs } = await s3.empty();
      if (objects < least) throw new Error(`${objects} objects are there, of ${least}`);
      return { cpuMs };
    };
    const arena: S3Arena = { endpoint: s3.url, settle };
    const costs = await s3Contest(contenders(ring), arena, { ...context, rounds: context.quick ? 1 : 3 });
    figures.push(...toFigures(`${files} files, ${latencyMs} ms a request`, costs, true));
  }
  return figures;
}

/** moto itself is the slowest of all: it shows that all arrives at another S3, too, and no more. */
async function onMoto(ring: Ring, files: number, context: BenchContext): Promise<readonly Figure[]> {
  if (missingOf([MOTO]).length > 0) {
    context.say(`no ${MOTO}: no second S3`);
    return [];
  }
  await using moto = await startMoto();
  const settle = async (): Promise<{ readonly cpuMs: undefined }> => {
    await moto.reset();
    return { cpuMs: undefined };
  };
  const pair = contenders(ring).filter(({ name }) => [OURS, SYNC].includes(name));
  const costs = await s3Contest(pair, { endpoint: moto.url, settle }, { ...context, rounds: 1 });
  return toFigures(`${files} files, ${MOTO}`, costs, false);
}

async function setUp(
  files: readonly CorpusFile[],
  { registry, scratch }: { readonly registry: DockerRegistry; readonly scratch: string },
): Promise<Ring> {
  const published = await publish(files, { name: 'small' }, { registry, scratch });
  const bundle = await bundleLanding(scratch);
  await execute('sh', ['-ec', pullTo({ published, registry, bundle }, scratch)]);
  return { published, registry, bundle, unpacked: join(scratch, 'out') };
}

/** Whole processes, from docker-registry into the stand-in of the tests and, where it is installed, into moto. */
export const bench: Bench = {
  name: 's3',
  about: 'land small files in S3, beside aws s3 sync and rclone',
  needs: ['docker-registry', 'skopeo', 'umoci', AWS, GNU_TIME],
  run: async (context) => {
    await using registry = await startDockerRegistry();
    const files = smallFiles(context.quick ? 500 : 5_000);
    const ring = await setUp(files, { registry, scratch: context.scratch });
    return [
      ...(await onStandIn(ring, files.length, context)),
      ...(await onMoto(ring, files.length, context)),
      ...(await sharedFigures(files, ring, context)),
    ];
  },
};
