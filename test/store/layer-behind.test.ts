import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { isLandfallError } from '../../shared/errors.ts';
import { KiB, MiB, WRITE_BEHIND_LAYER_BYTES, WRITE_BEHIND_PART_BYTES } from '../../shared/limits.ts';
import type { WriteBehind } from '../../shared/model/artifact-store.ts';
import { PIECE } from '../../shared/store/behind/to-thread.ts';
import { writeThread } from '../../shared/store/behind/write-thread.ts';
import { StagedFiles, treeOf } from '../../shared/store/directory/staged-files.ts';
import { until } from '../support/until.ts';
import { folder } from './support/folder.ts';

const execute = promisify(execFile);

interface File {
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const file = (path: string, size: number, mode = 0o644): File => ({ path, content: randomBytes(size), mode });

/** As a decompressor does: into the room there is; `foreign`, as one that brings its own memory. */
async function* taken(behind: WriteBehind, content: Buffer, foreign: boolean): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; ) {
    const room = foreign ? content.subarray(at, at + 300 * KiB) : await behind.room();
    if (!foreign) room.set(content.subarray(at, at + room.length));
    const view = await behind.take(room.subarray(0, content.length - at));
    yield view;
    at += view.length;
  }
}

interface Written {
  readonly sums: readonly string[];
  readonly all: string | undefined;
}

async function write(root: string, files: readonly File[], foreign = false): Promise<Written> {
  const staged = new StagedFiles(root);
  const tree = treeOf(staged, undefined);
  const behind = tree.writeBehind?.({ bytes: WRITE_BEHIND_LAYER_BYTES, algorithms: ['sha256'] });
  assert.ok(behind);
  const sums = files.map(() => '');
  try {
    for (const [at, { path, content, mode }] of files.entries()) {
      const writer = await tree.create(path, content.length, mode);
      for await (const view of taken(behind, content, foreign)) await writer.write(view);
      await writer.close();
      writer.hashed?.((sum) => {
        sums[at] = sum;
      });
    }
    const all = await behind.settled();
    return { sums, all: all.get('sha256') };
  } finally {
    await staged.close();
  }
}

const SIZES = [0, 1, 64 * KiB, WRITE_BEHIND_PART_BYTES - 1, WRITE_BEHIND_PART_BYTES, 20 * MiB + 7];
for (const foreign of [false, true])
  test(`files of any size are hashed and written by a thread, ${foreign ? 'copied' : 'as they were put into its memory'}`, async (t) => {
    const root = folder(t);
    const files = SIZES.map((size, at) => file(`some/${at}/of-${size}`, size, at % 2 === 0 ? 0o644 : 0o755));
    const { sums, all } = await write(root, files, foreign);
    assert.deepEqual(
      sums,
      files.map(({ content }) => sha256(content)),
    );
    assert.equal(all, sha256(Buffer.concat(files.map(({ content }) => content))));
    for (const { path, content, mode } of files) {
      assert.ok(readFileSync(join(root, path)).equals(content), path);
      assert.equal(statSync(join(root, path)).mode & 0o111, mode & 0o111, path);
    }
  });

test('a file that is taken back while the thread has it is not there afterwards', async (t) => {
  const root = folder(t);
  const staged = new StagedFiles(root);
  const tree = treeOf(staged, undefined);
  const behind = tree.writeBehind?.({ bytes: WRITE_BEHIND_LAYER_BYTES, algorithms: [] });
  assert.ok(behind);
  for (const { path, content } of [file('a', 10), file('b', 10)]) {
    const writer = await tree.create(path, content.length, 0o644);
    await writer.write(await behind.take(content));
    await writer.close();
  }
  await tree.remove(['a']);
  await behind.settled();
  await staged.close();
  assert.deepEqual(readdirSync(root), ['b']);
});

const IN_THE_WAY = {
  'a file': (path: string) => writeFileSync(path, 'theirs'),
  'a folder': (path: string) => mkdirSync(path),
  'a link': (path: string) => symlinkSync('/nowhere', path),
};
for (const [what, plant] of Object.entries(IN_THE_WAY))
  test(`${what} that was planted in the folder is neither followed nor replaced, and its path is told`, async (t) => {
    const root = folder(t);
    mkdirSync(join(root, 'b'));
    plant(join(root, 'b/c'));
    const files = [file('a', 10), file('b/c', 10), file('d', 3 * MiB), file('e', 30 * MiB)];
    await assert.rejects(write(root, files), (error) => {
      assert.ok(isLandfallError(error));
      assert.equal(error.code, 'ENTRY_REFUSED');
      assert.match(error.message, /"b\/c" clashes/);
      return true;
    });
    assert.ok(!existsSync(join(root, 'd')), 'nothing is written after it');
    assert.ok(!existsSync('/nowhere'));
  });

test('a folder that is taken away meanwhile is told of by the path that could not be written', async (t) => {
  const root = join(folder(t), 'staging');
  await assert.rejects(write(root, [file('a', 10)]), (error) => {
    assert.ok(isLandfallError(error));
    assert.match(error.message, /cannot write a: ENOENT/);
    return true;
  });
});

test('landings at once share the thread: one that fails is in nobody’s way', async (t) => {
  const roots = Array.from({ length: 6 }, () => folder(t));
  writeFileSync(join(roots[2] ?? '', 'big'), '');
  const files = [file('small', 5), file('big', 9 * MiB), file('after', 70 * KiB)];
  const ended = await Promise.allSettled(roots.map((root) => write(root, files)));
  const expected = files.map(({ content }) => sha256(content));
  for (const [at, end] of ended.entries())
    if (at === 2) assert.equal(end.status, 'rejected');
    else assert.deepEqual(end.status === 'fulfilled' && end.value.sums, expected, `landing ${at}`);
});

test('what comes after a layer that is settled is written without the thread', async (t) => {
  const root = folder(t);
  const staged = new StagedFiles(root);
  const tree = treeOf(staged, undefined);
  await tree.writeBehind?.({ bytes: WRITE_BEHIND_LAYER_BYTES, algorithms: [] })?.settled();
  const writer = await tree.create('small', 5, 0o644);
  await writer.write(Buffer.from('small'));
  await writer.close();
  assert.equal(writer.hashed, undefined);
  assert.equal(readFileSync(join(root, 'small'), 'utf8'), 'small');
  await staged.close();
});

// 8,000 unpacked archives took 8 GB.
test('layers one after the other share their memory, ended or left', async (t) => {
  const thread = writeThread({ flags: 0, patienceMs: 0 });
  assert.ok(thread);
  const memories = new Set<SharedArrayBuffer>();
  const take = thread.takeMemory.bind(thread);
  t.mock.method(thread, 'takeMemory', (bytes: number) => {
    const memory = take(bytes);
    memories.add(memory);
    return memory;
  });
  const settled: readonly boolean[] = Array.from({ length: 20 }, (_, at) => at % 2 === 0);
  for (const isSettled of settled) {
    const staged = new StagedFiles(folder(t));
    const behind = staged.writeBehind({ bytes: WRITE_BEHIND_LAYER_BYTES, algorithms: [] }, undefined);
    await behind?.take(Buffer.from('some'));
    if (isSettled) await behind?.settled();
    await staged.close();
  }
  assert.equal(memories.size, 1);
});

const openBelow = (root: string): readonly string[] =>
  readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith(root);
    } catch {
      return false;
    }
  });

test('what was left open in the middle of a file is closed with the staging', {
  skip: existsSync('/proc/self/fd') ? false : 'no /proc to see descriptors in',
}, async (t) => {
  const root = folder(t);
  const staged = new StagedFiles(root);
  const tree = treeOf(staged, undefined);
  const behind = tree.writeBehind?.({ bytes: WRITE_BEHIND_LAYER_BYTES, algorithms: [] });
  assert.ok(behind);
  const writer = await tree.create('half', 9 * MiB, 0o644);
  for await (const view of taken(behind, randomBytes(4 * MiB), false)) await writer.write(view);
  await until('the file to be open', () => openBelow(root).length > 0 || undefined);
  await staged.close();
  assert.deepEqual(openBelow(root), []);
});

test('nothing is written of a layer that failed, nor of one that has ended', async (t) => {
  const root = folder(t);
  writeFileSync(join(root, 'taken'), '');
  const thread = writeThread({
    flags: constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY,
    patienceMs: 0,
  });
  assert.ok(thread);
  const layer = thread.nextLayer();
  const whole = PIECE.opens | PIECE.closes;
  const write = (path: string) =>
    thread.send({ does: 'write', layer, from: 0, bytes: 1, pieces: [0, 1, whole], paths: [path] });
  const memory = new SharedArrayBuffer(1);
  const begin = (algorithms: readonly ['sha256'] | readonly []) =>
    thread.send({ does: 'begin', layer, folder: root, memory, algorithms });
  await begin(['sha256']);
  assert.equal((await write('taken')).failure?.code, 'EEXIST');
  await write('after-failure');
  assert.equal((await thread.send({ does: 'end', layer })).sums.length, 1);
  await begin([]);
  assert.equal((await write('good')).sums[0], sha256(new Uint8Array(1)));
  await thread.send({ does: 'end', layer });
  assert.deepEqual((await write('after-end')).sums, []);
  assert.deepEqual(readdirSync(root).toSorted(), ['good', 'taken']);
});

test('a small layer is not worth a thread', (t) => {
  const tree = treeOf(new StagedFiles(folder(t)), undefined);
  assert.equal(tree.writeBehind?.({ bytes: WRITE_BEHIND_LAYER_BYTES - 1, algorithms: [] }), undefined);
});

test('what waits for the thread ends with its signal', async (t) => {
  const root = folder(t);
  const ending = new AbortController();
  const tree = treeOf(new StagedFiles(root), ending.signal);
  const behind = tree.writeBehind?.({ bytes: WRITE_BEHIND_LAYER_BYTES, algorithms: [] });
  assert.ok(behind);
  const settled = behind.settled();
  ending.abort(new Error('enough'));
  await assert.rejects(settled, { code: 'CANCELLED' });
});

test('a thread that finds no descriptor waits until there is one', async (t) => {
  const root = folder(t);
  const program = join(import.meta.dirname, 'support/crowded.ts');
  const script = 'ulimit -n 64; exec "$@"';
  const { stdout } = await execute('/bin/sh', ['-c', script, 'sh', process.execPath, program, root]);
  assert.match(stdout, /held true/);
  assert.equal(readFileSync(join(root, 'meanwhile'), 'utf8'), 'meanwhile');
});

// The last one: it ends the thread of this process.
test('a thread that ends fails what was asked of it, and this process goes on without one', async (t) => {
  const options = { flags: 0, patienceMs: 0 };
  const thread = writeThread(options);
  assert.ok(thread);
  const asked = [null, { does: 'end', layer: 1 }].map((message) => thread.send(message as never));
  for (const each of asked) await assert.rejects(each, TypeError);
  await assert.rejects(thread.send({ does: 'end', layer: 1 }), TypeError);
  assert.equal(writeThread(options), undefined);
  const tree = treeOf(new StagedFiles(folder(t)), undefined);
  assert.equal(tree.writeBehind?.({ bytes: WRITE_BEHIND_LAYER_BYTES, algorithms: [] }), undefined);
});
