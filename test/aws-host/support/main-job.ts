import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ASSUMED } from '../../../bench/cost.ts';
import { documentKey, MARK_KEY, TRIGGERS_KEY } from '../../../shared/store/layout.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { ecrSamples } from '../../support/ecr-events.ts';
import type { Json } from '../../support/template-host/json.ts';
import { openEcr } from './ecr-story.ts';
import { openLanded } from './landed.ts';
import { pollsAtRest, pollsOf } from './polls.ts';
import { operate } from './site-story.ts';
import { assertSound } from './sound.ts';
import { APP, ECR, OTHER, openStory, SECRET, type Synthesized } from './story.ts';

const REVISION = 'Artifact Revision Changed';

/** What the stack is for, from each of its triggers to the event. */
export function mainJob(stack: () => Synthesized): void {
  test('lands what its documents name once it is deployed', async (t) => {
    const story = await openStory(t, stack());
    plantFiles(story.registry, 'latest', { 'index.html': 'one', 'css/site.css': 'a' });
    await story.host.settle();
    const [told, ...more] = story.details(REVISION);
    assert.equal(more.length, 0);
    assert.equal(told?.['generation'], 1);
    const { prefix, bucket } = (told?.['artifact'] ?? {}) as Readonly<Record<string, string>>;
    assert.equal(`s3://${bucket}`, story.host.outputs['Store']);
    assert.equal(story.bucket.objects.get(`${prefix}index.html`)?.bytes.toString(), 'one');
    assert.equal(story.bucket.objects.get(`${prefix}css/site.css`)?.bytes.toString(), 'a');
    assertSound(story);
  });

  test('a poll of what is at rest asks S3 as often as docs/cost.md reckons with, and a person who suspends is heard', async (t) => {
    const story = await openLanded(t, stack());
    const { host, bucket } = story;
    assert.deepEqual(await pollsAtRest(host), { GetObject: 5 * ASSUMED.pollGets });
    const before = bucket.objects.get(MARK_KEY)?.etag;
    assert.ok(before, 'set by reconcile');
    await operate(story, 'suspend', 'web/app');
    assert.notEqual(bucket.objects.get(MARK_KEY)?.etag, before);
    // Of statuses; at a full hour one of documents beside it.
    assert.ok([1, 2].includes((await pollsOf(host, 1))['ListObjectsV2'] ?? 0));
  });

  test('webhook to event: a push is on the bus without any schedule', async (t) => {
    const story = await openStory(t, stack());
    plantFiles(story.registry, 'latest', { 'index.html': 'one' });
    await story.host.settle();
    await story.push({ 'index.html': 'two' });
    assert.ok((await story.registry.notified()).some(({ outcome }) => outcome === 202));
    await story.host.settle();
    const [, second, ...more] = story.details(REVISION);
    assert.equal(more.length, 0);
    assert.equal(second?.['generation'], 2);
    assert.equal(second?.['trigger'], 'webhook');
    assertSound(story);
  });

  test('the URL turns away what is not authenticated, and enqueues nothing for it', async (t) => {
    const { host, hook } = await openStory(t, stack());
    await host.settle();
    const headers = { 'content-type': 'application/json' };
    const cases = [
      { url: hook, headers: {}, status: 401 },
      { url: hook, headers: { authorization: 'Bearer wrong' }, status: 401 },
      { url: `${hook}0`, headers: { authorization: `Bearer ${SECRET}` }, status: 404 },
      { url: hook, headers: { authorization: `Bearer ${SECRET}` }, status: 202 },
    ];
    for (const { url, headers: own, status } of cases) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { ...headers, ...own },
        body: '{"events":[]}',
      });
      assert.equal(answer.status, status, url);
    }
    assert.deepEqual(host.queue('Triggers').bodies, []);
  });

  test('a receiver that a person tries answers, and queues a reconcile', async (t) => {
    const story = await openStory(t, stack());
    const { host, hook } = story;
    await host.settle();
    const url = ['--url', host.outputs['ReceiveUrl'] ?? ''];
    assert.ok((await operate(story, 'receivers', ...url)).includes(hook));
    assert.match(await operate(story, 'receivers', 'test', 'hub', ...url), /answered 202\nlooks at web\/app/);
    assert.match(host.queue('Triggers').bodies.join(), /"look":"web\/app"/);
  });

  test('schedule to event: what no webhook announced is found by the next reconcile', async (t) => {
    const story = await openStory(t, stack());
    plantFiles(story.registry, 'latest', { 'index.html': 'one' });
    await story.host.settle();
    plantFiles(story.registry, 'latest', { 'index.html': 'two' });
    await story.host.pass(6);
    assert.deepEqual(
      story.details(REVISION).map(({ generation, trigger }) => [generation, trigger]),
      [
        [1, 'schedule'],
        [2, 'schedule'],
      ],
    );
    assert.ok(story.host.lambda('FunctionsPoll').invocations >= 6);
    assertSound(story);
  });

  test('ECR event to event: with a token of ECR, where the rule matches', async (t) => {
    const story = await openEcr(t, stack());
    const { host } = story;
    story.plant('one');
    story.watch();
    await host.settle();
    const deliver = async (event: Json): Promise<void> => {
      host.putEvent({ source: 'aws.ecr', ...event });
      await host.settle();
    };
    // As AWS's guide has them; the host fills in the place.
    const place = { account: '', region: '', repository: 'team/ecr', tag: 'latest' };
    let told = 1;
    for (const { name, event, rule } of ecrSamples(place)) {
      const { account: _, region: __, ...sent } = event;
      story.plant(`after ${name}`);
      await deliver(sent);
      told += rule === undefined ? 0 : 1;
      assert.deepEqual(
        story.details(REVISION, ECR).map(({ trigger }) => trigger),
        ['schedule', ...Array.from({ length: told - 1 }, () => 'webhook')],
        name,
      );
    }
    assert.equal(told, 5);
    assert.equal(host.aws.count('GetAuthorizationToken'), 1);
    assertSound(story);
  });

  test('request to event: a person asks through the queue, and reads what became of it', async (t) => {
    const story = await openStory(t, stack());
    const { host, registry } = story;
    plantFiles(registry, 'latest', { 'index.html': 'one' });
    await host.settle();
    plantFiles(registry, 'latest', { 'index.html': 'two' });
    await operate(story, 'reconcile', 'web/app', '--queue', host.outputs['QueueUrl'] ?? '');
    await host.settle();
    assert.deepEqual(
      story.details(REVISION).map(({ trigger }) => trigger),
      ['schedule', 'request'],
    );
    assert.match(await operate(story, 'status', 'web/app'), /^ {2}generation 2, 1 files/m);
    const events = JSON.parse(await operate(story, 'get', 'events', '--json')) as readonly Json[];
    assert.deepEqual(
      events.map(({ id }) => id),
      story.details(REVISION).map(({ id }) => id),
    );
    await operate(story, 'fsck');
    assertSound(story);
  });

  test('config change to event: a changed document is reconciled at once', async (t) => {
    const story = await openStory(t, stack());
    const { host, registry } = story;
    plantFiles(registry, 'latest', { 'index.html': 'one' });
    plantFiles(registry, 'stable', { 'index.html': 'older' });
    await host.settle();
    story.edit((text) => text.replace('tag: latest', 'tag: stable'));
    await host.settle();
    assert.deepEqual(
      story.details(REVISION).map(({ tag }) => tag),
      ['latest', 'stable'],
    );
    assertSound(story);
  });

  test('a document that turns bad stalls its own sources alone', async (t) => {
    const story = await openStory(t, stack());
    const { host, registry } = story;
    plantFiles(registry, 'latest', { 'index.html': 'one' });
    plantFiles(registry, 'latest', { 'index.html': 'one' }, { repository: 'team/other' });
    await host.settle();
    story.edit((text) => text.replace('name: app,', 'name: app, intervall: 5m,'));
    await host.settle();
    const conditions = story.status(APP)?.['conditions'] as readonly Json[];
    assert.equal(conditions.find(({ type }) => type === 'Stalled')?.['status'], 'True');
    const told = conditions.find(({ type }) => type === 'Ready')?.['message'];
    assert.match(String(told), /team\.yaml:\d+:\d+.*intervall/s);
    plantFiles(registry, 'latest', { 'index.html': 'two' }, { repository: 'team/other' });
    await host.pass(6);
    assert.equal(story.details(REVISION, OTHER).length, 2);
    assert.equal(story.details(REVISION, APP).length, 1);
    assertSound(story);
  });

  test('the stack takes its documents away with it', async (t) => {
    const { host, bucket } = await openStory(t, stack());
    await host.settle();
    assert.ok(bucket.objects.has(documentKey('team.yaml')));
    await host.deploy('Delete');
    await host.settle();
    assert.ok(!bucket.objects.has(documentKey('team.yaml')));
    const triggers = JSON.parse(bucket.objects.get(TRIGGERS_KEY)?.bytes.toString() ?? '{}') as Json;
    assert.deepEqual(triggers['sources'], []);
  });
}
