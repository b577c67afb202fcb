import { parseArgs } from 'node:util';
import { type CostLine, costOf, totalOf, type Workload } from './support/cost/cost.ts';
import { PRICES_AS_OF } from './support/cost/prices.ts';

/** What is taken where no flag says otherwise; docs/cost.md says how what runs was measured. What happens is an example. */
export const ASSUMED: Workload = {
  sources: 100,
  intervalMinutes: 5,
  revisions: 300,
  filesPerRevision: 100,
  webhooks: 300,
  subscriptions: 1,
  keptGigabytes: 5,
  secrets: 1,
  pollMs: 100,
  pollMsPerSource: 9,
  pollMemory: 256,
  pollGets: 2,
  tracedPercent: 0,
  dashboards: 0,
  receiveMs: 40,
  receiveMemory: 256,
  landMs: 3500,
  landMemory: 1769,
  landPuts: 9,
  landGets: 11,
  deployMs: 1000,
  deployMemory: 512,
  filesPerDeploy: 20,
  deployPuts: 9,
  deployGets: 7,
  deployLooks: 2880,
  deployLookMs: 500,
  logBytes: 1000,
};

/** `filesPerRevision` is `--files-per-revision`. */
const flagOf = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const amount = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 10 && !Number.isInteger(value) ? 2 : 0 });
const dollars = (usd: number): string => usd.toFixed(2);

/** The lines as a table of Markdown; what costs less than a cent is left out, but counted. */
export function formatCost(lines: readonly CostLine[]): string {
  const shown = lines.filter(({ usd }) => usd >= 0.005);
  const rows = shown.map(({ what, count, unit, usd }) => [what, `${amount(count)} ${unit}`, dollars(usd)]);
  const all = [
    ['a month', 'how much', 'USD'],
    ['---', '---', '---:'],
    ...rows,
    ['**all**', '', `**${dollars(totalOf(lines))}**`],
  ];
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** @throws Error naming a flag that is unknown or no number */
export function readWorkload(args: readonly string[]): Workload {
  const keys = Object.keys(ASSUMED) as (keyof Workload)[];
  const options = Object.fromEntries(keys.map((key) => [flagOf(key), { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...args], options });
  const given = keys.flatMap((key) => {
    const text = values[flagOf(key)];
    if (text === undefined) return [];
    const value = Number(text);
    if (!Number.isFinite(value) || value < 0 || text === '')
      throw new Error(`--${flagOf(key)}: ${text} is no amount`);
    return [[key, value] as const];
  });
  const workload = { ...ASSUMED, ...Object.fromEntries(given) };
  for (const key of ['intervalMinutes'] as const) {
    if (workload[key] === 0) throw new Error(`--${flagOf(key)} cannot be 0`);
  }
  return workload;
}

const usage = (): string =>
  [
    'node_modules/.bin/node bench/cost.ts [--sources 100] …: what a month on AWS costs.',
    '',
    ...Object.entries(ASSUMED).map(([key, value]) => `  --${flagOf(key).padEnd(24)} default ${value}`),
  ].join('\n');

if (import.meta.main) {
  try {
    const args = process.argv.slice(2);
    if (args.includes('--help')) console.log(usage());
    else console.log(`${formatCost(costOf(readWorkload(args)))}\n\nPrices: ${PRICES_AS_OF}. Check them.`);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage()}`);
    process.exitCode = 2;
  }
}
