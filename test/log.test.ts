import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../shared/log.ts';

function written(format: 'json' | 'text', error: string): readonly string[] {
  const lines: string[] = [];
  const log = createLog({ format, level: 'info', now: () => 0, write: (line) => void lines.push(line) });
  log('info', 'told', { error });
  return lines;
}

for (const [what, hostile] of [
  ['a line break', 'a\nINFO b'],
  ['an escape sequence', 'a\u001b[2J\u001b]0;b\u0007'],
  ['the same with one byte', 'a\u009b2J'],
  ['DEL', 'a\u007f'],
  ['letters that change direction', 'a\u202eb'],
  ['a separator of lines', 'a\u2028b'],
] as const) {
  test(`${what} in what a stranger said does not reach a terminal`, () => {
    for (const format of ['json', 'text'] as const) {
      const [line = '', ...more] = written(format, hostile);
      assert.doesNotMatch(line, /[^\P{C}]|[\u2028\u2029]/u);
      assert.match(line, /\\/, 'it is told, escaped');
      assert.deepEqual(more, []);
    }
  });
}

test('a URL in a log has no user and no query', () => {
  for (const format of ['json', 'text'] as const) {
    const [line = ''] = written(format, 'got https://user:pass@r.example/a?X-Amz-Signature=abc from it');
    assert.match(line, /https:\/\/r\.example\/a\?…/);
    assert.doesNotMatch(line, /pass|abc/);
  }
});
