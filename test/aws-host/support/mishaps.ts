import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { S3Fault } from '../../../aws-stand-ins/s3/s3-faults.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assumedKeyOf } from '../../support/aws-server/operations.ts';
import { ecrSample } from '../../support/ecr-events.ts';
import type { Json } from '../../support/template-host/json.ts';
import { until } from '../../support/until.ts';
import { type EcrOptions, firstToken, openEcr } from './ecr-story.ts';
import { askForReconcile, assertEmitted, openLanded } from './landed.ts';
import { assertSound } from './sound.ts';
import { ECR, ECR_PARAMETER, ECR_ROLE, type Story, type Synthesized } from './story.ts';

const EVER = Number.MAX_SAFE_INTEGER;

/** Where one reconcile can die: before or after each kind of request that it makes. */
const POINTS: readonly (Pick<S3Fault, 'operation' | 'key'> | 'PutEvents')[] = [
  { operation: 'GetObject', key: /status\.json$/ },
  { operation: 'PutObject', key: /^locks\// },
  { operation: 'ListObjectsV2', key: /^$/ },
  { operation: 'PutObject', key: /\/files\// },
  { operation: 'PutObject', key: /artifact\.json$/ },
  { operation: 'PutObject', key: /status\.json$/ },
  { operation: 'DeleteObjects', key: /^$/ },
  'PutEvents',
];

const named = (point: (typeof POINTS)[number]): string =>
  point === 'PutEvents' ? point : `${point.operation} ${point.key?.source}`;

/** What the function said of itself in CloudWatch's metrics. */
const counted = ({ host }: Story, metric: string): boolean =>
  host.lambda('FunctionsReconcile').log.some((line) => line.includes(`"${metric}":`));

function plan(
  story: Story,
  point: (typeof POINTS)[number],
  when: S3Fault['when'],
  meanwhile: () => Promise<void>,
): void {
  const { s3, aws } = story.host;
  if (point !== 'PutEvents') s3.faults.add({ ...point, when, trouble: 'cut', meanwhile });
  else aws.fault({ operation: point, times: 1, kind: 'cut', effect: when === 'after', meanwhile });
}

/** The host fills in the place. */
const PUSHED = { account: '', region: '', repository: 'kept/ecr', tag: 'latest' };

const ECR_PASSWORD = 'canary-password-of-a-parameter';
const KEPT = { repository: 'kept/ecr', password: () => ECR_PASSWORD };

/** What a registry's credential comes from, and how it comes from there. */
const ECR_OUTAGES: readonly (EcrOptions & { readonly what: string; readonly operation: string })[] = [
  { what: 'ECR', operation: 'GetAuthorizationToken' },
  {
    ...{ what: 'STS', operation: 'AssumeRole', repository: 'shared/ecr' },
    password: () => firstToken(assumedKeyOf(ECR_ROLE)),
  },
  { what: 'SSM', operation: 'GetParameter', ...KEPT },
];

/** What goes wrong for a moment, or until somebody acts: nothing is lost, nothing partial, and status and alarm say so. */
export function mishaps(stack: () => Synthesized): void {
  test('a reconcile killed before or after any kind of its requests is done again, and once', async (t) => {
    const story = await openLanded(t, stack());
    const wanted = [1];
    for (const point of POINTS) {
      for (const when of ['before', 'after'] as const) {
        const what = `${when} ${named(point)}`;
        let killed = 0;
        plan(story, point, when, async () => {
          killed += 1;
          await story.host.lambda('FunctionsReconcile').kill();
        });
        wanted.push(wanted.length + 1);
        plantFiles(story.registry, 'latest', { 'index.html': what });
        askForReconcile(story);
        await story.host.settle();
        assert.equal(killed, 1, what);
        assertSound(story);
        await story.host.drain();
        assertSound(story);
        assertEmitted(story, wanted, what);
      }
    }
  });

  test('triggers that come twice, late and out of order land nothing twice, and move nothing back', async (t) => {
    const story = await openLanded(t, stack());
    for (const text of ['two', 'three']) {
      plantFiles(story.registry, 'latest', { 'index.html': text });
      for (let times = 0; times < 3; times += 1) askForReconcile(story);
      await story.host.settle();
    }
    await story.host.fire('RulesEveryMinute', Date.now());
    for (let times = 0; times < 3; times += 1) askForReconcile(story);
    await story.host.fire('RulesEveryMinute', Date.now() - 3_600_000);
    await story.host.drain();
    assertEmitted(story, [1, 2, 3]);
    assertSound(story);
  });

  const emits = [
    ['an answer of PutEvents that is lost', { kind: 'cut', effect: true, times: 1 }, 2],
    [
      'answers of PutEvents that are lost for as long as it is tried',
      { kind: 'cut', effect: true, times: 20 },
      2,
    ],
    [
      'an entry that PutEvents refuses in an answer of 200',
      { kind: 'partial', at: [0], code: 'InternalFailure', times: 20 },
      1,
    ],
  ] as const;
  for (const [what, fault, atLeast] of emits) {
    test(`${what} repeats the event under the same id, and loses none`, async (t) => {
      const story = await openLanded(t, stack());
      const { host } = story;
      host.aws.fault({ operation: 'PutEvents', ...fault });
      plantFiles(story.registry, 'latest', { 'index.html': 'two' });
      askForReconcile(story);
      await host.settle();
      assertSound(story);
      host.aws.clearFaults();
      await host.drain();
      assertEmitted(story, [1, 2]);
      const second = story.details('Artifact Revision Changed').filter(({ generation }) => generation === 2);
      assert.ok(second.length >= atLeast, String(second.length));
    });
  }

  test('S3 that asks to slow down is asked again, and the revision lands', async (t) => {
    const story = await openLanded(t, stack());
    const trouble = { status: 503, code: 'SlowDown' };
    for (const operation of ['GetObject', 'PutObject', 'ListObjectsV2'] as const)
      story.host.s3.faults.add({ operation, when: 'before', trouble, times: 2 });
    plantFiles(story.registry, 'latest', { 'index.html': 'two' });
    askForReconcile(story);
    await story.host.settle();
    assertEmitted(story, [1, 2]);
    assertSound(story);
  });

  test('a policy of the bucket that denies files is in status, event and metric, and over once it is corrected', async (t) => {
    const story = await openLanded(t, stack());
    const { host } = story;
    const trouble = { status: 403, code: 'AccessDenied' };
    host.s3.faults.add({ operation: 'PutObject', key: /\/files\//, when: 'before', trouble, times: EVER });
    plantFiles(story.registry, 'latest', { 'index.html': 'two' });
    askForReconcile(story);
    await host.drain();
    assertSound(story);
    const { failure, current } = story.status() as { readonly failure: Json; readonly current: Json };
    assert.deepEqual([failure['code'], current['generation']], ['STORE_DENIED' satisfies ErrorCode, 1]);
    assert.equal(story.details('Source Reconcile Failed').length, 1);
    await until('the metric of the alarm', () => counted(story, 'SourceStalled') || undefined);
    host.s3.faults.clear();
    await host.pass(6);
    assertEmitted(story, [1, 2]);
    assert.equal(story.details('Source Recovered').length, 1);
    assertSound(story);
  });

  for (const { what, operation, ...ecr } of ECR_OUTAGES)
    test(`an outage of ${what} fails what is on it for the moment, and nothing else`, async (t) => {
      const story = await openEcr(t, stack(), ecr);
      const { host } = story;
      host.aws.parameters.set(ECR_PARAMETER, ECR_PASSWORD);
      host.aws.roles.add(ECR_ROLE);
      host.aws.fault({ operation, times: EVER, kind: 'error', status: 500, code: 'InternalFailure' });
      plantFiles(story.registry, 'latest', { 'index.html': 'one' });
      story.plant('one');
      story.watch();
      await host.settle();
      assertEmitted(story, [1]);
      assert.equal(story.details('Artifact Revision Changed', ECR).length, 0);
      const told = story.status(ECR)?.['failure'] as Json | undefined;
      assert.equal(told?.['kind'], 'transient');
      host.aws.clearFaults();
      // A process holds pauses, and what it could not read, by its own clock, which nobody moves here.
      await host.killFunctions();
      await host.pass(6);
      await host.drain({ isScheduled: true });
      assert.equal(story.details('Artifact Revision Changed', ECR).length, 1);
      assert.equal(story.status(ECR)?.['failure'], null);
      assertSound(story);
    });

  test('beside a registry that hangs events of ECR are acted on, those that come with it and those that come after', async (t) => {
    const story = await openEcr(t, stack(), KEPT);
    const { host, registry } = story;
    host.aws.parameters.set(ECR_PARAMETER, ECR_PASSWORD);
    plantFiles(registry, 'latest', { 'index.html': 'one' });
    story.plant('one');
    story.watch();
    // Longer than the test may take.
    story.edit((text) => text.replace('interval: 5m', 'interval: 5m, timeout: 4m'));
    await host.settle();
    registry.faults.add({ path: /^\/v2\// }, { kind: 'stall', at: 'start' });
    plantFiles(registry, 'latest', { 'index.html': 'two' });
    let isHanging = true;
    const push = (text: string): void => {
      story.plant(text);
      const { account: _, region: __, ...event } = ecrSample('a completed image push', PUSHED);
      host.putEvent({ ...event, id: randomUUID() });
    };
    push('two');
    askForReconcile(story);
    const hanging = host.settle().then(() => {
      isHanging = false;
    });
    const triggers = host.queue('Triggers');
    const has = (text: string): boolean => triggers.bodies.some((body) => body.includes(text));
    const isActedOn = (): true | undefined => (has('"look":"web/ecr"') && !has('aws.ecr') ? true : undefined);
    await until('its event to be gone', isActedOn);
    push('three');
    await host.settle();
    assert.equal(story.details('Artifact Revision Changed', ECR).length, 2);
    assert.ok(isHanging);
    registry.faults.clear();
    await host.killFunctions();
    await hanging;
    await host.pass(6);
    await host.drain({ isScheduled: true });
    assertEmitted(story, [1, 2]);
    assertSound(story);
  });

  for (const fresh of [false, true]) {
    test(`credentials that have expired lose nothing: ${fresh ? 'a new' : 'a warm'} process`, async (t) => {
      const story = await openLanded(t, stack());
      const { host } = story;
      if (fresh) await host.killFunctions();
      const trouble = { status: 400, code: 'ExpiredToken' };
      for (const operation of [
        'GetObject',
        'HeadObject',
        'PutObject',
        'ListObjectsV2',
        'DeleteObjects',
      ] as const)
        host.s3.faults.add({ operation, when: 'before', trouble, times: EVER });
      plantFiles(story.registry, 'latest', { 'index.html': 'two' });
      askForReconcile(story);
      await host.drain();
      assert.equal(story.details('Artifact Revision Changed').length, 1);
      assert.deepEqual(host.queue('DeadTriggers').bodies, [], 'poison alone');
      const metric = fresh ? 'StartFailed' : 'MessagesRefused';
      await until('the metric of the alarm', () => counted(story, metric) || undefined);
      assertSound(story);
      host.s3.faults.clear();
      await host.killFunctions();
      await host.pass(6);
      await host.drain({ isScheduled: true });
      assertEmitted(story, [1, 2]);
      assertSound(story);
    });
  }
}
