import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tryLock, unlock } from '../../../shared/store/directory/exclusive-lock.ts';
import { keyLockPath, LOCKS, underKeyLock } from '../../../shared/store/directory/key-lock.ts';
import { folder } from '../support/folder.ts';

const KEY = 'sources/default/app/status.json';
const soon = () => AbortSignal.timeout(2_000);

/** As of a mount that is gone for a moment, with a lock of ours in it. */
async function loseLock(root: string): Promise<() => void> {
  const locks = join(root, LOCKS);
  await underKeyLock(root, KEY, () => {
    renameSync(locks, `${locks}.away`);
    writeFileSync(locks, '');
  });
  return () => {
    rmSync(locks);
    renameSync(`${locks}.away`, locks);
  };
}

test('a lock whose folder was away when it was given back is given back when it is there again', async (t) => {
  const root = folder(t);
  const heal = await loseLock(root);
  await assert.rejects(underKeyLock(root, KEY, () => undefined, { signal: soon() }));
  heal();
  assert.equal(tryLock(keyLockPath(root, KEY), 60_000).held, false);
  assert.equal(await underKeyLock(root, KEY, () => 'mine', { signal: soon() }), 'mine');
});

test('a lock that somebody else has taken there meanwhile is left to them', async (t) => {
  const root = folder(t);
  const heal = await loseLock(root);
  heal();
  rmSync(keyLockPath(root, KEY));
  const other = tryLock(keyLockPath(root, KEY), 60_000);
  assert.ok(other.held);
  await assert.rejects(underKeyLock(root, KEY, () => 'stolen', { signal: AbortSignal.timeout(100) }));
  unlock(keyLockPath(root, KEY), other.text);
  assert.equal(await underKeyLock(root, KEY, () => 'mine', { signal: soon() }), 'mine');
});
