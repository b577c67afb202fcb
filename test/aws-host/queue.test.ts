import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { plantFiles } from '../support/sample-artifacts.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { assertSound, idsByGeneration } from './sound.ts';
import { APP, OTHER, openStory, type Story, type Synthesized, synthesizeStory } from './story.ts';

const REVISION = 'Artifact Revision Changed';
/** What infra/landfall.ts configures. */
const TRIES = 5;

const goingBack = ({ host }: Story): readonly string[] =>
  host.lambda('FunctionsReconcile').log.filter((line) => line.includes('message goes back to the queue'));

/** What an outage is, and how it ends. */
interface Outage {
  readonly what: string;
  readonly begin: (story: Story) => void;
  readonly end: (story: Story) => void;
}

const EVER = Number.MAX_SAFE_INTEGER;

const serviceOutage = (what: string, ...operations: readonly string[]): Outage => ({
  what,
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
    begin: ({ host }) => {
      for (const operation of S3_OPERATIONS) {
        const trouble = { status: 503, code: 'ServiceUnavailable' };
        host.s3.faults.add({ operation, when: 'before', trouble, times: EVER });
      }
    },
    end: ({ host }) => host.s3.faults.clear(),
  },
  serviceOutage('EventBridge', 'PutEvents'),
  serviceOutage('SQS', 'SendMessageBatch', 'ChangeMessageVisibility'),
  serviceOutage('Secrets Manager', 'GetSecretValue'),
  {
    what: 'the registry',
    begin: ({ registry }) =>
      registry.faults.add({ method: 'GET', path: /^\/v2\// }, { kind: 'status', status: 503 }),
    end: ({ registry }) => registry.faults.clear(),
  },
];

/** Writes of one reconcile, before and after which a process is killed. */
const WRITES = [/\/files\//, /artifact\.json$/, /status\.json$/];

describe('faults in the synthesized stack', () => {
  let folder: TemporaryFolder;
  let stack: Synthesized;
  before(async () => {
    folder = await temporaryFolder();
    stack = await synthesizeStory(folder.path);
  });
  after(() => folder.remove());

  /** Deployed, and both sources landed once. */
  async function landed(t: Parameters<typeof openStory>[0]): Promise<Story> {
    const story = await openStory(t, stack);
    plantFiles(story.registry, 'latest', { 'index.html': 'one' });
    plantFiles(story.registry, 'latest', { 'index.html': 'one' }, { repository: 'team/other' });
    await story.host.settle();
    assert.equal(story.details(REVISION, APP).length + story.details(REVISION, OTHER).length, 2);
    return story;
  }

  test('a poison message is a dead letter after exactly the configured tries; its neighbours finish', async (t) => {
    const story = await landed(t);
    const { host } = story;
    await story.push({ 'index.html': 'two' });
    host.queue('Triggers').sendBody('{"poison":true}', 'poison');
    await story.push({ 'index.html': 'two' }, 'team/other');
    await host.settle();
    assert.equal(story.details(REVISION, APP).length, 2);
    assert.equal(story.details(REVISION, OTHER).length, 2);
    await host.drain();
    assert.deepEqual(
      goingBack(story).map((line) => (JSON.parse(line) as { readonly receives: number }).receives),
      Array.from({ length: TRIES }, (_, at) => at + 1),
    );
    assert.deepEqual(host.queue('DeadTriggers').bodies, ['{"poison":true}']);
    assert.deepEqual(host.queue('Triggers').bodies, []);
  });

  test('a trigger that died of an outage lands once it is sent back to its queue', async (t) => {
    const story = await landed(t);
    const { host, registry } = story;
    registry.faults.add({ method: 'GET', path: /team\/other/ }, { kind: 'status', status: 503 });
    await story.push({ 'index.html': 'two' }, 'team/other');
    await story.push({ 'index.html': 'two' });
    await host.drain();
    assert.equal(story.details(REVISION, APP).length, 2);
    assert.equal(story.details(REVISION, OTHER).length, 1);
    const dead = host.queue('DeadTriggers');
    assert.equal(dead.bodies.length, 1);
    registry.faults.clear();
    assert.equal(dead.redriveTo(host.queue('Triggers')), 1);
    await host.drain();
    assert.equal(story.details(REVISION, OTHER).length, 2);
    assert.deepEqual([dead.bodies, host.queue('Triggers').bodies], [[], []]);
    assertSound(story);
  });

  for (const { what, begin, end } of OUTAGES) {
    test(`an outage of ${what} loses nothing and leaves nothing partial`, async (t) => {
      const story = await landed(t);
      const { host } = story;
      await host.killFunctions();
      begin(story);
      plantFiles(story.registry, 'latest', { 'index.html': 'two' });
      await host.pass(6);
      assertSound(story);
      end(story);
      await host.pass(6);
      await host.drain({ isScheduled: true });
      assertSound(story);
      const ids = idsByGeneration(story.details(REVISION));
      assert.deepEqual([...ids.keys()], [1, 2]);
      assert.ok([...ids.values()].every(({ size }) => size === 1));
      assert.equal(story.status(APP)?.['failure'], null);
    });
  }

  for (const key of WRITES) {
    for (const when of ['before', 'after'] as const) {
      test(`a reconcile killed ${when} it writes ${key.source} is done again, and once`, async (t) => {
        const story = await landed(t);
        const { host } = story;
        await host.killFunctions();
        const meanwhile = (): Promise<void> => host.lambda('FunctionsReconcile').kill();
        host.s3.faults.add({ operation: 'PutObject', key, when, trouble: 'cut', meanwhile });
        await story.push({ 'index.html': 'two' });
        await host.settle();
        assertSound(story);
        await host.drain();
        assertSound(story);
        const ids = idsByGeneration(story.details(REVISION));
        assert.deepEqual([...ids.keys()], [1, 2]);
        assert.ok([...ids.values()].every(({ size }) => size === 1));
      });
    }
  }
});
