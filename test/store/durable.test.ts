import assert from 'node:assert/strict';
import fs, { mkdirSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';

/** What was synced, in order; and what the disk answers. */
const synced: string[] = [];
let failure: Error | undefined;
const { fsync } = fs;
Object.defineProperty(fs, 'fsync', {
  value: (descriptor: number, done: (error: Error | null) => void) => {
    synced.push(readlinkSync(`/proc/self/fd/${descriptor}`));
    if (failure === undefined) fsync(descriptor, done);
    else done(failure);
  },
});
syncBuiltinESMExports();
const { syncFoldersUpTo } = await import('../../shared/store/directory/durable.ts');

const skip = process.platform === 'linux' ? false : 'a descriptor is asked for its path under /proc';

function rootFor(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'landfall-durable-'));
  t.after(() => {
    rmSync(root, { recursive: true });
    failure = undefined;
  });
  return fs.realpathSync(root);
}

/** The folders that are synced for a new name, from the root. */
async function syncedFor(root: string, path: string): Promise<readonly string[]> {
  mkdirSync(join(root, path, '..'), { recursive: true });
  synced.length = 0;
  await syncFoldersUpTo(root, join(root, path));
  return synced.map((folder) => relative(root, folder));
}

test('a new name is synced with every name above it that is not known to be on the disk', {
  skip,
}, async (t) => {
  const root = rootFor(t);
  assert.deepEqual(await syncedFor(root, 'sources/web/site/status.json'), [
    'sources/web/site',
    'sources/web',
    'sources',
    '',
  ]);
  assert.deepEqual(await syncedFor(root, 'sources/web/site/lock.json'), ['sources/web/site']);
  assert.deepEqual(await syncedFor(root, 'sources/web/shop/status.json'), [
    'sources/web/shop',
    'sources/web',
  ]);
  assert.deepEqual(await syncedFor(root, 'artifacts/x'), ['artifacts', '']);
});

test('a folder that was taken away and made again is another one', { skip }, async (t) => {
  const root = rootFor(t);
  await syncedFor(root, 'sources/web/site/status.json');
  rmSync(join(root, 'sources/web'), { recursive: true });
  assert.deepEqual(await syncedFor(root, 'sources/web/site/status.json'), [
    'sources/web/site',
    'sources/web',
    'sources',
  ]);
});

test('what could not be synced is synced again', { skip }, async (t) => {
  const root = rootFor(t);
  failure = Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
  await assert.rejects(syncedFor(root, 'sources/web/status.json'), { code: 'EIO' });
  failure = undefined;
  assert.deepEqual(await syncedFor(root, 'sources/web/status.json'), ['sources/web', 'sources', '']);
});
