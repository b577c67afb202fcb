import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { systemClock } from '../../shared/clock.ts';
import { EventLog } from '../../shared/event/event-log.ts';
import { readEvents } from '../../shared/event/read-events.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { reconcile } from '../../shared/reconcile/reconcile.ts';
import { DEFAULT_TRANSPORT } from '../../shared/registry/client.ts';
import { createRegistryClient } from '../../shared/registry/create-client.ts';
import { type DirectoryStore, openDirectoryStore } from '../../shared/store/directory/directory-store.ts';
import { fsck } from '../../shared/store/fsck/fsck.ts';
import { readStatus } from '../../shared/store/status-store.ts';
import { Random } from '../support/simulation/simulation-random.ts';
import { EVENT_ORIGIN, ID, imageOf, sourceOf } from '../support/stores/memory-sources.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const KILLS = 12;
const CHILD = fileURLToPath(new URL('../support/programs/reconcile-loop.ts', import.meta.url));

interface Subject {
  readonly root: string;
  /** Of compiled code, so that a process starts in half the time. */
  readonly cache: string;
  readonly host: string;
  readonly random: Random;
  /** Pushes what comes next under `latest`, every so often something that must be refused. */
  push(isGood?: boolean): Digest;
}

async function subjectOf(t: TestContext): Promise<Subject> {
  const registry = await startEmbeddedRegistry();
  t.after(() => registry.close());
  const [store, cache] = [await temporaryFolder(), await temporaryFolder()];
  for (const { remove } of [store, cache]) t.after(remove);
  let pushed = 0;
  const push = (isGood = true): Digest => {
    pushed += 1;
    const files = Array.from({ length: 100 }, (_, at) => [
      `folder-${at % 4}/${at}.txt`,
      `${pushed}`.repeat(1_000),
    ]);
    const image = imageOf(Object.fromEntries(isGood ? files : [...files, ['../out', 'out']]));
    for (const blob of image.blobs) registry.content.addBlob('site', blob);
    return registry.content.addManifest('site', image.mediaType, image.bytes, { tag: 'latest' });
  };
  const random = new Random(Date.now());
  return { root: store.path, cache: cache.path, host: registry.host, random, push };
}

/** Runs the loop in a process of its own, with pushes going on, and ends it at a moment nobody chose. */
async function runAndKill({ root, cache, host, random, push }: Subject): Promise<readonly string[]> {
  const child = spawn(process.execPath, [CHILD, root, host], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  const closed = once(child, 'close');
  const wanted = 1 + Math.floor(random.next() * 3);
  const reached = new Promise<void>((resolve) => {
    reader.on('line', (line) => {
      // There is always something to land, so that the end comes in the middle of it.
      push(random.chance(0.85));
      if (lines.push(line) === wanted) resolve();
    });
  });
  await Promise.race([reached, closed]);
  await sleep(random.next() * 20);
  child.kill('SIGKILL');
  const [, signal] = await closed;
  assert.equal(signal, 'SIGKILL', `the loop ended by itself after: ${lines.join(', ')}`);
  return lines;
}

/** What somebody finds who looks right after the kill. */
async function checkStore(store: DirectoryStore, generationBefore: number): Promise<number> {
  const { ok, problems } = await fsck(store);
  assert.ok(ok, JSON.stringify(problems, null, 2));
  const generation = (await readStatus(store.objects, ID))?.status.generation ?? 0;
  assert.ok(generation >= generationBefore, `generation ${generationBefore} became ${generation}`);
  const told = await changedGenerations(store);
  assert.ok(
    told.every((one) => one <= generation),
    'no event for what is not committed',
  );
  return generation;
}

async function changedGenerations({ root }: DirectoryStore): Promise<readonly number[]> {
  const events = await Array.fromAsync(readEvents(root));
  return events
    .filter((event) => event['detail-type'] === 'Artifact Revision Changed')
    .map(({ detail }) => Number(detail['generation']));
}

describe('a process that reconciles into a folder', () => {
  test(`is killed ${KILLS} times at any moment, and leaves nothing half done or untold`, async (t) => {
    const subject = await subjectOf(t);
    const { root, host, push } = subject;
    push();
    const store = await openDirectoryStore(root, { durable: false });
    let generation = 0;
    let looks = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      looks += (await runAndKill(subject)).length - 1;
      generation = await checkStore(store, generation);
    }
    assert.ok(looks > 0 && generation > 0, 'the processes got somewhere');
    const head = push();
    const transport = { ...DEFAULT_TRANSPORT, plainHttp: true };
    const registry = createRegistryClient({
      access: { access: async () => ({ credential: { kind: 'anonymous' }, transport }) },
      clock: systemClock,
      limits: DEFAULT_LIMITS,
    });
    t.after(() => registry.close());
    const bus = new EventLog(root);
    t.after(() => bus.close());
    const source = sourceOf({ repository: { registry: host, repository: 'site' } });
    for (let look = 0; look < 2; look += 1) {
      await reconcile(
        { source, trigger: 'schedule' },
        { registry, store, bus, clock: systemClock, origin: EVENT_ORIGIN, sourceOf: () => undefined },
      );
    }
    generation = await checkStore(store, generation);
    const status = (await readStatus(store.objects, ID))?.status;
    assert.deepEqual([status?.current?.digest, status?.failure, status?.outbox], [head, null, []]);
    const every = Array.from({ length: generation }, (_, at) => at + 1);
    assert.deepEqual(await changedGenerations(store), every, 'each generation is told once, in order');
    t.diagnostic(`${generation} generations in ${looks} looks`);
  });
});
