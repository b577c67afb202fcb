import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { LineWriter } from '../../../cli/terminal/line-writer.ts';

/** A reader that takes what it is given. */
function takingAll() {
  const writes: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(text, _, done) {
      writes.push(String(text));
      done();
    },
  });
  return { stream, writes };
}

const { signal } = new AbortController();

test('lines that come together are written together, and none is held back while others are waited for', async () => {
  const { stream, writes } = takingAll();
  const lines = new LineWriter(stream, signal);
  await lines.add('a');
  await lines.add('b');
  await turn();
  assert.deepEqual(writes, ['a\nb\n']);
  await lines.add('c');
  await turn();
  assert.deepEqual(writes, ['a\nb\n', 'c\n']);
});

test('a hundred thousand lines are not as many writes, and come whole and in order', async () => {
  const { stream, writes } = takingAll();
  const lines = new LineWriter(stream, signal);
  const all = Array.from({ length: 100_000 }, (_, at) => `line ${at}`);
  for (const line of all) await lines.add(line);
  lines.end();
  assert.equal(writes.join(''), all.map((line) => `${line}\n`).join(''));
  assert.ok(writes.length < 100, `${writes.length} writes`);
});

test('a reader that is slower is waited for', async () => {
  const stream = new PassThrough({ highWaterMark: 1024 });
  const lines = new LineWriter(stream, signal);
  let added = 0;
  const adding = (async () => {
    for (; added < 50; added += 1) await lines.add('x'.repeat(64 * 1024));
    lines.end();
  })();
  for (let count = 0; count < 20; count += 1) await turn();
  assert.equal(added, 1, 'the first is on its way, and the next waits');
  let read = 0;
  stream.on('data', (chunk: Buffer) => {
    read += chunk.length;
  });
  await adding;
  await turn();
  assert.equal(read, 50 * (64 * 1024 + 1));
});

test('who has called a command off waits for no reader', async () => {
  const ended = new AbortController();
  const lines = new LineWriter(new PassThrough({ highWaterMark: 1 }), ended.signal);
  await lines.add('x'.repeat(64 * 1024));
  const waits = lines.add('y');
  ended.abort(new Error('called off'));
  await assert.rejects(waits, /called off/);
});

test('a reader that has gone ends who writes to it', async () => {
  const stream = new PassThrough({ highWaterMark: 1 });
  stream.on('error', () => undefined);
  const lines = new LineWriter(stream, signal);
  await lines.add('x'.repeat(64 * 1024));
  const waits = lines.add('y');
  stream.destroy(new Error('EPIPE'));
  await assert.rejects(waits, /EPIPE/);
});
