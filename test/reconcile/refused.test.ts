import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { ARTIFACTS_PREFIX } from '../../shared/store/layout.ts';
import {
  committed,
  currentFiles,
  imageOf,
  openWorld,
  type SourceChanges,
  type World,
} from '../support/stores/memory-sources.ts';

interface Refusal {
  readonly name: string;
  readonly push: (world: World) => void;
  readonly source?: SourceChanges;
  readonly code: string;
  /** What trying it again costs. */
  readonly requests: RegExp;
}

const SMALL: SourceChanges = { limits: { ...DEFAULT_LIMITS, files: 1 } };

function pushLayer({ registry }: World, layer: Buffer): void {
  const { bytes } = imageOf({ 'a.txt': 'a' });
  const manifest = JSON.parse(bytes.toString());
  const layers = [{ ...manifest.layers[0], digest: digestOf(layer), size: layer.length }];
  registry.blobs.set(digestOf(layer), layer);
  registry.push('latest', Buffer.from(JSON.stringify({ ...manifest, layers })), OCI_MANIFEST);
}

const FETCHED = /^manifest latest, blob \S+$/;
const REFUSALS: readonly Refusal[] = [
  {
    name: 'a path that leaves the artifact',
    push: (world) => world.push('latest', { 'ok.txt': 'ok', '../out.txt': 'out' }),
    code: 'PATH_REFUSED',
    requests: FETCHED,
  },
  {
    name: 'more files than the source allows',
    push: (world) => world.push('latest', { 'a.txt': 'a', 'b.txt': 'b' }),
    source: SMALL,
    code: 'TOO_MANY_FILES',
    requests: FETCHED,
  },
  {
    name: 'a layer that is no archive',
    push: (world) => pushLayer(world, Buffer.from('not a tar at all'.repeat(64))),
    code: 'ARCHIVE_INVALID',
    requests: FETCHED,
  },
  {
    name: 'a manifest that is none',
    push: (world) =>
      world.registry.push('latest', Buffer.from('{"schemaVersion":2,"layers":7}'), OCI_MANIFEST),
    code: 'MANIFEST_INVALID',
    requests: /^manifest latest$/,
  },
];

describe('an artifact that must be refused', () => {
  for (const { name, push, code, source = {}, requests } of REFUSALS) {
    describe(name, () => {
      /** A world that has a good revision, and looked at a bad one once. */
      async function refused(): Promise<World> {
        const world = openWorld();
        world.push('latest', { 'good.txt': 'good' });
        committed(await world.look(source));
        push(world);
        const outcome = await world.look(source);
        assert.deepEqual([outcome.outcome, 'error' in outcome && outcome.error.code], ['failed', code]);
        world.asked();
        return world;
      }

      test('shows in status and event at once; the last good revision stays', async () => {
        const world = await refused();
        const status = await world.status();
        assert.partialDeepStrictEqual(status, {
          generation: 1,
          failure: { code, kind: 'permanent', attempts: 1 },
          outbox: [],
        });
        const conditions = status.conditions.map(({ type, status, reason }) => [type, status, reason]);
        assert.deepEqual(conditions, [
          ['Ready', 'False', code],
          ['Stalled', 'True', code],
        ]);
        assert.deepEqual(await currentFiles(world), { 'good.txt': 'good' });
        const [event, ...more] = world.events('Source Reconcile Failed');
        assert.deepEqual(more, []);
        assert.partialDeepStrictEqual(event?.detail, { code, generation: 1, kind: 'permanent' });
      });

      test('leaves nothing under a key', async () => {
        const { store } = await refused();
        const keys = await Array.fromAsync(store.objects.list(ARTIFACTS_PREFIX));
        assert.deepEqual(
          keys.map((key) => key.replace(/.*\/default\//, '')),
          ['artifact.json', 'files/good.txt'],
        );
      });

      test('is neither fetched nor told again while nothing changes', async () => {
        const world = await refused();
        let writes = 0;
        const { objects } = world.store;
        const replace: typeof objects.replace = (...given) => {
          writes += 1;
          return objects.replace(...given);
        };
        const deps = { store: { ...world.store, objects: { ...objects, replace } } };
        for (const trigger of ['schedule', 'webhook'] as const) {
          const before = await world.status();
          const outcome = await world.look(source, { trigger, deps });
          assert.ok(outcome.outcome === 'stalled');
          const { code: known, message, hint = null } = outcome.error;
          assert.partialDeepStrictEqual(before.failure, { code: known, message, hint });
          assert.deepEqual(world.asked(), ['peek latest']);
          assert.deepEqual(await world.status(), before);
        }
        assert.equal(writes, 0);
        assert.equal(world.events('Source Reconcile Failed').length, 1);
      });

      test('is tried again when a person asks, and not told again', async () => {
        const world = await refused();
        assert.equal((await world.look(source, { trigger: 'request' })).outcome, 'failed');
        assert.match(world.asked().join(', '), /manifest latest/);
        assert.equal((await world.status()).failure?.attempts, 2);
        assert.equal(world.events('Source Reconcile Failed').length, 1);
      });

      test('is tried again when the document changes', async () => {
        const world = await refused();
        const changed = { ...source, unpack: { ignore: '# another' } };
        assert.equal((await world.look(changed)).outcome, 'failed');
        assert.match(world.asked().join(', '), requests);
      });

      test('is over with the next good digest', async () => {
        const world = await refused();
        world.push('latest', { 'better.txt': 'better' });
        assert.equal(committed(await world.look(source)).generation, 2);
        const [recovered, ...more] = world.events('Source Recovered');
        assert.deepEqual(more, []);
        assert.partialDeepStrictEqual(recovered?.detail, { failure: { code } });
        const { failure, conditions } = await world.status();
        assert.equal(failure, null);
        assert.deepEqual(
          conditions.map(({ status }) => status),
          ['True', 'False'],
        );
      });

      test('is over when the tag goes back to what is current, with nothing fetched but the manifest', async () => {
        const world = await refused();
        world.push('latest', { 'good.txt': 'good' });
        assert.equal((await world.look(source)).outcome, 'unchanged');
        assert.deepEqual(world.asked(), ['peek latest', 'manifest latest']);
        assert.equal((await world.status()).failure, null);
        assert.equal(world.events('Source Recovered').length, 1);
      });

      test('stays known through a registry that does not answer for a while', async () => {
        const world = await refused();
        world.registry.failures.set('peek latest', new LandfallError('REGISTRY_UNREACHABLE', 'gone'));
        for (let look = 0; look < 4; look += 1) assert.equal((await world.look(source)).outcome, 'failed');
        const during = await world.status();
        assert.equal(during.failure?.code, code);
        assert.equal(during.conditions.find(({ type }) => type === 'Ready')?.reason, 'REGISTRY_UNREACHABLE');
        world.registry.failures.clear();
        world.asked();
        assert.equal((await world.look(source)).outcome, 'stalled');
        assert.deepEqual(world.asked(), ['peek latest']);
        assert.equal((await world.status()).conditions.find(({ type }) => type === 'Ready')?.reason, code);
        assert.equal(world.events('Source Reconcile Failed').length, 1);
      });
    });
  }
});
