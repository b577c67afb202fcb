import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventsFolder, segmentPath } from '../shared/event/event-segments.ts';
import { EVENT_SEGMENT_BYTES } from '../shared/limits.ts';
import { isInstalled } from '../test/support/programs/tool.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { type Cost, GNU_TIME, measureCommand, quoted } from './support/command.ts';
import { megabytes, seconds } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';

const LANDFALL = fileURLToPath(new URL('../bin/landfall', import.meta.url));
const LINES = 1_000_000;
/** An event of every second, the last one here. */
const END_MS = Date.UTC(2026, 11, 1);
const RSS_BYTES = 200e6;
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

/** A wait is also what others had to do; what was done is the CPU. */
const waited = ({ wallMs, cpuMs }: Cost): string => `${seconds(wallMs)} (${seconds(cpuMs)} CPU)`;

const atOnce = (what: string, cost: Cost, peer: Cost): Figure =>
  figure(what, `${waited(cost)}; ${waited(peer)}`, `≤ ${seconds(FIRST_MS)}`, cost.wallMs <= FIRST_MS);

async function run({ quick, scratch, say }: BenchContext): Promise<readonly Figure[]> {
  const root = join(scratch, 'store');
  const lines = quick ? 50_000 : LINES;
  writeLog(root, lines);
  const shell = (command: string): Promise<Cost> => measureCommand('/bin/sh', ['-c', command], { scratch });
  // What has just been written is still on its way to the disk at the first.
  const thrice = async (command: string): Promise<Cost> => {
    const costs = [await shell(command), await shell(command), await shell(command)];
    const medianOf = (part: keyof Cost): number => median(costs.map((cost) => cost[part]));
    return { wallMs: medianOf('wallMs'), cpuMs: medianOf('cpuMs'), rssBytes: medianOf('rssBytes') };
  };
  const get = (options: string): string =>
    `${quoted(LANDFALL)} get events --store ${quoted(root)} ${options}`;
  const log = `cat ${quoted(eventsFolder(root))}/*`;
  const tail = (count: number): string =>
    `tail -n ${count} "$(ls -d ${quoted(eventsFolder(root))}/* | tail -1)"`;
  const since = new Date(END_MS - 60_000).toISOString();
  say(`${lines} events`);
  const first = await thrice(`${get('')} | head -1`);
  const text = await shell(`${get('')} | tail -1`);
  const all = await shell(`${get('--json')} | tail -1`);
  const jq = isInstalled('jq') ? await shell(`${log} | jq . | tail -1`) : undefined;
  const grep = await shell(`${log} | grep '"Deploy Failed"' | tail -1`);
  const filtered = await shell(`${get('--type deploy-failed')} | tail -1`);
  const nobodys = await shell(`${get('--namespace nobody')} 2>&1 | tail -1`);
  const ratio = filtered.cpuMs / Math.max(1, grep.cpuMs);
  return [
    atOnce('first line, | head -1; cat | head -1', first, await thrice(`${log} | head -1`)),
    figure(
      'memory, --json of all',
      megabytes(all.rssBytes),
      `≤ ${megabytes(RSS_BYTES)}`,
      all.rssBytes <= RSS_BYTES,
    ),
    {
      what: 'CPU, all as text, as --json; cat | jq .',
      measured: `${seconds(text.cpuMs)}, ${seconds(all.cpuMs)}; ${jq === undefined ? 'no jq' : seconds(jq.cpuMs)}`,
    },
    figure(
      '--type deploy-failed, CPU beside cat | grep',
      `${seconds(filtered.cpuMs)} / ${seconds(grep.cpuMs)} = ${ratio.toFixed(1)}`,
      `≤ ${GREP_RATIO}`,
      ratio <= GREP_RATIO,
    ),
    { what: '--namespace of which there is none', measured: waited(nobodys) },
    atOnce(
      '--since a minute ago; tail -n 60',
      await thrice(`${get(`--since ${since}`)} | tail -1`),
      await thrice(tail(60)),
    ),
    atOnce('-n 20; tail -n 20', await thrice(`${get('-n 20')} | tail -1`), await thrice(tail(20))),
    atOnce(
      '-n 20 since then, of a type there is none of; tail -n 60 | grep',
      await thrice(`${get(`-n 20 --since ${since} --type deploy-waiting`)} | tail -1`),
      await thrice(`${tail(60)} | grep '"Deploy Waiting"' | tail -n 20`),
    ),
  ];
}

export const bench: Bench = {
  name: 'get-events',
  about: 'a log of 1,000,000 events, listed',
  needs: [GNU_TIME],
  run,
};
