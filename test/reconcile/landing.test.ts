import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import type { Progress } from '../../shared/reconcile/deps.ts';
import { filesPrefix, recordKey, statusKey } from '../../shared/store/layout.ts';
import { gateStore } from '../support/simulation/simulation-ports.ts';
import {
  committed,
  currentFiles,
  type Files,
  ID,
  imageOf,
  openWorld,
  pushImage,
  type SourceChanges,
  type World,
} from '../support/stores/memory-sources.ts';

const FILES: Files = { 'app/index.html': 'one', 'README.md': 'read me' };

describe('a source that was never looked at', () => {
  test('is landed with one request for its manifest and one for its layer', async () => {
    const world = openWorld();
    const digest = world.push('latest', FILES);
    const revision = committed(await world.look());
    assert.match(world.asked().join(', '), /^manifest latest, blob sha256:[0-9a-f]{64}$/);
    assert.deepEqual(await currentFiles(world), FILES);
    const status = await world.status();
    assert.deepEqual(status.current, revision);
    assert.partialDeepStrictEqual(status, {
      ...ID,
      generation: 1,
      history: [],
      failure: null,
      outbox: [],
      conditions: [{ status: 'True', reason: 'Succeeded' }, { status: 'False' }],
    });
    assert.equal(revision.revision, `latest@${digest}`);
    for (const none of ['links', 'folders', 'leftOut', 'parts', 'verification'])
      assert.ok(!(none in revision), `${none} of none are not told`);
  });

  test('says how much of each layer has come', async () => {
    const world = openWorld();
    world.push('latest', FILES);
    const facts: Parameters<Progress>[0][] = [];
    const onProgress: Progress = (fact) => void facts.push(fact);
    committed(await world.look({}, { deps: { onProgress } }));
    const [layer] = [...world.registry.blobs].filter(([, bytes]) => bytes.length > 2);
    assert.ok(layer);
    const size = layer[1].length;
    assert.deepEqual(facts.at(-1), { digest: layer[0], received: size, size });
  });

  test('is told of in an event that says all there is to know', async () => {
    const world = openWorld();
    const digest = world.push('latest', FILES, { 'org.example.commit': 'abc' });
    const revision = committed(await world.look({}, { trigger: 'webhook' }));
    const [event, ...more] = world.events();
    assert.deepEqual(more, []);
    assert.partialDeepStrictEqual(event, {
      id: `web.site.1.${digest.slice(7, 19)}`,
      'detail-type': 'Artifact Revision Changed',
      time: revision.committedAt,
      detail: {
        ...ID,
        labels: { tier: 'prod' },
        generation: 1,
        tag: 'latest',
        digest,
        annotations: { 'org.example.commit': 'abc' },
        previous: null,
        artifact: { bucket: '/store', prefix: filesPrefix(revision), record: recordKey(revision), files: 2 },
        changes: {
          added: 2,
          modified: 0,
          removed: 0,
          content: 'changed',
          paths: ['README.md', 'app/index.html'],
        },
        trigger: 'webhook',
      },
    });
  });
});

interface Change {
  readonly name: string;
  /** What happens after `latest` and `1.0.0` were pushed and landed. */
  readonly change: (world: World) => void;
  readonly source?: SourceChanges;
  /** The source changed to this for the second look. */
  readonly second?: SourceChanges;
  readonly event: object;
  readonly requests: RegExp;
}

const landed = imageOf(FILES);
const CHANGES: readonly Change[] = [
  {
    name: 'a new digest under the same tag',
    change: (world) => world.push('latest', { ...FILES, 'app/index.html': 'two', 'new.txt': 'new' }),
    event: {
      previous: { generation: 1, digest: landed.digest, tag: 'latest' },
      changes: {
        added: 1,
        modified: 1,
        removed: 0,
        content: 'changed',
        paths: ['app/index.html', 'new.txt'],
      },
    },
    requests: /^peek latest, manifest latest, blob \S+$/,
  },
  {
    name: 'another manifest over the same content',
    change: (world) => world.push('latest', FILES, { build: '2' }),
    event: { annotations: { build: '2' }, changes: { added: 0, content: 'unchanged', paths: [] } },
    requests: /^peek latest, manifest latest, blob \S+$/,
  },
  {
    name: 'a higher version',
    source: { ref: { semver: '>=1.0.0 <2.0.0' } },
    change: (world) => {
      world.push('1.1.0', { ...FILES, 'app/index.html': 'two' });
      world.push('2.0.0', { 'no.txt': 'no' });
    },
    event: { tag: '1.1.0', previous: { tag: '1.0.0' }, changes: { modified: 1, paths: ['app/index.html'] } },
    requests: /^tags, manifest 1.1.0, blob \S+$/,
  },
  {
    name: 'the same digest under a higher version, without fetching its layer again',
    source: { ref: { semver: '1.x' } },
    change: (world) => pushImage(world.registry, '1.0.1', landed),
    event: { tag: '1.0.1', digest: landed.digest, changes: { content: 'unchanged' } },
    requests: /^tags, manifest 1.0.1$/,
  },
  {
    name: 'ignore patterns in the document, under a variant of its own',
    change: () => {},
    second: { unpack: { ignore: '*.md' } },
    event: { digest: landed.digest, changes: { removed: 1, content: 'changed', paths: ['README.md'] } },
    requests: /^manifest latest, blob \S+$/,
  },
  {
    name: 'another mode of unpacking',
    change: () => {},
    second: { unpack: { mode: 'archive' } },
    event: { digest: landed.digest, artifact: { files: 1 }, changes: { content: 'changed' } },
    requests: /^manifest latest, blob \S+$/,
  },
  {
    name: 'a digest pinned in the document',
    change: (world) => world.push('latest', { 'other.txt': 'x' }),
    second: { ref: { digest: landed.digest } },
    event: { tag: null, digest: landed.digest, revision: landed.digest, changes: { content: 'unchanged' } },
    requests: /^manifest sha256:\S+$/,
  },
];

describe('a source that is landed', () => {
  for (const { name, source = {}, change, second = source, event, requests } of CHANGES) {
    test(`follows ${name}`, async () => {
      const world = openWorld();
      for (const tag of ['latest', '1.0.0']) pushImage(world.registry, tag, landed);
      const first = committed(await world.look(source));
      change(world);
      world.asked();
      const revision = committed(await world.look(second));
      assert.match(world.asked().join(', '), requests);
      assert.equal(revision.generation, 2);
      assert.deepEqual((await world.status()).history, [first]);
      const changed = world.events('Artifact Revision Changed');
      assert.equal(changed.length, 2);
      assert.partialDeepStrictEqual(changed[1]?.detail, { generation: 2, ...event });
    });
  }

  test('follows a tag back to what it was, from the store', async () => {
    const world = openWorld();
    pushImage(world.registry, 'latest', landed);
    await world.look();
    const other = world.push('latest', { 'b.txt': 'b' });
    await world.look();
    pushImage(world.registry, 'latest', landed);
    world.asked();
    const revision = committed(await world.look());
    assert.deepEqual(world.asked(), ['peek latest', 'manifest latest']);
    assert.equal(revision.generation, 3);
    assert.equal(revision.digest, landed.digest);
    const { history } = await world.status();
    assert.deepEqual(
      history.map(({ digest }) => digest),
      [other],
      'a revision is once in its history, never while current',
    );
  });

  test('is no new generation for a document that changes what does not decide', async () => {
    const world = openWorld();
    world.push('latest', FILES);
    await world.look();
    const before = await world.status();
    const outcome = await world.look({ ref: {}, limits: { ...DEFAULT_LIMITS, files: 9 } });
    assert.equal(outcome.outcome, 'unchanged');
    const after = await world.status();
    assert.deepEqual(
      { ...after, specDigest: '', conditions: [] },
      { ...before, specDigest: '', conditions: [] },
    );
    assert.notEqual(after.specDigest, before.specDigest);
    world.asked();
    await world.look({ ref: {}, limits: { ...DEFAULT_LIMITS, files: 9 } });
    assert.deepEqual(world.asked(), ['peek latest'], 'the changed document is known from then on');
  });

  test('that has nothing new has its status read once, and nothing written', async () => {
    const world = openWorld();
    world.push('latest', FILES);
    await world.look();
    const calls: string[] = [];
    const store = gateStore(world.store, async (_port, call, effect) => {
      calls.push(call);
      return effect();
    });
    assert.equal((await world.look({}, { deps: { store } })).outcome, 'unchanged');
    assert.deepEqual(calls, [`get ${statusKey(ID)}`]);
  });

  test('that lands has its status read once too: what it wrote itself it knows', async () => {
    const world = openWorld();
    world.push('latest', FILES);
    const calls: string[] = [];
    const store = gateStore(world.store, async (_port, call, effect) => {
      if (call.endsWith(statusKey(ID))) calls.push(call);
      return effect();
    });
    committed(await world.look({}, { deps: { store } }));
    const [read, write] = [`get ${statusKey(ID)}`, `replace ${statusKey(ID)}`];
    assert.deepEqual(calls, [read, write, write], 'the event in its outbox, and out of it');
  });

  test('says the url it is at, when a mirror of the same content takes over', async () => {
    const world = openWorld();
    world.push('latest', FILES);
    await world.look();
    const mirror = {
      url: 'oci://mirror.example/site',
      repository: { registry: 'mirror.example', repository: 'site' },
    };
    assert.equal((await world.look(mirror)).outcome, 'unchanged');
    assert.equal((await world.status()).url, mirror.url);
  });

  test('stays as it is when its tag is deleted, and says so', async () => {
    const world = openWorld();
    world.push('latest', FILES);
    await world.look();
    world.registry.remove('latest');
    assert.equal((await world.look()).outcome, 'failed');
    const status = await world.status();
    assert.equal(status.failure?.code, 'TAG_NOT_FOUND');
    assert.deepEqual(await currentFiles(world), FILES);
  });

  test('keeps as many revisions as it should', async () => {
    const world = openWorld();
    for (const text of ['1', '2', '3', '4']) {
      world.push('latest', { 'a.txt': text });
      await world.look({ retain: { revisions: 3 } });
    }
    const { history, current } = await world.status();
    assert.deepEqual(
      [current, ...history].map((one) => one?.generation),
      [4, 3, 2],
    );
  });

  test('is landed again, without a new generation, after a repair found its artifact lost', async () => {
    const world = openWorld();
    world.push('latest', FILES);
    const revision = committed(await world.look());
    const before = await world.status();
    await world.store.artifacts.remove(revision);
    const stored = await world.store.objects.get(statusKey(ID));
    const repaired = Buffer.from(JSON.stringify({ ...before, specDigest: '' }));
    await world.store.objects.replace(statusKey(ID), repaired, stored?.version);
    assert.equal((await world.look()).outcome, 'unchanged');
    assert.deepEqual(await currentFiles(world), FILES);
    assert.deepEqual(await world.status(), before);
    assert.equal(world.events().length, 1);
  });
});
