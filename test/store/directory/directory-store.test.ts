import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { isLandfallError } from '../../../shared/errors.ts';
import { openDirectoryStore } from '../../../shared/store/directory/directory-store.ts';
import { filesystemError } from '../../../shared/store/directory/filesystem-error.ts';
import { SELF } from '../../../shared/store/directory/owner.ts';
import { fileKey, recordKey } from '../../../shared/store/layout.ts';
import { collected } from '../../conformance/object-store.ts';
import { ID, land, recordOf, sweepAll, writeFile } from '../../conformance/planted-artifacts.ts';
import { smallDisk } from '../../support/stores/small-disk.ts';
import { folder } from '../support/folder.ts';

const open = (root: string) => openDirectoryStore(root, { durable: false });

test('a new store says its format version', async (t) => {
  const root = join(folder(t), 'not/there/yet');
  await open(root);
  assert.deepEqual(JSON.parse(readFileSync(join(root, 'landfall.json'), 'utf8')), { formatVersion: 1 });
  await open(root);
});

for (const [what, content, code] of [
  ['a newer version', '{"formatVersion":2}', 'STORE_VERSION'],
  ['no version', '{}', 'STORE_CORRUPT'],
  ['a version that is no number', '{"formatVersion":"1"}', 'STORE_CORRUPT'],
  ['nonsense', '\0', 'STORE_CORRUPT'],
  ['nothing', '', 'STORE_CORRUPT'],
] as const)
  test(`a store that says ${what} is not opened and not touched`, async (t) => {
    const root = folder(t);
    writeFileSync(join(root, 'landfall.json'), content);
    await assert.rejects(open(root), (error) => {
      assert.ok(isLandfallError(error) && error.code === code && error.hint !== undefined);
      if (code === 'STORE_VERSION') assert.match(error.message, /version 2; .* up to 1/);
      return true;
    });
    assert.deepEqual(readdirSync(root), ['landfall.json']);
  });

test('files are stored as 0644, or 0755 where the owner may execute', async (t) => {
  const store = await open(folder(t));
  const staging = await store.artifacts.stage(ID);
  const modes = { a: 0o600, b: 0o700, c: 0o4755, d: 0o666, e: 0o611 } as const;
  for (const [path, mode] of Object.entries(modes)) await writeFile(staging, path, path, mode);
  await staging.commit(recordOf(ID, Object.fromEntries(Object.keys(modes).map((path) => [path, path]))));
  const mask = 0o777 & ~umask();
  const got = Object.keys(modes).map((path) => statSync(join(store.root, fileKey(ID, path))).mode & 0o7777);
  assert.deepEqual(
    got,
    [0o644, 0o755, 0o755, 0o644, 0o644].map((mode) => mode & mask),
  );
});

const umask = (): number => Number.parseInt(execFileSync('sh', ['-c', 'umask'], { encoding: 'utf8' }), 8);

test('large files are written in order, whatever the size of the pieces', async (t) => {
  const store = await open(folder(t));
  const content = Buffer.alloc(3 * 1024 * 1024 + 1, 'landfall ');
  assert.equal(await land(store, ID, { big: content, small: 'x' }), 'committed');
  assert.ok(readFileSync(join(store.root, fileKey(ID, 'big'))).equals(content));
});

for (const writers of [1, 8])
  test(`a folder without a record in the place of an artifact is replaced, by ${writers}`, async (t) => {
    const store = await open(folder(t));
    const foreign = join(store.root, fileKey(ID, 'foreign'));
    mkdirSync(dirname(foreign), { recursive: true });
    writeFileSync(foreign, 'x');
    // So many that who does not wait until they are gone is seen.
    for (let at = 0; at < 1000; at += 1) writeFileSync(`${foreign}-${at}`, '');
    assert.equal(await store.artifacts.record(ID), undefined);
    await assert.rejects(store.artifacts.open(ID, 'foreign'), { code: 'ARTIFACT_NOT_FOUND' });
    const results = await Promise.all(Array.from({ length: writers }, () => land(store, ID, { a: 'a' })));
    assert.equal(results.filter((result) => result === 'committed').length, 1);
    assert.equal(existsSync(foreign), false);
    assert.deepEqual(readdirSync(join(store.root, 'staging')), []);
  });

test('who commits second leaves no staging behind, without being told to', async (t) => {
  const store = await open(folder(t));
  await land(store, ID, { a: 'a' });
  const staging = await store.artifacts.stage(ID);
  await writeFile(staging, 'a', 'a');
  assert.equal(await staging.commit(recordOf(ID, { a: 'a' })), 'exists');
  assert.deepEqual(readdirSync(join(store.root, 'staging')), []);
});

test('a symbolic link planted in an artifact is not followed', async (t) => {
  const store = await open(folder(t));
  await land(store, ID, { a: 'a' });
  symlinkSync('/etc/passwd', join(store.root, fileKey(ID, 'link')));
  await assert.rejects(store.artifacts.open(ID, 'link'), { code: 'ARTIFACT_NOT_FOUND' });
});

test('staging folders and locks are not listed', async (t) => {
  const store = await open(folder(t));
  const staging = await store.artifacts.stage(ID);
  await writeFile(staging, 'a', 'a');
  const version = await store.objects.replace('k', Buffer.from('1'), undefined);
  await store.objects.replace('k', Buffer.from('2'), version);
  assert.deepEqual(await collected(store.objects.list('')), ['k', 'landfall.json']);
  await staging.discard();
});

test('a key that is a folder of other keys is refused, and nothing is there', async (t) => {
  const { objects } = await open(folder(t));
  await objects.putIfAbsent('a/b', Buffer.from('x'));
  await assert.rejects(objects.putIfAbsent('a', Buffer.from('y')), { code: 'PATH_REFUSED' });
  assert.equal(await objects.get('a'), undefined);
});

test('a staged file that cannot be taken back is told of', async (t) => {
  const store = await open(folder(t));
  const staging = await store.artifacts.stage(ID);
  await writeFile(staging, 'a', 'a');
  const [name = ''] = readdirSync(join(store.root, 'staging'));
  const path = join(store.root, 'staging', name, 'files/a');
  rmSync(path);
  mkdirSync(path);
  await assert.rejects(staging.remove(['a']), { code: /^STORE_/, message: /cannot remove a: / });
  await staging.discard();
});

test('taking away the last object or artifact of a folder leaves no empty folders', async (t) => {
  const store = await open(folder(t));
  await store.objects.putIfAbsent('sources/a/b/status.json', Buffer.from('x'));
  await store.objects.delete(['sources/a/b/status.json']);
  assert.equal(existsSync(join(store.root, 'sources')), false);
  await land(store, ID, { 'a/b': 'x' });
  await store.artifacts.remove(ID);
  assert.equal(existsSync(join(store.root, 'artifacts')), false);
});

test('sweep removes old staging of processes it cannot see and artifact folders without a record', async (t) => {
  const store = await open(folder(t));
  await land(store, ID, { a: 'a' });
  const foreign = join(store.root, 'staging', `1-1-${'f'.repeat(12)}-${'0'.repeat(16)}`);
  const orphan = join(store.root, 'artifacts/sha256', 'e'.repeat(64), 'default');
  for (const path of [foreign, orphan]) mkdirSync(path, { recursive: true });
  const before = Date.now() - 60_000;
  const nothing = { staging: 0, orphans: 0 };
  assert.deepEqual(await sweepAll(store, { before, dryRun: false }), nothing);
  for (const path of [foreign, orphan]) utimesSync(path, 0, 0);
  const all = { staging: 1, orphans: 1 };
  assert.deepEqual(await sweepAll(store, { before, dryRun: true }), all);
  assert.deepEqual(await sweepAll(store, { before, dryRun: false }), all);
  assert.deepEqual(await sweepAll(store, { before, dryRun: false }), nothing);
  assert.deepEqual(await collected(store.artifacts.list()), [ID]);
});

test('an unfinished staging of a live process is never swept', async (t) => {
  const store = await open(folder(t));
  const staging = await store.artifacts.stage(ID);
  await writeFile(staging, 'a', 'a');
  await (await open(store.root)).sweep({ before: Date.now() + 60_000, dryRun: false });
  assert.equal(await staging.commit(recordOf(ID, { a: 'a' })), 'committed');
  assert.ok(readdirSync(join(store.root, 'staging')).every((name) => name.startsWith(`${SELF.pid}-`)));
});

for (const [errno, code, kind] of [
  ['ENOSPC', 'STORE_FULL', 'transient'],
  ['EDQUOT', 'STORE_FULL', 'transient'],
  ['EACCES', 'STORE_DENIED', 'permanent'],
  ['EPERM', 'STORE_DENIED', 'permanent'],
  ['EROFS', 'STORE_DENIED', 'permanent'],
  ['EIO', 'STORE_UNAVAILABLE', 'transient'],
  ['EMFILE', 'STORE_UNAVAILABLE', 'transient'],
  ['ENAMETOOLONG', 'ENTRY_REFUSED', 'permanent'],
] as const)
  test(`${errno} becomes ${code}, which is ${kind}, and says what to do`, () => {
    const error = filesystemError(Object.assign(new Error(errno), { code: errno }), 'write x');
    assert.deepEqual([error.code, error.kind], [code, kind]);
    assert.match(error.message, new RegExp(`cannot write x: ${errno}`));
    assert.ok(error.hint);
  });

test('a name that is longer than the filesystem takes is refused with its path', async (t) => {
  const store = await open(folder(t));
  const staging = await store.artifacts.stage(ID);
  const path = `a/${'x'.repeat(256)}`;
  await assert.rejects(async () => staging.create(path, 1, 0o644), { code: 'ENTRY_REFUSED' });
  await writeFile(staging, `a/${'x'.repeat(255)}`, 'x');
  await staging.discard();
});

test('a full disk refuses the artifact and the status, and keeps what is there', async (t) => {
  const root = smallDisk(t, '512k');
  if (root === undefined) return t.skip('needs permission to mount a tmpfs');
  const store = await openDirectoryStore(root);
  await land(store, ID, { a: 'good' });
  const version = await store.objects.replace('sources/a/b/status.json', Buffer.from('good'), undefined);
  const full = { code: 'STORE_FULL' };
  const other = { ...ID, variant: 'other' };
  for (const size of [700 * 1024, 2 * 1024 * 1024])
    await assert.rejects(land(store, other, { big: Buffer.alloc(size) }), full);
  assert.equal(await store.artifacts.record(other), undefined);
  assert.deepEqual(readdirSync(join(root, 'staging')), []);
  await assert.rejects(
    store.objects.replace('sources/a/b/status.json', Buffer.alloc(1 << 20), version),
    full,
  );
  assert.equal((await store.objects.get('sources/a/b/status.json'))?.version, version);
  assert.deepEqual(await store.artifacts.record(ID), recordOf(ID, { a: 'good' }));
  assert.equal(await land(store, other, { small: 'fits' }), 'committed');
});

test('a folder that may not be written is denied', {
  skip: process.getuid?.() === 0 && 'root may',
}, async (t) => {
  const root = folder(t);
  await open(root);
  execFileSync('chmod', ['-R', 'a-w', root]);
  t.after(() => execFileSync('chmod', ['-R', 'u+w', root]));
  const store = await open(root);
  await assert.rejects(store.objects.putIfAbsent('a', Buffer.from('x')), { code: 'STORE_DENIED' });
  await assert.rejects(store.artifacts.stage(ID), { code: 'STORE_DENIED' });
});

test('a read-only disk can be read and says that it cannot be written', async (t) => {
  const root = smallDisk(t, '1m');
  if (root === undefined) return t.skip('needs permission to mount a tmpfs');
  await land(await open(root), ID, { a: 'a' });
  execFileSync('mount', ['-o', 'remount,ro', root]);
  const store = await open(root);
  assert.deepEqual(await store.artifacts.record(ID), recordOf(ID, { a: 'a' }));
  assert.ok((await store.objects.get(recordKey(ID))) !== undefined);
  await assert.rejects(store.objects.putIfAbsent('a', Buffer.from('x')), { code: 'STORE_DENIED' });
  await assert.rejects(store.artifacts.stage(ID), { code: 'STORE_DENIED' });
  await assert.rejects(store.artifacts.remove(ID), { code: 'STORE_DENIED' });
});
