import { LISTED_MS } from '../../../shared/aws/s3/sweep-cache.ts';
import { PRICES } from './prices.ts';

/** What an installation does, and what was measured of it. Times in milliseconds, memory in MB, by the month of 30 days. */
export interface Workload {
  readonly sources: number;
  readonly intervalMinutes: number;
  readonly revisions: number;
  readonly filesPerRevision: number;
  readonly webhooks: number;
  /** Deploys of a site, each with its queue, looks and alarms. */
  readonly subscriptions: number;
  readonly keptGigabytes: number;
  readonly secrets: number;
  /** What a poll takes whatever is due, and for each source that it asks about. */
  readonly pollMs: number;
  readonly pollMsPerSource: number;
  readonly pollMemory: number;
  readonly pollGets: number;
  /** Of each of a hundred invocations, those that X-Ray traces: 0 where tracing is off, as it is by default. */
  readonly tracedPercent: number;
  /** Dashboards: 1 where `dashboard` is set. */
  readonly dashboards: number;
  readonly receiveMs: number;
  readonly receiveMemory: number;
  readonly landMs: number;
  readonly landMemory: number;
  /** PUTs and LISTs of a revision beside those of its files: record, statuses, leases. */
  readonly landPuts: number;
  readonly landGets: number;
  readonly deployMs: number;
  readonly deployMemory: number;
  /** Files of a revision that changed in the folder of a site. */
  readonly filesPerDeploy: number;
  /** PUTs and LISTs of a deploy beside its files: ledger, list, leases. */
  readonly deployPuts: number;
  readonly deployGets: number;
  /** Of each deploy, whether what is current is applied. */
  readonly deployLooks: number;
  readonly deployLookMs: number;
  readonly logBytes: number;
}

export interface CostLine {
  readonly what: string;
  readonly count: number;
  readonly unit: string;
  readonly usd: number;
}

const MINUTES = 30 * 24 * 60;
const GB = 1e9;
/** Alarms and gauges of infra/ with documents of its own: see test/infra/alarms/cost.test.ts. What is counted now and then is a metric then alone. */
export const ALARMS = 15;
export const METRICS = 5;
/** What a construct of a site deploy has: infra/deploy/deploy-worker.ts. */
export const DEPLOY_ALARMS = 2;
export const DEPLOY_METRICS = 1;
/** What `notify` has where a stack has it: infra/notify/notify.ts. */
export const NOTIFY_ALARMS = 2;
/** Started, and how it went. */
const DEPLOY_EVENTS = 2;
/** S3 requests of a deploy that looks and has nothing to do, as test/aws-host/site.test.ts counts them. */
export const LOOK_PUTS = 2;
export const LOOK_GETS = 4;
/** An event source mapping asks an empty queue about this often, with the pollers it keeps: five, each for 20 s. */
export const EMPTY_RECEIVES = (5 * MINUTES * 60) / 20;

/** How often what runs in a month. */
export function runsOf({
  sources,
  intervalMinutes,
  revisions,
  webhooks,
  subscriptions,
  deployLooks,
}: Workload) {
  const looks = (sources * MINUTES) / intervalMinutes;
  const deploys = revisions * subscriptions;
  return {
    looks,
    polls: MINUTES,
    lands: revisions,
    deploys,
    webhooks,
    deployLooks: deployLooks * subscriptions,
  };
}

const compute = (runs: number, milliseconds: number, memory: number): number =>
  runs * ((milliseconds / 1000) * (memory / 1024) * PRICES.lambdaGbSecond + PRICES.lambdaRequest);

/** One request shows a thousand statuses; all are listed each ten minutes, and by the poll after a landing. */
function listsOf(
  { sources }: Workload,
  { polls, lands }: { readonly polls: number; readonly lands: number },
): number {
  const listings = Math.min(polls, (MINUTES * 60_000) / LISTED_MS + lands);
  return listings * Math.ceil(sources / 1000);
}

/** What a month costs, line by line; requests of Lambda are in its lines. */
export function costOf(workload: Workload): readonly CostLine[] {
  const { looks, polls, lands, deploys, deployLooks, webhooks } = runsOf(workload);
  const { subscriptions } = workload;
  const invocations = polls + lands + deploys + deployLooks + webhooks;
  const line = (what: string, count: number, unit: string, price: number): CostLine => ({
    what,
    count,
    unit,
    usd: count * price,
  });
  const run = (what: string, runs: number, milliseconds: number, memory: number): CostLine => ({
    what,
    count: runs,
    unit: 'runs',
    usd: compute(runs, milliseconds, memory),
  });
  const landed = lands * (workload.filesPerRevision + workload.landPuts);
  const books = deploys * workload.deployPuts + deployLooks * LOOK_PUTS;
  const puts = landed + listsOf(workload, { polls, lands }) + deploys * workload.filesPerDeploy + books;
  const looked = polls * workload.pollGets + deployLooks * LOOK_GETS;
  const gets = looked + lands * workload.landGets + deploys * workload.deployGets;
  const written = landed + books;
  const messages = lands + webhooks;
  return [
    run('polls', polls, workload.pollMs + (workload.pollMsPerSource * looks) / polls, workload.pollMemory),
    run('webhooks', webhooks, workload.receiveMs, workload.receiveMemory),
    run('revisions landed', lands, workload.landMs, workload.landMemory),
    run('deploys', deploys, workload.deployMs, workload.deployMemory),
    run('deploys that find nothing to do', deployLooks, workload.deployLookMs, workload.deployMemory),
    line('S3 PUT and LIST', puts, 'requests', PRICES.s3Put),
    line('S3 GET', gets, 'requests', PRICES.s3Get),
    line("S3's events of what is written", written, 'events', PRICES.event),
    line('S3 storage', workload.keptGigabytes, 'GB', PRICES.s3GbMonth),
    line('SQS, triggers', messages * 3 + EMPTY_RECEIVES, 'requests', PRICES.sqsFifoRequest),
    line(
      'SQS, subscriptions',
      (deploys + deployLooks) * 3 + subscriptions * EMPTY_RECEIVES,
      'requests',
      PRICES.sqsStandardRequest,
    ),
    line('events of Landfall', lands + deploys * DEPLOY_EVENTS, 'events', PRICES.event),
    line('logs', (invocations * workload.logBytes) / GB, 'GB', PRICES.logGb),
    line('X-Ray', (invocations * workload.tracedPercent) / 100, 'traces', PRICES.trace),
    line('alarms', ALARMS + subscriptions * DEPLOY_ALARMS, 'alarms', PRICES.alarmMonth),
    line('metrics', METRICS + subscriptions * DEPLOY_METRICS, 'metrics', PRICES.metricMonth),
    line('dashboard', workload.dashboards, 'dashboards', PRICES.dashboardMonth),
    line('secrets', workload.secrets, 'secrets', PRICES.secretMonth),
  ];
}

/** What is there whatever happens. */
const FIXED: ReadonlySet<string> = new Set(['alarms', 'metrics', 'dashboard', 'secrets']);

export const runningOf = (lines: readonly CostLine[]): number =>
  totalOf(lines.filter(({ what }) => !FIXED.has(what)));

export const totalOf = (lines: readonly CostLine[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);
