import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../shared/clock.ts';
import { openDirectoryStore } from '../../../shared/store/directory/directory-store.ts';
import { tryLock } from '../../../shared/store/directory/exclusive-lock.ts';
import { SELF } from '../../../shared/store/directory/owner.ts';
import { fsck } from '../../../shared/store/fsck/fsck.ts';
import { readStatus, updateStatus } from '../../../shared/store/status-store.ts';
import { collected } from '../../conformance/object-store.ts';
import { ID, recordOf } from '../../conformance/planted-artifacts.ts';
import { finished, kill, said, startWorker } from '../support/child.ts';
import { folder } from '../support/folder.ts';
import { SOURCE } from '../support/sample.ts';

const PROCESSES = 3;
const started = (t: Parameters<typeof startWorker>[0], ...args: readonly string[]) =>
  Array.from({ length: PROCESSES }, (_, at) => startWorker(t, ...args, String(at)));

test('of racing puts from several processes one creates', async (t) => {
  const root = folder(t);
  const said = await Promise.all(started(t, 'put', root).map(finished));
  assert.equal(said.join(' ').split('created').length - 1, 1);
  const store = await openDirectoryStore(root, { durable: false });
  assert.match(String(Buffer.from((await store.objects.get('key'))?.bytes ?? [])), /^[0-2] [0-3]$/);
});

test('of racing commits from several processes one wins', async (t) => {
  const root = folder(t);
  const said = await Promise.all(started(t, 'land', root).map(finished));
  assert.equal(said.join(' ').split('committed').length - 1, 1);
  const store = await openDirectoryStore(root, { durable: false });
  assert.deepEqual(await store.artifacts.record(ID), recordOf(ID, { a: 'a', 'b/c': 'c' }));
  assert.deepEqual(readdirSync(join(root, 'staging')), []);
});

const lockPathOf = (root: string, key: string): string =>
  join(root, 'locks', createHash('sha256').update(key).digest('hex').slice(0, 32));

/** The lock of a process that died holding it: this pid, but another start. */
function plantDeadLock(path: string, at: number): void {
  try {
    const dead = { ...SELF, started: '1', host: 'here', since: 'then', token: `dead ${at}` };
    symlinkSync(JSON.stringify(dead), path);
  } catch {
    // Held by someone who lives: the next one, then.
  }
}

test('no increment is lost between processes, while owners of the lock keep dying', async (t) => {
  const root = folder(t);
  const store = await openDirectoryStore(root, { durable: false });
  await store.objects.putIfAbsent('counter', Buffer.from('0'));
  const times = 25;
  const workers = Array.from({ length: PROCESSES }, () => startWorker(t, 'increment', root, String(times)));
  let running = true;
  const all = Promise.all(workers.map(finished)).finally(() => {
    running = false;
  });
  mkdirSync(join(root, 'locks'), { recursive: true });
  let planted = 0;
  while (running) {
    plantDeadLock(lockPathOf(root, 'counter'), planted++);
    await sleep(1);
  }
  await all;
  const stored = await store.objects.get('counter');
  assert.equal(Buffer.from(stored?.bytes ?? []).toString(), String(PROCESSES * 4 * times));
  const left = readdirSync(join(root, 'locks')).filter((name) => name.includes('.break-'));
  assert.deepEqual(left, []);
});

test('a lock is free again when its owner is killed', async (t) => {
  const path = join(folder(t), 'lock');
  const child = startWorker(t, 'lock', '', path);
  assert.equal(await said(child), 'held');
  const refused = tryLock(path, 60_000);
  assert.ok(!refused.held && refused.by?.pid === child.pid);
  await kill(child);
  assert.equal(tryLock(path, 60_000).held, true);
});

test('what a killed process staged is swept by the next one, and what a live one stages is not', async (t) => {
  const root = folder(t);
  const [dead, alive] = [startWorker(t, 'stage', root), startWorker(t, 'stage', root)];
  await Promise.all([said(dead), said(alive)]);
  assert.equal(readdirSync(join(root, 'staging')).length, 2);
  await kill(dead);
  const store = await openDirectoryStore(root, { durable: false });
  const left = readdirSync(join(root, 'staging'));
  assert.equal(left.length, 1);
  assert.ok(left[0]?.startsWith(`${alive.pid}-`));
  assert.deepEqual(await collected(store.artifacts.list()), []);
});

test('killed at any moment, a store has only whole artifacts and a status that names them', async (t) => {
  const root = folder(t);
  let generation = 0;
  for (let round = 0; round < 3; round += 1) {
    const workers = [startWorker(t, 'churn', root), startWorker(t, 'churn', root)];
    await Promise.all(workers.map(said));
    await sleep(20 + Math.random() * 80);
    await Promise.all(workers.map(kill));

    const store = await openDirectoryStore(root, { durable: false });
    const report = await fsck(store);
    assert.deepEqual(report.problems, []);
    const status = await readStatus(store.objects, SOURCE);
    assert.ok((status?.status.generation ?? 0) >= generation);
    generation = status?.status.generation ?? 0;
    if (existsSync(join(root, 'staging'))) assert.deepEqual(readdirSync(join(root, 'staging')), []);
    const specDigest = `round ${round}`;
    const after = await updateStatus(store.objects, SOURCE, (now) => now && { ...now, specDigest }, {
      clock: systemClock,
    });
    // A slow machine has killed them before the first.
    assert.equal(after?.specDigest, status && specDigest);
  }
  assert.ok(generation > 0, 'the workers got nowhere');
});
