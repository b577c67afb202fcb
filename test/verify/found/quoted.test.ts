import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUOTED_CHARACTERS } from '../../../shared/limits.ts';
import { quoted } from '../../../shared/verify/found/quoted.ts';

test('what others wrote is told as JSON has it, as far as people read', () => {
  assert.equal(quoted('a\n\u001b[2K"b'), '"a\\n\\u001b[2K\\"b"');
  assert.equal(quoted({ a: [1, null] }), '{"a":[1,null]}');
  assert.equal(quoted(undefined), 'nothing');
  const most = 'x'.repeat(QUOTED_CHARACTERS - 2);
  assert.equal(quoted(most), `"${most}"`);
  assert.equal(quoted(`${most}x`), `"${most}x…`);
  assert.equal(quoted({ a: most }).length, QUOTED_CHARACTERS + 1);
});
