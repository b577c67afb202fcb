import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { S3Root } from '../shared/aws/s3/root.ts';
import { s3SiteBucket } from '../shared/aws/s3/site/site-bucket.ts';
import { uploadedFrom } from '../shared/aws/s3/site/site-upload.ts';
import { deploySite } from '../shared/deploy/site/site-deployer.ts';
import { switchSite } from '../shared/deploy/site/site-switch.ts';
import { inPathOrder } from '../shared/kernel/byte-order.ts';
import type { ArtifactRecord } from '../shared/model/artifact-record.ts';
import { parseDigest } from '../shared/oci/digest.ts';
import { openMemoryStore } from '../shared/store/memory/memory-store.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { ratio } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';
import { rootAt } from './support/s3/s3-root.ts';
import { BENCH_BUCKET, environmentFor, type S3Count, startS3StandIn } from './support/s3/s3-stand-in.ts';

const run = promisify(execFile);
const DIGEST = parseDigest(`sha256:${'5'.repeat(64)}`);
const SOURCE = { namespace: 'bench', name: 'site' };
const SETTINGS = { immutable: [], cacheControl: 'no-cache' };
const BYTES = 2_048;
/** One of so many files changes. */
const EVERY = 100;
const TARGET = 0.1;
const ROUNDS = 5;
/** S3 takes ten and more. */
const LATENCIES_MS = [0, 10] as const;

const pathOf = (at: number): string => `pages/${at % 50}/file-${at}.html`;
const textOf = (at: number, generation: number): string =>
  `${at} ${at % EVERY === 0 ? generation : 1} `.padEnd(BYTES - (at % EVERY === 0 ? generation : 0), '.');

/** Files of a generation in a folder, as a store of this machine has them, and the commit record of them. */
async function writeSite(root: string, count: number, generation: number): Promise<ArtifactRecord> {
  const files = [];
  for (let at = 0; at < count; at += 1) {
    const [path, text] = [pathOf(at), textOf(at, generation)];
    files.push({ path, size: text.length, sha256: hash('sha256', text), mode: 0o644 });
    if (generation > 1 && at % EVERY !== 0) continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const [digest, manifest, contentDigest] = [DIGEST, DIGEST, DIGEST];
  const about = { mediaType: 'm', artifactType: null, annotations: {}, size: 0, layers: [], links: [] };
  const facts = { formatVersion: 1, digest, manifest, contentDigest, variant: 'default', ...about } as const;
  return { ...facts, files: inPathOrder(files) };
}

function openDeploys(root: S3Root, folder: string) {
  const { objects } = openMemoryStore({ now: Date.now, sleep: async () => undefined });
  const artifacts = { open: async (_: unknown, path: string) => createReadStream(join(folder, path)) };
  const put = uploadedFrom(artifacts, { digest: DIGEST, variant: 'default' });
  const bucketAt = (prefix: string) => s3SiteBucket({ site: { ...root, prefix }, put, owner: 'bench' });
  const deps = { settings: SETTINGS, objects, assertHeld: () => undefined };
  let current: string | undefined;
  const key = {
    read: async () => current,
    isInForce: async () => true,
    move: async (value: string) => {
      current = value;
    },
  };
  const requestOf = (deploy: string, record: ArtifactRecord, generation: number) => {
    const { signal } = new AbortController();
    return { deploy, source: SOURCE, record, path: undefined, generation, signal };
  };
  return {
    deploy: (record: ArtifactRecord, generation: number) =>
      deploySite(requestOf('files', record, generation), { ...deps, site: bucketAt('ours/') }),
    move: (record: ArtifactRecord, generation: number) =>
      switchSite(requestOf('switch', record, generation), {
        ...deps,
        prefix: 'switched/',
        place: 'switched',
        key,
        releaseAt: (release) => bucketAt(`switched/${release}`),
      }),
  };
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [milliseconds: number, result: T]> {
  const begun = performance.now();
  const result = await work();
  return [performance.now() - begun, result];
}

/** Rounds beside `aws s3 sync` of the same folder, then a release that is there already. */
async function contest(latencyMs: number, { quick, scratch, say }: BenchContext): Promise<readonly Figure[]> {
  const count = quick ? 500 : 5_000;
  const folder = join(scratch, `site-${latencyMs}`);
  await using s3 = await startS3StandIn({ latencyMs });
  const env = { ...process.env, ...environmentFor(s3.url) };
  const sync = () =>
    run('aws', ['s3', 'sync', folder, `s3://${BENCH_BUCKET}/theirs/`, '--only-show-errors'], { env });
  const { deploy, move } = openDeploys(rootAt(s3.url), folder);
  const first = await writeSite(folder, count, 1);
  await deploy(first, 1);
  await move(first, 1);
  await sync();
  say(`${count} files are there, ${latencyMs} ms a request`);
  const [mine, others]: [number[], number[]] = [[], []];
  let told: { put: number; requests: S3Count['requests']; synced: S3Count['requests'] } | undefined;
  for (let generation = 2; generation < 2 + ROUNDS; generation += 1) {
    const next = await writeSite(folder, count, generation);
    await s3.count();
    const [ours, { put }] = await timed(() => deploy(next, generation));
    const { requests } = await s3.count();
    const [theirs] = await timed(sync);
    told = { put, requests, synced: (await s3.count()).requests };
    mine.push(ours);
    others.push(theirs);
  }
  if (told === undefined) throw new Error('no round was run');
  const { put, requests, synced } = told;
  const [ours, theirs] = [median(mine), median(others)];
  const second = await writeSite(folder, count, 2);
  await move(second, 2);
  await s3.count();
  const [back, moved] = await timed(() => move(first, 3));
  const switched = (await s3.count()).requests;
  const share = ours / theirs;
  return [
    {
      what: `${count} files, 1 % changed, ${latencyMs} ms a request: time`,
      measured: `${Math.round(ours)} ms, ${ratio(share)} of aws s3 sync (${Math.round(theirs)} ms)`,
      target: `<= ${TARGET}`,
      met: share <= TARGET,
    },
    { what: 'files put', measured: `${put}`, target: `= ${count / EVERY}`, met: put === count / EVERY },
    { what: 'requests', measured: JSON.stringify(requests) },
    { what: 'requests of aws s3 sync', measured: JSON.stringify(synced) },
    {
      what: `switch to a release of ${moved.unchanged} files that is there`,
      measured: `${Math.round(back)} ms, ${JSON.stringify(switched)} in the bucket`,
      target: 'no request in the bucket',
      met: Object.keys(switched).length === 0,
    },
  ];
}

/** Files that change by 1 %, beside `aws s3 sync` of the same folder; and a release that is there already. */
export const bench: Bench = {
  name: 'site',
  about: 'a site of small files of which 1 % change, beside aws s3 sync',
  needs: ['aws'],
  run: async (context) => {
    const figures: Figure[] = [];
    for (const latencyMs of LATENCIES_MS) figures.push(...(await contest(latencyMs, context)));
    return figures;
  },
};
