import assert from 'node:assert/strict';
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ID, land } from '../../conformance/planted-artifacts.ts';

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
const { openDirectoryStore } = await import('../../../shared/store/directory/directory-store.ts');
const { syncFoldersUpTo, syncTree } = await import('../../../shared/store/directory/durable.ts');

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

for (const durable of [true, false])
  test(`a commit ${durable ? 'waits for' : 'does not wait for'} the disk where the store is${durable ? '' : ' not'} durable`, {
    skip,
  }, async (t) => {
    const store = await openDirectoryStore(rootFor(t), { durable });
    synced.length = 0;
    await land(store, ID, { a: 'a', 'b/c': 'c' });
    const names = synced.map((path) => path.replace(/.*\/staging\/[^/]*/, ''));
    for (const name of ['/files/a', '/files/b/c', '/files/b', '/files', '/artifact.json', ''])
      assert.equal(names.includes(name), durable, name);
    assert.equal(synced.includes(join(store.root, 'artifacts')), durable, 'the name of the artifact');
  });

/** Files of a new folder. */
function filesIn(folder: string, count: number): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const paths = Array.from({ length: count }, (_, at) => join(folder, `f${at}`));
  for (const path of paths) writeFileSync(path, '');
  return paths;
}

/** Has `sync` be a program of these lines, or none, and returns what it was asked for. */
function syncProgram(t: TestContext, lines: string | undefined, mode = 0o755): () => string {
  const bin = mkdtempSync(join(tmpdir(), 'landfall-sync-'));
  const before = process.env['PATH'];
  t.after(() => {
    process.env['PATH'] = before;
    rmSync(bin, { recursive: true });
  });
  const asked = join(bin, 'asked');
  process.env['PATH'] = bin;
  if (lines !== undefined)
    writeFileSync(join(bin, 'sync'), `#!/bin/sh\necho "$@" >>${asked}\n${lines}\n`, { mode });
  return () => (existsSync(asked) ? readFileSync(asked, 'utf8') : '');
}

test('few files are synced each, many by one sync of their filesystem', { skip }, async (t) => {
  const folder = join(rootFor(t), 'files');
  const asked = syncProgram(t, 'exit 0');
  const paths = filesIn(folder, 48);
  synced.length = 0;
  await syncTree(folder, paths.slice(1));
  assert.deepEqual([synced.toSorted(), asked()], [paths.slice(1).toSorted(), '']);
  synced.length = 0;
  await syncTree(folder, paths);
  assert.deepEqual([synced, asked()], [[], `-f ${folder}\n`]);
});

const NO_SYNCFS: readonly (readonly [what: string, lines: string | undefined, mode?: number])[] = [
  ['is no program', undefined],
  ['may not be run', 'exit 0', 0o644],
  ...[`sync: invalid option -- 'f'`, 'sync: unrecognized option: f', `sync: Unknown option 'f'`].map(
    (said) => [`says "${said}"`, `echo "${said}" >&2; exit 1`] as const,
  ),
];
for (const [what, lines, mode] of NO_SYNCFS)
  test(`where sync ${what}, each of many files is synced`, { skip }, async (t) => {
    const folder = join(rootFor(t), 'files');
    syncProgram(t, lines, mode);
    const paths = filesIn(folder, 48);
    synced.length = 0;
    await syncTree(folder, paths);
    assert.deepEqual(synced.toSorted(), paths.toSorted());
  });

// The kernel tells of a lost write once: a folder that is called like a word of sync's had it passed over.
for (const name of ['files', 'options'])
  test(`a filesystem that could not be synced is told, of a folder "${name}" too`, { skip }, async (t) => {
    const folder = join(rootFor(t), name);
    syncProgram(t, `echo "sync: error syncing '$2': Input/output error" >&2; exit 1`);
    await assert.rejects(syncTree(folder, filesIn(folder, 48)), /Input\/output error/);
  });
