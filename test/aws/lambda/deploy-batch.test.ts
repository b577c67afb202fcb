import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DeployBatchDeps, deployBatch } from '../../../functions/lambda/deploys/deploy-batch.ts';
import { readDeployMessage } from '../../../functions/lambda/deploys/deploy-message.ts';
import type { DeployOutcome } from '../../../shared/deploy/visit/deploy-request.ts';
import { type ErrorCode, LandfallError } from '../../../shared/errors.ts';
import { sampleEvent, sampleRevision } from '../../event/samples.ts';

const EVENT = JSON.stringify(sampleEvent(1));
const APPLIED: DeployOutcome = { outcome: 'applied', revision: sampleRevision(3) };
const LOOK = JSON.stringify({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} });

const failure = (code: ErrorCode): DeployOutcome => ({
  outcome: 'failed',
  error: new LandfallError(code, 'by plan'),
});

interface Seen {
  readonly failed: readonly string[];
  /** Seconds until each message comes back. */
  readonly waits: readonly number[];
  readonly metrics: readonly string[];
  readonly releases: number;
  readonly applied: number;
}

async function take(
  bodies: readonly string[],
  deps: Partial<DeployBatchDeps> = {},
  receives = 1,
): Promise<Seen> {
  const waits: number[] = [];
  const metrics: string[] = [];
  let [releases, applied] = [0, 0];
  const records = bodies.map((body, at) => ({
    ...{ messageId: String(at), receiptHandle: `r${at}`, body, receives },
  }));
  const { apply = async (): Promise<DeployOutcome> => APPLIED, ...rest } = deps;
  const failed = await deployBatch(
    records,
    {
      lease: async () => ({
        assertHeld: () => undefined,
        release: async () => {
          releases += 1;
        },
      }),
      currentEvent: async () => undefined,
      returnAfter: async (_, milliseconds) => {
        waits.push(milliseconds / 1000);
      },
      log: () => undefined,
      metrics: {
        add: (name, count) => void metrics.push(count === undefined ? name : `${name} ${count}`),
      },
      ...rest,
      apply: async (...args) => {
        applied += 1;
        return apply(...args);
      },
    },
    new AbortController().signal,
  );
  return { failed, waits, metrics, releases, applied };
}

const within = (wait: number | undefined, seconds: number): void => {
  assert.ok(wait !== undefined && wait >= seconds * 0.75 && wait <= seconds * 1.25, `${wait} for ${seconds}`);
};

describe('messages of a deploy', () => {
  test('are done when the deploy is, or had nothing to do', async () => {
    const outcomes: readonly DeployOutcome[] = [
      APPLIED,
      { outcome: 'unchanged', revision: sampleRevision(3) },
      { outcome: 'done-before' },
      { outcome: 'not-wanted' },
      { outcome: 'failed-before', code: 'DEPLOY_FAILED' },
    ];
    for (const outcome of outcomes) {
      const { failed, metrics, releases } = await take([EVENT], { apply: async () => outcome });
      assert.deepEqual([failed, releases], [[], 1]);
      const isApplied = outcome.outcome === 'applied' || outcome.outcome === 'unchanged';
      assert.deepEqual(metrics, [
        ...(outcome.outcome === 'applied' ? ['Deployed'] : []),
        ...(isApplied ? ['DeployFailed 0'] : []),
      ]);
    }
  });

  test('tell the log which revision and generation was applied, so that a rollback shows in it', async () => {
    const told: unknown[] = [];
    await take([EVENT], { log: (...line) => void told.push(line) });
    const { revision } = sampleRevision(3);
    assert.deepEqual(told, [['info', 'deploy applied', { revision, generation: 3 }]]);
  });

  test('come back later and later after a failure that may pass', async () => {
    for (const [receives, seconds] of [
      [1, 15],
      [2, 60],
      [3, 240],
      [4, 900],
      [9, 900],
    ] as const) {
      const apply = async (): Promise<DeployOutcome> => failure('DEPLOY_UNAVAILABLE');
      const { failed, waits, metrics, releases } = await take([EVENT], { apply }, receives);
      assert.deepEqual([failed, metrics, releases], [['0'], [], 1]);
      within(waits[0], seconds);
    }
  });

  test('are done after a failure for good, which the gauge has', async () => {
    const { failed, metrics } = await take([EVENT], { apply: async () => failure('DEPLOY_FAILED') });
    assert.deepEqual([failed, metrics], [[], ['DeployFailed 1']]);
  });

  test('of the schedule say how the deploy is each time, and of an older event nothing', async () => {
    const event = JSON.parse(EVENT) as Awaited<ReturnType<DeployBatchDeps['currentEvent']>>;
    const gauges = async (body: string, outcome: DeployOutcome): Promise<readonly string[]> => {
      const { metrics } = await take([body], { apply: async () => outcome, currentEvent: async () => event });
      return metrics.filter((metric) => metric.startsWith('DeployFailed'));
    };
    const before: DeployOutcome = { outcome: 'failed-before', code: 'DEPLOY_FAILED' };
    assert.deepEqual(await gauges(LOOK, before), ['DeployFailed 1']);
    assert.deepEqual(await gauges(LOOK, { outcome: 'done-before' }), ['DeployFailed 0']);
    assert.deepEqual(await gauges(EVENT, before), []);
    assert.deepEqual(await gauges(EVENT, { outcome: 'done-before' }), []);
    for (const code of ['DEPLOY_UNAVAILABLE', 'CANCELLED'] as const)
      assert.deepEqual(await gauges(LOOK, failure(code)), [], 'tried again: neither');
  });

  test('come back at once where time ran out, and in time where another worker is at it', async () => {
    const cancelled = await take([EVENT], { apply: async () => failure('CANCELLED') });
    assert.deepEqual([cancelled.failed, cancelled.waits], [['0'], [1]]);
    const busy = await take([EVENT], { apply: async () => ({ outcome: 'busy', waitMs: 7_000 }) });
    assert.deepEqual([busy.failed, busy.waits], [['0'], [7]]);
  });

  test('are not applied while somebody else holds the lease', async () => {
    const { failed, applied, waits } = await take([EVENT], { lease: async () => undefined });
    assert.deepEqual([failed, applied], [['0'], 0]);
    within(waits[0], 15);
  });

  test('come back whatever was thrown, for good or not, and the lease is let go', async () => {
    for (const code of ['STORE_DENIED', 'STORE_CONFLICT', 'EMIT_FAILED'] as const) {
      const apply = async (): Promise<never> => {
        throw new LandfallError(code, 'by plan');
      };
      const { failed, releases } = await take([EVENT], { apply });
      assert.deepEqual([failed, releases], [['0'], 1], code);
    }
  });

  test('come back by the queue itself where it does not say when', async () => {
    const returnAfter = async (): Promise<never> => {
      throw new LandfallError('QUEUE_UNAVAILABLE', 'by plan');
    };
    const { failed } = await take([EVENT, EVENT], { returnAfter, lease: async () => undefined });
    assert.deepEqual(failed, ['0', '1']);
  });

  test('that are a look apply what is current, and nothing where nothing is', async () => {
    assert.deepEqual((await take([LOOK])).applied, 0);
    const { applied, failed } = await take([LOOK], { currentEvent: async () => sampleEvent(1) });
    assert.deepEqual([applied, failed], [1, []]);
  });

  test('that are none hold up no neighbour', async () => {
    const { failed, applied } = await take(['', EVENT, '{"detail-type":"Deploy Failed"}', EVENT]);
    assert.deepEqual([failed, applied], [['0', '2'], 2]);
  });
});

describe('what is no message of a deploy', () => {
  const { detail, ...envelope } = sampleEvent(1);
  const bodies = [
    ['no JSON', 'x'],
    ['null', 'null'],
    ['a number', '1'],
    ['an event of another kind', JSON.stringify({ ...envelope, detail, 'detail-type': 'Deploy Failed' })],
    ['an event of somebody else', JSON.stringify({ ...envelope, detail, source: 'mine' })],
    ['an event without a detail', JSON.stringify(envelope)],
    ['an event whose labels are none', JSON.stringify({ ...envelope, detail: { ...detail, labels: [1] } })],
    ['an event of generation 0', JSON.stringify({ ...envelope, detail: { ...detail, generation: 0 } })],
    ['nested too deep to be one', '['.repeat(100_000)],
  ] as const;
  for (const [what, body] of bodies) {
    test(`is told as that: ${what}`, () => {
      assert.throws(() => readDeployMessage(body), { code: 'WEBHOOK_MALFORMED' });
    });
  }
});
