import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DeployBatchDeps, deployBatch } from '../../../functions/lambda/deploys/deploy-batch.ts';
import { formatDueMessage } from '../../../functions/lambda/deploys/deploy-message.ts';
import type { DeployOutcome } from '../../../shared/deploy/visit/deploy-request.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { sampleEvent, sampleRevision } from '../../event/samples.ts';

const EVENT = JSON.stringify(sampleEvent(1));
const LOOK = JSON.stringify({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} });
const DUE = formatDueMessage('landfall-1', { deploy: 'net', namespace: 'web', name: 'site' });
/** As CloudFormation sends it: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/eventbridge-events.html */
const STACK = JSON.stringify({
  version: '0',
  source: 'aws.cloudformation',
  'detail-type': 'CloudFormation Stack Status Change',
  resources: ['arn:aws:cloudformation:us-west-1:111122223333:stack/teststack'],
  detail: { 'stack-id': 'arn:…', 'status-details': { status: 'UPDATE_COMPLETE', 'status-reason': '' } },
});
const { 'detail-type': _, ...envelope } = sampleEvent(1);
const SUCCEEDED = JSON.stringify({ ...envelope, 'detail-type': 'Deploy Succeeded' });

const running = (waitMs: number, isVisited = true): DeployOutcome => ({
  outcome: 'running',
  revision: sampleRevision(1),
  message: 'm',
  runId: 'landfall-1',
  isVisited,
  waitMs,
});

const applied = (hasMore: boolean): DeployOutcome => ({
  outcome: 'applied',
  revision: sampleRevision(1),
  ...(hasMore && { hasMore }),
});

const waiting = (waitsFor: 'window' | 'dependency', waitMs: number, isNew: boolean): DeployOutcome => ({
  ...{ outcome: 'waiting', revision: sampleRevision(1), waitsFor, message: 'm', isNew, waitMs },
});

/** Takes one message; what it asked for, and whether the message comes back. */
async function take(
  body: string,
  outcome: DeployOutcome,
  { receives = 1, ...deps }: Partial<DeployBatchDeps> & { readonly receives?: number } = {},
) {
  const again: string[] = [];
  const asked: boolean[] = [];
  const returned: number[] = [];
  const failed = await deployBatch(
    [{ messageId: '0', receiptHandle: 'r', body, receives }],
    {
      lease: async () => ({ assertHeld: () => undefined, release: async () => undefined }),
      currentEvent: async () => sampleEvent(1),
      returnAfter: async (_, milliseconds) => void returned.push(milliseconds),
      log: () => undefined,
      metrics: { add: () => undefined },
      lookAgain: async (run, milliseconds) => {
        again.push(`${run} ${milliseconds / 1000}`);
      },
      apply: async (_event, _lease, _signal, { onlyDue }) => {
        asked.push(onlyDue);
        return outcome;
      },
      ...deps,
    },
    new AbortController().signal,
  );
  return { again, asked, returned, back: failed.length };
}

describe('a deploy that is under way on AWS', () => {
  const cases: readonly (readonly [
    what: string,
    body: string,
    outcome: DeployOutcome,
    again: readonly string[],
  ])[] = [
    ['asks for one look when it is due', EVENT, running(5_000), ['landfall-1 5']],
    ['asks for one a quarter of an hour at most', DUE, running(3_600_000), ['landfall-1 900']],
    ['that was not due asks for none: whoever looked has', DUE, running(40_000, false), []],
    ['that has ended asks for one at what came meanwhile', DUE, applied(true), ['more 1']],
    ['that has ended, and is what is current, asks for none', DUE, applied(false), []],
    ['asks for the opening of a window that is near', EVENT, waiting('window', 60_000, true), ['window 60']],
    ['leaves one that somebody waits for to who asked before', EVENT, waiting('window', 60_000, false), []],
    ['leaves one that is far to the schedule', EVENT, waiting('window', 3_600_000, true), []],
    ['that the schedule finds near asks for it', LOOK, waiting('window', 60_000, false), ['window 60']],
    [
      'that the schedule of many deploys finds near asks for it, too',
      formatDueMessage('look', { deploy: 'live', namespace: 'web', name: 'app' }),
      waiting('window', 60_000, false),
      ['window 60'],
    ],
    ['asks for no look at what others do', EVENT, waiting('dependency', 60_000, true), []],
  ];
  for (const [what, body, outcome, again] of cases)
    test(what, async () => {
      const seen = await take(body, outcome);
      assert.deepEqual(seen.again, again);
      assert.equal(seen.back, 0, 'the message is done');
    });

  test('a message that comes a little early, by the clock of this function, comes back once', async () => {
    const early = await take(DUE, running(4_000, false));
    assert.deepEqual([early.returned, early.again, early.back], [[4_000], [], 1]);
    const again = await take(DUE, running(4_000, false), { receives: 2 });
    assert.deepEqual(
      [again.returned, again.again, again.back],
      [[], [], 0],
      'a second of one that has been asked for anew',
    );
    const woken = await take(LOOK, running(4_000, false));
    assert.deepEqual([woken.returned, woken.back], [[], 0], 'the schedule looks again by itself');
  });

  for (const [what, body, onlyDue] of [
    ["its target's own event", STACK, false],
    ['a deploy that it waits for', SUCCEEDED, false],
    ['the schedule', LOOK, true],
    ['its own message', DUE, true],
    ['a revision', EVENT, true],
  ] as const)
    test(`is looked at ${onlyDue ? 'only when due' : 'at once'} for ${what}`, async () => {
      assert.deepEqual((await take(body, running(1_000))).asked, [onlyDue]);
    });

  test('keeps its message where the next look cannot be asked for', async () => {
    const lookAgain = async () => {
      throw new LandfallError('QUEUE_UNAVAILABLE', 'away');
    };
    assert.equal((await take(EVENT, running(5_000), { lookAgain })).back, 1);
  });

  for (const body of ['{"source":"aws"}', '{"landfall":"deploy due"}', '{"source":["aws.ecs"]}'])
    test(`takes no notice of ${body}`, async () => {
      const { asked, back } = await take(body, running(1_000));
      assert.deepEqual([asked, back], [[], 1]);
    });
});
