import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { ASSUMED } from '../../bench/cost.ts';
import { LOOK_GETS, LOOK_PUTS } from '../../bench/support/cost/cost.ts';
import { ledgerKey, siteKey } from '../../shared/store/layout.ts';
import type { Files } from '../support/artifacts/sample-artifacts.ts';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import type { Json } from '../support/template-host/json.ts';
import { askForReconcile } from './support/landed.ts';
import { deploys, openSite, operate, REVISION, type SiteStory } from './support/site-story.ts';
import { assertSound } from './support/sound.ts';
import { stackOf } from './support/stack-of.ts';
import { APP, openStory, synthesizeStory } from './support/story.ts';
import { withDockerRegistry } from './with-docker-registry.ts';

const FUNCTION = 'Site';
/** What examples/aws/site-app.ts configures. */
const TRIES = 5;
/** S3 requests where there is nothing to do, and beside those of files, as docs/cost.md prices them; one deletes, for nothing. */
const LOOK_REQUESTS = LOOK_PUTS + LOOK_GETS + 1;
const DEPLOY_REQUESTS = ASSUMED.deployPuts + ASSUMED.deployGets + 1;

describe('a site of the synthesized stack', () => {
  const synthesized = stackOf((folder) => synthesizeStory(folder, 'examples/aws/site-app.ts'));

  describe('with docker-registry', () => withDockerRegistry(synthesized));

  const open = (t: TestContext, files?: Files): Promise<SiteStory> => openSite(t, synthesized(), files);

  test('webhook to site: the folder of each push is served, and nothing else of it', async (t) => {
    const story = await open(t, {
      'public/index.html': 'one',
      'public/assets/app.1.js': 'one',
      'public/docs/a.html': 'one',
      'public/gone.css': 'one',
      'private/notes.txt': 'one',
    });
    const { host, served, changes, site } = story;
    assert.deepEqual(served(), {
      'assets/app.1.js': 'one',
      'docs/a.html': 'one',
      'gone.css': 'one',
      'index.html': 'one',
    });
    const page = site.objects.get('www/index.html');
    assert.deepEqual([page?.contentType, page?.cacheControl], ['text/html; charset=utf-8', 'no-cache']);
    const script = site.objects.get('www/assets/app.1.js');
    assert.deepEqual(
      [script?.contentType, script?.cacheControl],
      ['text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    );
    assert.deepEqual(changes().length, 4);

    const files = {
      'public/index.html': 'two',
      'public/assets/app.2.js': 'two',
      'public/docs/a.html': 'one',
    };
    await story.push({ ...files, 'private/notes.txt': 'two' });
    await host.settle();
    assert.deepEqual(served(), { 'assets/app.2.js': 'two', 'docs/a.html': 'one', 'index.html': 'two' });
    assert.deepEqual(changes(), ['CopyObject www/assets/app.2.js 200', 'CopyObject www/index.html 200']);
    assert.deepEqual(
      [deploys(story, 'Started'), deploys(story, 'Succeeded')],
      [
        [1, 2],
        [1, 2],
      ],
    );

    const invocations = host.lambda(FUNCTION).invocations;
    await story.push({ ...files, 'private/notes.txt': 'three' });
    await host.settle();
    assert.equal(story.got.length, 3);
    assert.equal(host.lambda(FUNCTION).invocations, invocations, 'nothing in the folder changed');
    assert.deepEqual(changes(), []);
    assertSound(story);
  });

  test('keeps its ledger and its list of files in the store, and leaves no lease', async (t) => {
    const { bucket } = await open(t, { 'public/index.html': 'one' });
    const read = (key: string): Json => JSON.parse(bucket.objects.get(key)?.bytes.toString() ?? '{}') as Json;
    const { applied, started, failure } = read(ledgerKey('site', APP));
    assert.deepEqual([(applied as Json)['generation'], started, failure], [1, null, null]);
    const { files, pending } = read(siteKey('site', APP));
    assert.deepEqual([(files as readonly Json[]).map(({ path }) => path), pending], [['index.html'], []]);
    assert.deepEqual(bucket.keys('locks/deploys/'), []);
  });

  test('events that come twice, late and out of order change nothing', async (t) => {
    const story = await open(t, { 'public/index.html': 'one' });
    const { host, changes } = story;
    await story.push({ 'public/index.html': 'two' });
    await host.settle();
    changes();
    for (const body of [...story.got, ...story.got.toReversed()])
      host.queue('SiteSubscriptionEvents').sendBody(body);
    await host.drain();
    assert.deepEqual(changes(), []);
    assert.deepEqual(story.served(), { 'index.html': 'two' });
    assert.deepEqual(deploys(story, 'Succeeded'), [1, 2]);
    assertSound(story);
  });

  test('what cannot be put is a dead letter after the configured tries, and served once it is sent back', async (t) => {
    const story = await open(t, { 'public/index.html': 'one', 'public/a.css': 'one' });
    const { host } = story;
    const trouble = { status: 503, code: 'ServiceUnavailable' };
    const key = /^www\/index\.html$/;
    host.s3.faults.add({ operation: 'CopyObject', key, when: 'before', trouble, times: 1e6 });
    await story.push({ 'public/index.html': 'two', 'public/b.css': 'two' });
    await host.settle();
    const invocations = host.lambda(FUNCTION).invocations;
    await host.drain();
    assert.equal(host.lambda(FUNCTION).invocations, invocations + TRIES - 1);
    const dead = host.queue('SiteSubscriptionDeadLetters');
    assert.equal(dead.bodies.length, 1);
    // Assets are there, the page still names the old ones, and they are there too.
    assert.deepEqual(story.served(), { 'a.css': 'one', 'b.css': 'two', 'index.html': 'one' });
    const failed = story.details('Deploy Failed', APP);
    assert.equal(failed.length, TRIES);
    const { code, message } = (failed[0]?.['failure'] ?? {}) as Readonly<Record<string, string>>;
    assert.equal(code, 'DEPLOY_UNAVAILABLE');
    assert.match(message ?? '', /www: cannot put index\.html: ServiceUnavailable/);
    host.s3.faults.clear();
    story.changes();
    assert.equal(dead.redriveTo(host.queue('SiteSubscriptionEvents')), 1);
    await host.drain();
    assert.deepEqual(story.served(), { 'b.css': 'two', 'index.html': 'two' });
    assert.deepEqual(story.changes(), ['CopyObject www/index.html 200'], 'what was put is not put again');
    assertSound(story);
  });

  test('a deploy killed at any of its writes is finished, and is served whole', async (t) => {
    const story = await open(t, { 'public/index.html': '0', 'public/a0.css': '0' });
    const { host } = story;
    const writes = [
      ['PutObject', 'after', /^deploys\//],
      ['PutObject', 'before', /^sites\//],
      ['CopyObject', 'after', /^www\/a\d+\.css$/],
      ['CopyObject', 'before', /^www\/index\.html$/],
      ['DeleteObjects', 'after', /^$/],
    ] as const;
    let revision = 0;
    for (const [operation, when, key] of writes) {
      let killed = 0;
      const meanwhile = async (): Promise<void> => {
        killed += 1;
        await host.lambda(FUNCTION).kill();
      };
      const kill = (): void => host.s3.faults.add({ operation, key, when, trouble: 'cut', meanwhile });
      // Other functions delete, too; after its page the next to do so is the deploy.
      const page = {
        operation: 'CopyObject',
        key: /^www\/index\.html$/,
        when: 'after',
        trouble: 'cut',
      } as const;
      if (operation === 'DeleteObjects') host.s3.faults.add({ ...page, meanwhile: kill });
      else kill();
      revision += 1;
      const text = String(revision);
      plantFiles(story.registry, 'latest', { 'public/index.html': text, [`public/a${text}.css`]: text });
      askForReconcile(story);
      await host.drain();
      assert.equal(killed, 1, `${operation} ${key.source}`);
      assert.deepEqual(story.served(), { 'index.html': text, [`a${text}.css`]: text }, operation);
      assertSound(story);
    }
  });

  test('looks by itself: what no event told of is served by the next look, once', async (t) => {
    const story = await open(t, { 'public/index.html': 'one' });
    const { host, changes } = story;
    host.s3.bucket(host.outputs['SiteBucketName'] ?? '').delete('www/index.html');
    story.bucket.delete(ledgerKey('site', APP));
    changes();
    await host.fire('SiteLook', Date.now());
    await host.settle();
    assert.deepEqual(story.served(), { 'index.html': 'one' });
    assert.equal(host.s3.served.length, 1 + DEPLOY_REQUESTS);
    assert.deepEqual(changes(), ['CopyObject www/index.html 200']);
    const before = host.s3.served.length;
    await host.fire('SiteLook', Date.now());
    await host.settle();
    assert.equal(host.s3.served.length - before, LOOK_REQUESTS);
    assert.deepEqual(changes(), []);
    assertSound(story);
  });

  test('serves what a source is rolled back to, and goes on when it is resumed', async (t) => {
    const story = await open(t, { 'public/index.html': 'one', 'public/a.css': 'one' });
    const { host } = story;
    const { current } = story.status() ?? {};
    const { revision: first } = current as Json;
    await story.push({ 'public/index.html': 'two' });
    await host.settle();
    await operate(story, 'rollback', 'web/app', '--to', String(first));
    await host.pass(6);
    assert.deepEqual(story.served(), { 'a.css': 'one', 'index.html': 'one' });
    await operate(story, 'resume', 'web/app');
    await host.pass(6);
    assert.deepEqual(story.served(), { 'index.html': 'two' });
    assert.deepEqual(deploys(story, 'Succeeded'), [1, 2, 3, 4]);
    assertSound(story);
  });

  test('is put again by a replay, and by nothing less', async (t) => {
    const story = await open(t, { 'public/index.html': 'one', 'public/a.css': 'one' });
    const { host, site } = story;
    site.delete('www/a.css');
    await host.fire('SiteLook', Date.now());
    await host.settle();
    assert.deepEqual(story.served(), { 'index.html': 'one' });
    await operate(
      story,
      'replay',
      'web/app',
      '--deploy',
      'site',
      '--queue',
      host.outputs['SiteQueueUrl'] ?? '',
    );
    await host.settle();
    assert.deepEqual(story.served(), { 'a.css': 'one', 'index.html': 'one' });
    assert.deepEqual(deploys(story, 'Succeeded'), [1, 1]);
    assertSound(story);
  });

  test('looks before anything has landed, and minds nothing', async (t) => {
    const story = await openStory(t, synthesized());
    await story.host.fire('SiteLook', Date.now());
    await story.host.settle();
    assert.deepEqual(story.host.queue('SiteSubscriptionEvents').bodies, []);
    assert.deepEqual(story.host.refused, []);
  });

  test('what is no event of ours is a dead letter, and its neighbours are served', async (t) => {
    const story = await open(t, { 'public/index.html': 'one' });
    const { host } = story;
    const queue = host.queue('SiteSubscriptionEvents');
    const poison = [
      'not json',
      '{}',
      JSON.stringify({ source: 'landfall', 'detail-type': REVISION, detail: {} }),
    ];
    for (const body of poison) queue.sendBody(body);
    await story.push({ 'public/index.html': 'two' });
    await host.drain();
    assert.deepEqual(story.served(), { 'index.html': 'two' });
    assert.deepEqual([...host.queue('SiteSubscriptionDeadLetters').bodies].toSorted(), poison.toSorted());
    assertSound(story);
  });

  test('touches nothing in the bucket that it did not put', async (t) => {
    const story = await open(t);
    const about = { bytes: Buffer.from('theirs'), etag: '"x"', sha256: undefined, contentType: 'text/plain' };
    const theirs = ['index.html', 'www', 'www.html', 'www2/index.html', 'www/robots.txt'];
    for (const key of theirs) story.site.put(key, about);
    plantFiles(story.registry, 'latest', { 'public/index.html': 'one', 'public/old.css': 'one' });
    await story.host.pass(6);
    await story.push({ 'public/index.html': 'two' });
    await story.host.drain();
    assert.deepEqual(story.site.keys('').toSorted(), [...theirs, 'www/index.html'].toSorted());
    for (const key of theirs) assert.equal(story.site.objects.get(key)?.bytes.toString(), 'theirs', key);
    assertSound(story);
  });
});
