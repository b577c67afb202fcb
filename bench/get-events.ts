import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventsFolder, segmentPath } from '../shared/event/event-segments.ts';
import { EVENT_SEGMENT_BYTES, MiB } from '../shared/limits.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { type Cost, GNU_TIME, measureCommand, quoted } from './support/command.ts';
import { megabytes, seconds } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';

const LANDFALL = fileURLToPath(new URL('../bin/landfall', import.meta.url));
const LINES = 1_000_000;
/** An event of every second, the last one here. */
const END_MS = Date.UTC(2026, 11, 1);
const RSS_BYTES = 200 * MiB;
const FIRST_MS = 1_000;
/** Filtering parses what the words are in, and no more. */
const GREP_RATIO = 12;

const REVISION = `1.0.0@sha256:${'0'.repeat(64)}`;

/** About 265 bytes, as most are: of a deploy or a failure. */
function lineOf(at: number, lines: number): string {
  const time = new Date(END_MS - (lines - at) * 1000).toISOString();
  const name = `app-${at % 1000}`;
  const id = `web/${name}@${Math.floor(at / 1000)}`;
  const type = at % 500 === 0 ? 'Deploy Failed' : 'Deploy Started';
  const detail = { namespace: 'web', name, revision: REVISION, failure: { code: 'DEPLOY_FAILED' } };
  return `${JSON.stringify({ version: '0', id, source: 'landfall', 'detail-type': type, time, detail })}\n`;
}

function writeLog(root: string, lines: number): void {
  mkdirSync(eventsFolder(root), { recursive: true });
  writeFileSync(join(root, 'landfall.json'), '{"formatVersion":1}\n');
  let segment = 1;
  let bytes = 0;
  let file = openSync(segmentPath(root, segment), 'w');
  for (let at = 0; at < lines; at += 1_000) {
    const batch = Array.from({ length: 1_000 }, (_, each) => lineOf(at + each, lines)).join('');
    bytes += writeSync(file, batch);
    if (bytes < EVENT_SEGMENT_BYTES) continue;
    closeSync(file);
    segment += 1;
    bytes = 0;
    file = openSync(segmentPath(root, segment), 'w');
  }
  closeSync(file);
}

const figure = (what: string, measured: string, target: string, met: boolean): Figure => ({
  what,
  measured,
  target,
  met,
});

async function run({ quick, scratch, say }: BenchContext): Promise<readonly Figure[]> {
  const root = join(scratch, 'store');
  const lines = quick ? 50_000 : LINES;
  writeLog(root, lines);
  const shell = (command: string): Promise<Cost> => measureCommand('/bin/sh', ['-c', command], { scratch });
  const get = (options: string): string =>
    `${quoted(LANDFALL)} get events --store ${quoted(root)} ${options}`;
  say(`${lines} events`);
  // What has just been written is still on its way to the disk at the first.
  const firsts = [];
  for (let count = 0; count < 3; count += 1) firsts.push(await shell(`${get('')} | head -1`));
  const firstMs = median(firsts.map(({ wallMs }) => wallMs));
  const all = await shell(`${get('--json')} | tail -1`);
  const grep = await shell(`cat ${quoted(eventsFolder(root))}/* | grep '"Deploy Failed"' | tail -1`);
  const filtered = await shell(`${get('--type deploy-failed')} | tail -1`);
  const since = new Date(END_MS - 60_000).toISOString();
  const recent = await shell(`${get(`--since ${since}`)} | tail -1`);
  const last = await shell(`${get('-n 20')} | tail -1`);
  const ratio = filtered.cpuMs / Math.max(1, grep.cpuMs);
  return [
    figure('first line, | head -1', seconds(firstMs), `≤ ${seconds(FIRST_MS)}`, firstMs <= FIRST_MS),
    figure(
      'memory, --json of all',
      megabytes(all.rssBytes),
      `≤ ${megabytes(RSS_BYTES)}`,
      all.rssBytes <= RSS_BYTES,
    ),
    { what: 'CPU, --json of all', measured: seconds(all.cpuMs) },
    figure(
      '--type deploy-failed, CPU beside cat | grep',
      `${seconds(filtered.cpuMs)} / ${seconds(grep.cpuMs)} = ${ratio.toFixed(1)}`,
      `≤ ${GREP_RATIO}`,
      ratio <= GREP_RATIO,
    ),
    figure(
      '--since a minute ago',
      seconds(recent.wallMs),
      `≤ ${seconds(FIRST_MS)}`,
      recent.wallMs <= FIRST_MS,
    ),
    figure('-n 20', seconds(last.wallMs), `≤ ${seconds(FIRST_MS)}`, last.wallMs <= FIRST_MS),
  ];
}

export const bench: Bench = {
  name: 'get-events',
  about: 'a log of 1,000,000 events, listed',
  needs: [GNU_TIME],
  run,
};
