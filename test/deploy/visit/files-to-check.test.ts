import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { directoryLocationOf } from '../../../shared/deploy/visit/artifact-location.ts';
import { visitArtifact } from '../../../shared/deploy/visit/visit-artifact.ts';
import type { ArtifactStore } from '../../../shared/model/artifact-store.ts';
import { openDirectoryStore } from '../../../shared/store/directory/directory-store.ts';
import { filesPrefix, recordKey } from '../../../shared/store/layout.ts';
import { ID, land } from '../../conformance/planted-artifacts.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const TREE = { Makefile: 'all:', 'src/a.txt': 'one', 'src/deep/b.txt': 'two' };
const ALL = Object.keys(TREE);

interface Landed {
  /** Where its files are. */
  readonly folder: string;
  /** Something as old as the artifact. */
  readonly elsewhere: string;
  readonly record: string;
}

/** An artifact in a store of this machine, and what is read of it when all of it is checked. */
async function landed(t: TestContext, path?: string) {
  const temporary = await temporaryFolder();
  t.after(() => temporary.remove());
  const elsewhere = join(temporary.path, 'elsewhere');
  await mkdir(join(elsewhere, 'deep'), { recursive: true });
  await writeFile(join(elsewhere, 'a.txt'), 'ONE');
  await writeFile(join(elsewhere, 'deep/b.txt'), 'two');
  const root = join(temporary.path, 'store');
  const store = await openDirectoryStore(root, { durable: false });
  await land(store, ID, TREE);
  const record = await store.artifacts.record(ID);
  const reads: string[] = [];
  const artifacts: Pick<ArtifactStore, 'open' | 'record'> = {
    record: store.artifacts.record,
    open: (id, name, options) => {
      reads.push(name);
      return store.artifacts.open(id, name, options);
    },
  };
  const location = directoryLocationOf(root)(ID, path);
  const { signal } = new AbortController();
  const artifact = visitArtifact({ deploy: 'live', id: ID, path, location, signal }, record, { artifacts });
  const recordPath = join(root, recordKey(ID));
  const tellsBirth = (await lstat(recordPath, { bigint: true })).birthtimeNs > 0n;
  const about: Landed = { folder: join(root, filesPrefix(ID)), elsewhere, record: recordPath };
  // A clock of inodes ticks each few milliseconds: what comes next is to be later.
  await setTimeout(20);
  return { artifact, store, about, reads, tellsBirth };
}

const changes: readonly (readonly [
  what: string,
  change: (landed: Landed) => Promise<unknown>,
  read: readonly string[],
  code?: 'STORE_CORRUPT' | 'ARTIFACT_NOT_FOUND',
])[] = [
  ['as it landed', async () => undefined, []],
  ['beside which something was built', ({ folder }) => writeFile(join(folder, 'src/built.o'), 'x'), []],
  ['whose mode was changed', ({ folder }) => chmod(join(folder, 'Makefile'), 0o755), ['Makefile']],
  [
    'one file of which was written with as many bytes, and its time set back',
    async ({ folder }) => {
      const { atime, mtime } = await lstat(join(folder, 'src/a.txt'));
      await writeFile(join(folder, 'src/a.txt'), 'ONE');
      await utimes(join(folder, 'src/a.txt'), atime, mtime);
    },
    ['src/a.txt'],
    'STORE_CORRUPT',
  ],
  [
    'one file of which was written again as it was',
    ({ folder }) => writeFile(join(folder, 'src/a.txt'), 'one'),
    ['src/a.txt'],
  ],
  [
    'one file of which is gone',
    ({ folder }) => rm(join(folder, 'Makefile')),
    ['Makefile'],
    'ARTIFACT_NOT_FOUND',
  ],
  [
    'a file of which is a link to something older',
    async ({ folder, elsewhere }) => {
      await rm(join(folder, 'src/a.txt'));
      await symlink(join(elsewhere, 'a.txt'), join(folder, 'src/a.txt'));
    },
    ['src/a.txt'],
    'ARTIFACT_NOT_FOUND',
  ],
  [
    'a file of which was replaced by one that is older',
    ({ folder, elsewhere }) => rename(join(elsewhere, 'a.txt'), join(folder, 'src/a.txt')),
    ['src/a.txt'],
    'STORE_CORRUPT',
  ],
  [
    'a folder of which is a link to something older',
    async ({ folder, elsewhere }) => {
      await rm(join(folder, 'src'), { recursive: true });
      await symlink(elsewhere, join(folder, 'src'));
    },
    ['src/a.txt', 'src/deep/b.txt'],
    'STORE_CORRUPT',
  ],
  ['whose record is not there to compare with', ({ record }) => rm(record), ALL, 'ARTIFACT_NOT_FOUND'],
];

for (const [what, change, read, code] of changes)
  test(`an artifact ${what} is ${code === undefined ? 'taken' : `refused (${code})`}, and ${read.length} files are read`, async (t) => {
    const { artifact, about, reads, tellsBirth } = await landed(t);
    await change(about);
    const checked = artifact.checkAll();
    await (code === undefined ? checked : assert.rejects(checked, { code }));
    if (tellsBirth)
      assert.deepEqual(
        reads.filter((each) => !read.includes(each)),
        [],
      );
    for (const each of code === undefined ? read : read.slice(0, 1)) assert.ok(reads.includes(each), each);
  });

test('an artifact that is used is not written: it is not read again', async (t) => {
  const { artifact, store, reads, tellsBirth } = await landed(t);
  await store.artifacts.record(ID);
  await artifact.checkAll();
  if (tellsBirth) assert.deepEqual(reads, []);
});

test('of a deploy with a path only what is under it is looked at', async (t) => {
  const { artifact, about, reads } = await landed(t, 'src');
  await writeFile(join(about.folder, 'Makefile'), 'ALL:');
  await artifact.checkAll();
  await writeFile(join(about.folder, 'src/deep/b.txt'), 'TWO');
  await assert.rejects(artifact.checkAll(), { code: 'STORE_CORRUPT', hint: /fsck --repair/ });
  assert.deepEqual(reads.at(-1), 'src/deep/b.txt');
});
