import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { packFault } from '../../../shared/deploy/git/git-pack.ts';
import { GIT_OBJECTS, GIT_UNPACKED_BYTES } from '../../../shared/limits.ts';
import { gitServerFor, withoutGit } from './git-server.ts';
import { packOf } from './packed-objects.ts';

const BLOB = 3;
const OFFSET_DELTA = 6;
const NAME_DELTA = 7;

/** Lowest seven bits first. */
function sizeBytes(size: number): readonly number[] {
  const bytes: number[] = [];
  for (let left = size; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) + 128);
  }
}

/** The head of an object: its type, and how long it says that it is. */
const head = (type: number, size: number): readonly number[] =>
  size < 16 ? [(type << 4) | size] : [128 | (type << 4) | (size & 15), ...sizeBytes(Math.floor(size / 16))];

const object = (
  type: number,
  content: Buffer,
  { says = content.length, base = [] as readonly number[] } = {},
) => Buffer.concat([Buffer.from([...head(type, says), ...base]), deflateSync(content)]);

function pack(objects: readonly Buffer[], { count = objects.length, more = '' } = {}): Buffer {
  const start = Buffer.alloc(12);
  start.write('PACK');
  start.writeUInt32BE(2, 4);
  start.writeUInt32BE(count, 8);
  return Buffer.concat([start, ...objects, Buffer.from(more), Buffer.alloc(20)]);
}

const delta = (from: number, to: number): Buffer =>
  Buffer.from([...sizeBytes(from), ...sizeBytes(to), 0b10010000, 1]);

const hello = object(BLOB, Buffer.from('hello'));
/** How far before an object its base begins. */
const back = [hello.length];

for (const [name, bytes, expected] of [
  ['nothing', pack([]), undefined],
  ['a file', pack([hello]), undefined],
  ['an empty file', pack([object(BLOB, Buffer.alloc(0))]), undefined],
  [
    'a delta of what is before it',
    pack([hello, object(OFFSET_DELTA, delta(5, 9), { base: back })]),
    undefined,
  ],
  ['a delta of a name', pack([object(NAME_DELTA, delta(5, 9), { base: Array(20).fill(1) })]), undefined],
  ['a delta of itself', pack([object(OFFSET_DELTA, delta(5, 9), { base: [0] })]), 'broken'],
  [
    'a delta of the middle of another',
    pack([hello, object(OFFSET_DELTA, delta(5, 9), { base: [3] })]),
    'broken',
  ],
  [
    'a delta of what is before the pack',
    pack([object(OFFSET_DELTA, delta(5, 9), { base: [255, 255, 1] })]),
    'broken',
  ],
  ['more bytes than it says', pack([object(BLOB, Buffer.alloc(1024 * 1024), { says: 5 })]), 'broken'],
  ['a byte where it says none', pack([object(BLOB, Buffer.alloc(1), { says: 0 })]), 'broken'],
  ['less bytes than it says', pack([object(BLOB, Buffer.from('hi'), { says: 5 })]), 'broken'],
  ['no end', pack([hello]).subarray(0, -24), 'broken'],
  ['bytes behind its objects', pack([hello], { more: 'x' }), 'broken'],
  ['fewer objects than it says', pack([hello], { count: 2 }), 'broken'],
  ['no head', Buffer.from('<html>'.repeat(10)), 'broken'],
  ['as many objects as may be, and none of them', pack([], { count: GIT_OBJECTS }), 'broken'],
  ['an object more', pack([], { count: GIT_OBJECTS + 1 }), 'large'],
  [
    'an object that says it is too large',
    pack([object(BLOB, Buffer.alloc(9), { says: GIT_UNPACKED_BYTES + 1 })]),
    'large',
  ],
  [
    'a few bytes that make more than may be of others',
    pack([hello, object(OFFSET_DELTA, delta(5, GIT_UNPACKED_BYTES), { base: back })]),
    'large',
  ],
] as const)
  test(`a pack with ${name} is ${expected ?? 'read'}`, () => {
    assert.equal(packFault(bytes), expected);
  });

test('a pack that Git makes, with deltas in it, is read', { skip: withoutGit }, async (t) => {
  const server = await gitServerFor(t);
  const lines = Array.from({ length: 2000 }, (_, at) => `line ${at}`).join('\n');
  server.commit({ a: lines, b: `${lines}\nmore`, c: `before\n${lines}`, empty: '', 'd/e': 'x' });
  const all = server.git('rev-list', '--objects', '--all', '--no-object-names');
  const made = packOf(server, all.split('\n'));
  const whole = all.split('\n').map((name) => Number(server.git('cat-file', '-s', name)));
  assert.ok(made.length < Math.max(...whole), 'the files that are alike are deltas');
  assert.equal(packFault(made), undefined);
});
