import assert from 'node:assert/strict';
import { lstatSync, lutimesSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isLandfallError } from '../../../shared/errors.ts';
import { SELF } from '../../../shared/store/directory/owner.ts';
import { isServing, lockStore, serveOwner } from '../../../shared/store/directory/serve-lock.ts';
import { kill, said, startWorker } from '../support/child.ts';
import { folder } from '../support/folder.ts';

test('a store is served once, and again after release', async (t) => {
  const root = folder(t);
  assert.equal(await isServing(root), false);
  const lock = await lockStore(root);
  assert.equal(await isServing(root), true);
  await assert.rejects(lockStore(root), { code: 'STORE_LOCKED' });
  await lock.release();
  await lock.release();
  assert.equal(await isServing(root), false);
  await (await lockStore(root)).release();
});

test('the second serve is told who serves, and takes over when that one is killed', async (t) => {
  const root = folder(t);
  const child = startWorker(t, 'serve', root);
  assert.equal(await said(child), 'locked');
  await assert.rejects(lockStore(root), (error) => {
    assert.ok(isLandfallError(error) && error.code === 'STORE_LOCKED');
    assert.match(error.hint ?? '', /goes away within 20 s\.$/);
    assert.match(error.message, new RegExp(`pid ${child.pid} on .+, since 20..-`));
    assert.equal(error.detail['pid'], child.pid);
    return true;
  });
  assert.equal((await serveOwner(root))?.pid, child.pid);
  await kill(child);
  assert.equal(await isServing(root), false);
  await (await lockStore(root)).release();
});

test('of many that find the lock of a dead one, one takes it', async (t) => {
  const root = folder(t);
  const dead = startWorker(t, 'serve', root);
  await said(dead);
  await kill(dead);
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockStore(root)));
  const locks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  assert.equal(locks.length, 1);
  await locks[0]?.release();
});

const FAR = JSON.stringify({ ...SELF, machine: 'ffffffffffff', host: 'far', since: 'then', token: 'x' });
const age = (path: string): void => lutimesSync(path, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
const isOld = (path: string): boolean => lstatSync(path).mtimeMs < Date.now() - 30_000;

test('the lock of another machine holds while it is heard of', async (t) => {
  const root = folder(t);
  await (await lockStore(root)).release();
  const path = join(root, 'locks', 'serve');
  symlinkSync(FAR, path);
  await assert.rejects(lockStore(root), /pid .* on far, since then/);
  age(path);
  await (await lockStore(root)).release();
});

test("who serves is heard of while it does, and keeps no lock alive that is another one's since", async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const root = folder(t);
  const path = join(root, 'locks', 'serve');
  const lock = await lockStore(root);
  age(path);
  t.mock.timers.tick(10_000);
  assert.ok(!isOld(path));
  await lock.release();
  symlinkSync(FAR, path);
  age(path);
  t.mock.timers.tick(10_000);
  assert.ok(isOld(path));
});
