import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { stageOutput } from '../../../shared/store/directory/output-directory.ts';
import { outputError } from '../../../shared/store/directory/output-error.ts';
import { SELF } from '../../../shared/store/directory/owner.ts';
import { type Tree, writeTree } from '../../conformance/planted-artifacts.ts';
import { folder } from '../support/folder.ts';

const TREE: Tree = { a: 'new', 'b/c': 'c' };

const contentOf = (path: string): Tree =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(path.length + 1), readFileSync(file, 'utf8')]),
  );

async function pull(path: string, force = false): Promise<void> {
  const staging = await stageOutput(path, { force });
  await writeTree(staging, TREE);
  await staging.commit([]);
  await staging.discard();
}

test('an absent folder appears with the files and nothing else', async (t) => {
  const root = folder(t);
  const path = join(root, 'not/there');
  await pull(path);
  assert.deepEqual(contentOf(path), TREE);
  assert.deepEqual(readdirSync(join(root, 'not')), ['there']);
});

test('an empty folder is filled, and keeps its mode', async (t) => {
  const path = join(folder(t), 'out');
  mkdirSync(path, { mode: 0o750 });
  await pull(path);
  assert.deepEqual(contentOf(path), TREE);
  assert.equal(statSync(path).mode & 0o777, 0o750);
});

test('nothing is in the folder before the switch, nor after a discard', async (t) => {
  const root = folder(t);
  const path = join(root, 'out');
  const staging = await stageOutput(path, { force: false });
  await writeTree(staging, TREE);
  assert.ok(!readdirSync(root).includes('out'));
  await staging.discard();
  assert.deepEqual(readdirSync(root), []);
});

test('a folder with something in it is refused before anything is written', async (t) => {
  const root = folder(t);
  writeFileSync(join(root, 'mine'), 'mine');
  await assert.rejects(stageOutput(root, { force: false }), { code: 'OUTPUT_NOT_EMPTY', hint: /--force/ });
  assert.deepEqual(contentOf(root), { mine: 'mine' });
});

test('what came into the folder meanwhile is not overwritten', async (t) => {
  const path = join(folder(t), 'out');
  const staging = await stageOutput(path, { force: false });
  await writeTree(staging, TREE);
  mkdirSync(path);
  writeFileSync(join(path, 'mine'), 'mine');
  await assert.rejects(staging.commit([]), { code: 'OUTPUT_NOT_EMPTY' });
  await staging.discard();
  assert.deepEqual(contentOf(path), { mine: 'mine' });
});

test('force replaces all of what was there', async (t) => {
  const root = folder(t);
  const path = join(root, 'out');
  await pull(path);
  writeFileSync(join(path, 'mine'), 'mine');
  await pull(path, true);
  assert.deepEqual(contentOf(path), TREE);
  assert.deepEqual(readdirSync(root), ['out']);
});

for (const force of [false, true])
  test(`a file is no output${force ? ', not by force either' : ''}`, async (t) => {
    const path = join(folder(t), 'file');
    writeFileSync(path, 'mine');
    await assert.rejects(stageOutput(path, { force }), { code: 'OUTPUT_NOT_EMPTY' });
    assert.equal(readFileSync(path, 'utf8'), 'mine');
  });

for (const path of ['/', homedir()])
  test(`${path} is not replaced, by force or not`, async () => {
    await assert.rejects(stageOutput(path, { force: true }), { code: 'OUTPUT_NOT_EMPTY' });
  });

for (const make of [(path: string) => mkdirSync(path), (path: string) => writeFileSync(path, 'gitdir: x')])
  test('a folder that holds a .git, as a folder or a file, is not replaced by force', async (t) => {
    const root = folder(t);
    make(join(root, '.git'));
    writeFileSync(join(root, 'mine'), 'mine');
    await assert.rejects(stageOutput(root, { force: true }), {
      code: 'OUTPUT_NOT_EMPTY',
      hint: /of its own/,
    });
    assert.deepEqual(readdirSync(root).sort(), ['.git', 'mine']);
    await pull(join(root, 'inside'), true);
  });

test('a folder that the working directory is in is not replaced by force, one that begins alike is', async (t) => {
  const root = folder(t);
  const before = process.cwd();
  t.after(() => process.chdir(before));
  for (const name of ['work/deep', 'wo']) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, 'wo', 'old'), 'old');
  process.chdir(join(root, 'work', 'deep'));
  for (const path of ['..', '../..'])
    await assert.rejects(stageOutput(path, { force: true }), { code: 'OUTPUT_NOT_EMPTY' });
  await pull(join(root, 'wo'), true);
  assert.deepEqual(contentOf(join(root, 'wo')), TREE);
});

test('a symbolic link stays, and the folder it points to is replaced', async (t) => {
  const root = folder(t);
  mkdirSync(join(root, 'real'));
  symlinkSync('real', join(root, 'link'));
  await pull(join(root, 'link'));
  assert.equal(realpathSync(join(root, 'link')), realpathSync(join(root, 'real')));
  assert.deepEqual(contentOf(join(root, 'real')), TREE);
});

test('a link to nothing is refused before anything is downloaded', async (t) => {
  const root = folder(t);
  symlinkSync('nowhere', join(root, 'link'));
  for (const force of [false, true])
    await assert.rejects(stageOutput(join(root, 'link'), { force }), { code: 'OUTPUT_UNWRITABLE' });
  assert.deepEqual(readdirSync(root), ['link']);
});

test('folders that have nothing in them are there, and a file in the place of one is refused', async (t) => {
  const path = join(folder(t), 'out');
  const staging = await stageOutput(path, { force: false });
  await writeTree(staging, TREE);
  await assert.rejects(staging.commit(['a']), { code: 'ENTRY_REFUSED' });
  await staging.commit(['b/empty', 'd/e']);
  assert.deepEqual(readdirSync(path, { recursive: true }).sort(), ['a', 'b', 'b/c', 'b/empty', 'd', 'd/e']);
});

test('the working directory is filled in place', async (t) => {
  const root = folder(t);
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(root);
  const inode = statSync('.').ino;
  await pull('.');
  assert.deepEqual(contentOf(root), TREE);
  writeFileSync('mine', 'mine');
  await assert.rejects(stageOutput('.', { force: false }), { code: 'OUTPUT_NOT_EMPTY' });
  await pull('.', true);
  assert.deepEqual(contentOf(root), TREE);
  assert.equal(statSync('.').ino, inode);
});

test('a mount point is filled in place', async (t) => {
  const path = join(folder(t), 'mount');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', path], { stdio: 'ignore' });
  } catch {
    return t.skip('needs permission to mount a tmpfs');
  }
  try {
    await pull(path);
    await pull(path, true);
    assert.deepEqual(contentOf(path), TREE);
    assert.deepEqual(readdirSync(join(path, '..')), ['mount']);
  } finally {
    execFileSync('umount', ['-l', path]);
  }
});

test('what a killed pull left is removed by the next; of a live one it is not', async (t) => {
  const root = folder(t);
  const nameOf = (started: string): string =>
    `.landfall-out-${SELF.pid}-${started}-${SELF.machine}-${'0'.repeat(16)}`;
  mkdirSync(join(root, nameOf('1')));
  mkdirSync(join(root, nameOf(SELF.started)));
  writeFileSync(join(root, '.landfall-out-of-the-user'), 'mine');
  await pull(join(root, 'out'));
  assert.deepEqual(
    readdirSync(root).sort(),
    ['.landfall-out-of-the-user', nameOf(SELF.started), 'out'].sort(),
  );
});

test('what a killed pull took away stays until another content stands', async (t) => {
  const root = folder(t);
  const killed = join(root, `.landfall-out-${SELF.pid}-1-${SELF.machine}-${'0'.repeat(16)}`);
  mkdirSync(killed);
  writeFileSync(join(killed, 'mine'), 'mine');
  const failing = await stageOutput(join(root, 'out'), { force: true });
  await writeTree(failing, TREE);
  await failing.discard();
  assert.deepEqual(contentOf(killed), { mine: 'mine' });
  await pull(join(root, 'out'), true);
  assert.deepEqual(readdirSync(root), ['out']);
});

for (const [errno, says] of [
  ['ENOSPC', /room on the disk that -o is on/],
  ['EACCES', /may write/],
  ['EROFS', /may write/],
  ['EIO', /folder with -o/],
] as const)
  test(`${errno} of an output folder speaks of -o, not of a store`, () => {
    const error = outputError(Object.assign(new Error(errno), { code: errno }), 'write x');
    assert.equal(error.code, 'OUTPUT_UNWRITABLE');
    assert.equal(error.message, `output: cannot write x: ${errno}`);
    assert.match(error.hint ?? '', says);
    assert.doesNotMatch(error.hint ?? '', /--store|fsck|collect/);
  });

test('an output folder that fails in the middle of a pull is told as one', async (t) => {
  const root = folder(t);
  const staging = await stageOutput(join(root, 'out'), { force: false });
  for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true });
  assert.throws(() => staging.create('a', 1, 0o644), {
    code: 'OUTPUT_UNWRITABLE',
    message: 'output: cannot write a: ENOENT',
  });
});

test(
  'a place where no folder can be made is refused, and is not tried for ever',
  {
    skip: process.platform !== 'linux' && 'needs /proc',
  },
  () => assert.rejects(stageOutput('/proc/no/out', { force: false }), { code: 'OUTPUT_UNWRITABLE' }),
);
