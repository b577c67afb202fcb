import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutputLines } from '../../../shared/deploy/command/output-lines.ts';

const SECRET = 'canary-secret';

for (const [what, pieces, wanted] of [
  ['lines', ['one\ntwo\n'], ['one', 'two']],
  ['a line in pieces', ['o', 'n', 'e\ntw', 'o\n'], ['one', 'two']],
  ['a last line without an end', ['one\ntwo'], ['one', 'two']],
  ['nothing, and empty lines', ['', '\n\n', '\n'], []],
  ['lines of Windows', ['one\r\ntwo\r\n'], ['one', 'two']],
  ['a secret in two pieces', [`x ${SECRET.slice(0, 5)}`, `${SECRET.slice(5)} y\n`], ['x *** y']],
] as const)
  test(`of ${what} each line is logged once, without secrets`, () => {
    const lines: string[] = [];
    const output = new OutputLines((line) => void lines.push(line), [SECRET]);
    for (const piece of pieces) output.write(piece);
    output.end();
    assert.deepEqual(lines, wanted);
  });

test('a line without end is kept to a bound, and the next one is whole', () => {
  const lines: string[] = [];
  const output = new OutputLines((line) => void lines.push(line), []);
  for (let count = 0; count < 1000; count += 1) output.write('x'.repeat(1000));
  output.write('\nnext\n');
  assert.deepEqual([lines.length, lines[1]], [2, 'next']);
  assert.ok((lines[0] ?? '').length <= 4096);
});
