import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { until } from '../../support/until.ts';
import { openLanded } from './landed.ts';
import { assertSound, idsByGeneration } from './sound.ts';
import { APP, OTHER, openStory, SECRET, type Story, type Synthesized } from './story.ts';

const REVISION = 'Artifact Revision Changed';
/** What infra/landfall.ts configures. */
const TRIES = 5;

const goingBack = ({ host }: Story): readonly string[] =>
  host.lambda('FunctionsReconcile').log.filter((line) => line.includes('message goes back to the queue'));

/** What an outage is, and how it ends. */
interface Outage {
  readonly what: string;
  /** Revisions told of before it ends: 1, or 2 where the schedule gets by without it. */
  readonly during: number;
  readonly begin: (story: Story) => void;
  readonly end: (story: Story) => void;
}

const EVER = Number.MAX_SAFE_INTEGER;

const serviceOutage = (what: string, during: number, ...operations: readonly string[]): Outage => ({
  ...{ what, during },
  begin: ({ host }) => {
    for (const operation of operations) {
      host.aws.fault({ operation, times: EVER, kind: 'error', status: 500, code: 'InternalFailure' });
    }
  },
  end: ({ host }) => host.aws.clearFaults(),
});

const S3_OPERATIONS = [
  ...(['GetObject', 'HeadObject', 'PutObject', 'CopyObject', 'DeleteObject', 'DeleteObjects'] as const),
  ...(['ListObjectsV2', 'CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'] as const),
];

const OUTAGES: readonly Outage[] = [
  {
    what: 'S3',
    during: 1,
    begin: ({ host }) => {
      for (const operation of S3_OPERATIONS) {
        const trouble = { status: 503, code: 'ServiceUnavailable' };
        host.s3.faults.add({ operation, when: 'before', trouble, times: EVER });
      }
    },
    end: ({ host }) => host.s3.faults.clear(),
  },
  serviceOutage('EventBridge', 1, 'PutEvents'),
  serviceOutage('SQS', 1, 'SendMessageBatch', 'ChangeMessageVisibility'),
  serviceOutage('Secrets Manager', 2, 'GetSecretValue'),
  {
    what: 'the registry',
    during: 1,
    begin: ({ registry }) =>
      registry.faults.add(
        { method: 'GET', path: /^\/v2\// },
        { kind: 'status', status: 503, retryAfter: 600 },
      ),
    end: ({ registry }) => registry.faults.clear(),
  },
];

/** Poison and outages: nothing is lost, nothing is partial. */
export function faults(stack: () => Synthesized): void {
  test('a poison message is a dead letter after exactly the configured tries; its neighbours finish', async (t) => {
    const story = await openLanded(t, stack());
    const { host } = story;
    await story.push({ 'index.html': 'two' });
    host.queue('Triggers').sendBody('{"poison":true}', 'poison');
    await story.push({ 'index.html': 'two' }, 'team/other');
    await host.settle();
    assert.equal(story.details(REVISION, APP).length, 2);
    assert.equal(story.details(REVISION, OTHER).length, 2);
    await host.drain();
    // The log comes by another way than the answers.
    await until('its last try in the log', () => goingBack(story)[TRIES - 1]);
    assert.deepEqual(
      goingBack(story).map((line) => (JSON.parse(line) as { readonly receives: number }).receives),
      Array.from({ length: TRIES }, (_, at) => at + 1),
    );
    assert.deepEqual(host.queue('DeadTriggers').bodies, ['{"poison":true}']);
    assert.deepEqual(host.queue('Triggers').bodies, []);
  });

  test('an event that could not be sent goes out with a later poll, once, and its trigger is no dead letter', async (t) => {
    const story = await openLanded(t, stack());
    const { host } = story;
    host.aws.fault({
      operation: 'PutEvents',
      times: EVER,
      kind: 'error',
      status: 500,
      code: 'InternalFailure',
    });
    await story.push({ 'index.html': 'two' });
    await host.drain();
    const dead = host.queue('DeadTriggers');
    assert.deepEqual(dead.bodies, []);
    assert.deepEqual([...idsByGeneration(story.details(REVISION)).keys()], [1]);
    host.aws.clearFaults();
    await host.pass(6);
    await host.drain({ isScheduled: true });
    assert.deepEqual([...idsByGeneration(story.details(REVISION)).keys()], [1, 2]);
    assert.deepEqual([dead.bodies, host.queue('Triggers').bodies], [[], []]);
    assertSound(story);
  });

  test('while SSM is out the sender whose secret it keeps is told to come again, and the other is not', async (t) => {
    const story = await openStory(t, stack());
    const { host, hook, keptHook } = story;
    const outage = serviceOutage('SSM', 1, 'GetParameter');
    const tell = async (url: string): Promise<readonly [status: number, again: boolean]> => {
      const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' };
      const answer = await fetch(url, { method: 'POST', headers, body: '{"events":[]}' });
      await answer.text();
      return [answer.status, answer.headers.has('retry-after')];
    };
    await host.settle();
    await host.killFunctions();
    outage.begin(story);
    assert.deepEqual(
      [await tell(keptHook), await tell(hook)],
      [
        [503, true],
        [202, false],
      ],
    );
    outage.end(story);
    await host.killFunctions();
    assert.deepEqual(
      [await tell(keptHook), await tell(`${keptHook}0`)],
      [
        [202, false],
        [404, false],
      ],
    );
  });

  for (const { what, during, begin, end } of OUTAGES) {
    test(`an outage of ${what} loses nothing and leaves nothing partial`, async (t) => {
      const story = await openLanded(t, stack());
      const { host } = story;
      await host.killFunctions();
      begin(story);
      plantFiles(story.registry, 'latest', { 'index.html': 'two' });
      await host.pass(6);
      assertSound(story);
      assert.equal(story.details(REVISION).length, during);
      end(story);
      // A process holds a pause of its own clock, which nobody moves here.
      await host.killFunctions();
      await host.pass(6);
      await host.drain({ isScheduled: true });
      assertSound(story);
      const ids = idsByGeneration(story.details(REVISION));
      assert.deepEqual([...ids.keys()], [1, 2]);
      assert.ok([...ids.values()].every(({ size }) => size === 1));
      assert.equal(story.status(APP)?.['failure'], null);
    });
  }
}
