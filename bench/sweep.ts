import { EMPTY_COMPILED, formatCompiled } from '../shared/aws/configuration/compiled.ts';
import { putDocument } from '../shared/aws/configuration/source-bucket.ts';
import { CONFIGURATION_KEY, documentKey } from '../shared/store/layout.ts';
import { bundleFunction } from '../test/support/lambda/bundle-function.ts';
import { type Installation, installationFor } from '../test/support/lambda/installation.ts';
import { type LambdaProcess, startLambda } from '../test/support/lambda/lambda-process.ts';
import { sourceOf } from '../test/support/stores/memory-sources.ts';
import { plantTiny } from './support/artifacts/tiny-artifact.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { megabytes, milliseconds } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 21, 9);
/** As infra/function/functions.ts has them. */
const MEMORY_MB = { poll: 256, reconcile: 1769 } as const;
const POLL_BYTES = 256e6;
const SWEPT = 100;
const SWEEP_S3 = 10;
/** What the stand-ins take to answer, about as S3 and a registry elsewhere. */
const S3_MS = 10;
const REGISTRY_MS = 100;

interface Machine extends Installation {
  readonly start: (name: 'poll' | 'reconcile') => Promise<LambdaProcess>;
  /** Lets a minute pass and polls; milliseconds from the invocation to its answer. */
  readonly poll: (poll: LambdaProcess) => Promise<number>;
}

/** An installation whose functions are the bundles that are deployed, each in a process of its own. */
async function openMachine(
  stack: AsyncDisposableStack,
  { scratch }: Pick<BenchContext, 'scratch'>,
): Promise<Machine> {
  let now = START_MS;
  const lifetime = { after: (undo: () => unknown) => stack.defer(async () => void (await undo())) };
  const installation = await installationFor(lifetime, () => now, S3_MS);
  return {
    ...installation,
    start: async (name) =>
      startLambda(lifetime, (await bundleFunction(name, scratch)).path, installation.env, {
        memoryMb: MEMORY_MB[name],
      }),
    poll: async (poll) => {
      now += MINUTE_MS;
      const begun = performance.now();
      await poll.invoke({ time: new Date(now).toISOString() });
      return performance.now() - begun;
    },
  };
}

/** The configuration has nothing but sources that are all due each minute. */
async function pollMany(context: BenchContext): Promise<readonly Figure[]> {
  await using stack = new AsyncDisposableStack();
  const machine = await openMachine(stack, context);
  const count = context.quick ? 1_000 : 10_000;
  const sources = Array.from({ length: count }, (_, at) =>
    sourceOf({ namespace: `team-${at % 100}`, name: `source-${at}`, intervalMs: MINUTE_MS }),
  );
  await machine.store.objects.putIfAbsent(
    CONFIGURATION_KEY,
    formatCompiled({
      ...EMPTY_COMPILED,
      files: { 'a.yaml': { sources, credentials: [], receivers: [], deploys: [], notify: [] } },
    }),
  );
  const poll = await machine.start('poll');
  const first = await machine.poll(poll);
  const warm: number[] = [];
  let messages = machine.queue.messages;
  for (let at = 0; at < (context.quick ? 2 : 10); at += 1) {
    const before = new Set(machine.queue.messages);
    warm.push(await machine.poll(poll));
    messages = machine.queue.messages.filter((message) => !before.has(message));
  }
  const due = messages.flatMap(({ body }) => (JSON.parse(body) as { sweep?: string[] }).sweep ?? ['one']);
  const peak = poll.peakBytes;
  const measured = `${due.length} due, in ${messages.length} messages; ${milliseconds(first)} the first time, then ${milliseconds(median(warm))}`;
  return [
    {
      what: `poll of ${count} sources, one invocation`,
      measured,
      target: 'all due',
      met: due.length > count * 0.9,
    },
    {
      what: `poll of ${count} sources: peak memory`,
      measured: megabytes(peak),
      target: `≤ ${megabytes(POLL_BYTES)}`,
      met: peak <= POLL_BYTES,
    },
  ];
}

async function landAll(machine: Machine, reconcile: LambdaProcess): Promise<void> {
  const { registry, store, queue } = machine;
  const names = Array.from({ length: SWEPT }, (_, at) => `app-${String(at).padStart(3, '0')}`);
  for (const name of names)
    await plantTiny(registry.content, { repository: `team/${name}`, tag: 'v1', text: name });
  const sources = names.map((name) => ({
    namespace: 'team',
    name,
    url: `oci://${registry.host}/team/${name}`,
    ref: { tag: 'v1' },
    interval: '1m',
  }));
  const credentials = [{ registry: registry.host, plainHttp: true }];
  await putDocument({ file: 'bench.yaml', text: JSON.stringify({ sources, credentials }) }, store.objects);
  const detail = { bucket: { name: 'landfall' }, object: { key: documentKey('bench.yaml') } };
  const event = { version: '0', id: 'bench', account: '0', region: 'eu-central-1', source: 'aws.s3', detail };
  const body = JSON.stringify({ ...event, 'detail-type': 'Object Created' });
  queue.send({ body, groupId: 'documents', deduplicationId: 'bench' });
  await machine.deliver(reconcile, { remainingMs: 600_000 });
}

interface PollRun {
  readonly registry: number;
  readonly s3: Readonly<Record<string, number>>;
  readonly wallMs: number;
}

async function pollOnce(machine: Machine, poll: LambdaProcess): Promise<PollRun> {
  machine.s3.forget();
  machine.registry.requests.reset();
  const wallMs = await machine.poll(poll);
  const s3: Record<string, number> = {};
  for (const { operation } of machine.s3.served) s3[operation] = (s3[operation] ?? 0) + 1;
  return { registry: machine.registry.requests.count(), s3, wallMs };
}

const sumOf = (requests: Readonly<Record<string, number>>): number =>
  Object.values(requests).reduce((sum, count) => sum + count, 0);

function toFigure(what: string, { registry, s3, wallMs }: PollRun, peak: number): Figure {
  const s3Text = Object.entries(s3).map(([operation, count]) => `${count} ${operation}`);
  return {
    what: `poll of ${SWEPT} unchanged sources, ${what}`,
    measured: `${registry} requests to the registry, ${sumOf(s3)} to S3 (${s3Text.join(', ')}), ${milliseconds(wallMs)}, ${megabytes(peak)} peak`,
    target: `≤ ${SWEPT}, ≤ ${SWEEP_S3}`,
    met: registry <= SWEPT && sumOf(s3) <= SWEEP_S3,
  };
}

async function pollUnchanged(context: BenchContext): Promise<readonly Figure[]> {
  await using stack = new AsyncDisposableStack();
  const machine = await openMachine(stack, context);
  const reconcile = await machine.start('reconcile');
  await landAll(machine, reconcile);
  context.say(`${SWEPT} sources landed: ${megabytes(reconcile.peakBytes)} peak`);
  machine.registry.faults.add({ path: /^\/v2\// }, { kind: 'delay', milliseconds: REGISTRY_MS });
  // The facts that all later polls begin with are kept by the first.
  await pollOnce(machine, await machine.start('poll'));
  const fresh = await machine.start('poll');
  const started = await pollOnce(machine, fresh);
  const warm: PollRun[] = [];
  for (let at = 0; at < (context.quick ? 3 : 9); at += 1) warm.push(await pollOnce(machine, fresh));
  const middle = warm.toSorted((one, other) => one.wallMs - other.wallMs)[Math.floor(warm.length / 2)];
  return [
    toFigure('by a process that has just started', started, fresh.peakBytes),
    toFigure('by one that has polled before', middle ?? started, fresh.peakBytes),
  ];
}

/** The functions as they are deployed, over stand-ins that take as long as S3 and a registry elsewhere. */
export const bench: Bench = {
  name: 'sweep',
  about: `polls on AWS; S3 answers after ${S3_MS} ms, the registry after ${REGISTRY_MS}`,
  needs: [],
  run: async (context) => [...(await pollMany(context)), ...(await pollUnchanged(context))],
};
