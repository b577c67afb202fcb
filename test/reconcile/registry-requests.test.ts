import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { systemClock } from '../../shared/clock.ts';
import { MemoryBus } from '../../shared/event/memory-bus.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import type { ReconcileOutcome } from '../../shared/reconcile/deps.ts';
import { reconcile } from '../../shared/reconcile/reconcile.ts';
import { DEFAULT_TRANSPORT } from '../../shared/registry/client.ts';
import { createRegistryClient } from '../../shared/registry/create-client.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import { requireStatus } from '../../shared/store/status-store.ts';
import { EVENT_ORIGIN, ID, imageOf, type SourceChanges, sourceOf } from '../support/stores/memory-sources.ts';

const PAGE_SIZE = 2;
const users = { landfall: 'correct horse' };

interface Subject {
  readonly registry: EmbeddedRegistry;
  push(tag: string, text: string): void;
  look(changes?: SourceChanges): Promise<ReconcileOutcome>;
  failure(): Promise<string | undefined>;
  /** `GET /v2/…` since the last call of this. */
  asked(): readonly string[];
}

/** The real client on a real registry with bearer tokens, its token already there. */
async function subjectOf(t: TestContext): Promise<Subject> {
  const registry = await startEmbeddedRegistry({
    pageSize: PAGE_SIZE,
    auth: { kind: 'bearer', users, expiresInSeconds: 300 },
  });
  t.after(() => registry.close());
  const credential = { kind: 'basic', username: 'landfall', password: users.landfall } as const;
  const transport = { ...DEFAULT_TRANSPORT, plainHttp: true };
  const client = createRegistryClient({
    access: { access: async () => ({ credential, transport }) },
    clock: systemClock,
    limits: DEFAULT_LIMITS,
    retry: { attempts: 1, baseMs: 1 },
  });
  t.after(() => client.close());
  const repository = { registry: registry.host, repository: 'site' };
  const store = openMemoryStore();
  const deps = {
    registry: client,
    store,
    bus: new MemoryBus(),
    clock: systemClock,
    origin: EVENT_ORIGIN,
    sourceOf: () => undefined,
  };
  const push = (tag: string, text: string): void => {
    const { blobs, bytes, mediaType } = imageOf({ 'a.txt': text });
    for (const blob of blobs) registry.content.addBlob('site', blob);
    registry.content.addManifest('site', mediaType, bytes, { tag });
  };
  push('warm', 'warm');
  await client.peek(repository, 'warm');
  registry.requests.reset();
  return {
    registry,
    push,
    look: (changes) => reconcile({ source: sourceOf({ repository, ...changes }), trigger: 'schedule' }, deps),
    failure: async () => (await requireStatus(store.objects, ID)).failure?.code,
    asked: () => {
      const lines = registry.requests.entries.map(({ method, path }) => `${method} ${path}`);
      registry.requests.reset();
      return lines;
    },
  };
}

describe('requests to a registry with bearer tokens', () => {
  test('are two for a new revision and one where nothing is new, by tag', async (t) => {
    const { push, look, asked } = await subjectOf(t);
    push('latest', 'one');
    assert.equal((await look()).outcome, 'committed');
    assert.match(
      asked().join(', '),
      /^GET \/v2\/site\/manifests\/latest, GET \/v2\/site\/blobs\/sha256:\S+$/,
    );
    assert.equal((await look()).outcome, 'unchanged');
    assert.deepEqual(asked(), ['HEAD /v2/site/manifests/latest']);
  });

  test('are none where nothing is new by digest', async (t) => {
    const { push, look, asked } = await subjectOf(t);
    push('latest', 'one');
    const source = { ref: { digest: imageOf({ 'a.txt': 'one' }).digest } };
    assert.equal((await look(source)).outcome, 'committed');
    assert.equal(asked().length, 2);
    assert.equal((await look(source)).outcome, 'unchanged');
    assert.deepEqual(asked(), []);
  });

  test('are the pages of the list and one more where nothing is new by range', async (t) => {
    const { push, look, asked } = await subjectOf(t);
    for (const tag of ['1.0.0', '1.1.0', '1.2.0', '2.0.0']) push(tag, tag);
    const source = { ref: { semver: '1.x' } };
    assert.equal((await look(source)).outcome, 'committed');
    asked();
    assert.equal((await look(source)).outcome, 'unchanged');
    const pages = ['GET /v2/site/tags/list', 'GET /v2/site/tags/list', 'GET /v2/site/tags/list'];
    assert.deepEqual(asked(), [...pages, 'HEAD /v2/site/manifests/1.2.0']);
  });
});

describe('a registry that misbehaves', () => {
  const faults = [
    { name: 'corrupts a layer', effect: { kind: 'corrupt' }, code: 'DIGEST_MISMATCH' },
    { name: 'cuts a layer', effect: { kind: 'cut', at: 'half' }, code: 'BLOB_TRUNCATED' },
    { name: 'sends half a layer as a whole', effect: { kind: 'truncate' }, code: 'SIZE_MISMATCH' },
    { name: 'denies a layer', effect: { kind: 'status', status: 403 }, code: 'FORBIDDEN' },
    { name: 'is down', effect: { kind: 'status', status: 503 }, code: 'REGISTRY_UNAVAILABLE' },
    { name: 'stalls in a layer', effect: { kind: 'stall', at: 'half' }, code: 'REGISTRY_TIMEOUT' },
  ] as const;
  for (const { name, effect, code } of faults) {
    test(`and ${name} leaves ${code}, until it does not`, async (t) => {
      const { push, look, failure, registry } = await subjectOf(t);
      push('latest', 'one');
      registry.faults.add({ path: /\/blobs\// }, effect);
      const outcome = await look(code === 'REGISTRY_TIMEOUT' ? { timeoutMs: 300 } : {});
      assert.deepEqual([outcome.outcome, await failure()], ['failed', code]);
      registry.faults.clear();
      assert.equal((await look()).outcome, 'committed');
      assert.equal(await failure(), undefined);
    });
  }
});
