import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod/mini';
import { matched } from '../../shared/kernel/matched.ts';

const labels = z.object({ labels: z.record(z.string(), z.string()) });

test('a key of what does not match is told on one line, without what moves a cursor', () => {
  const read = matched({ labels: { '\u001b[2J\na': 5 } }, labels);
  assert.ok(!read.ok);
  assert.match(read.why, /^labels\.\\u001b\[2J\\u000aa: /);
});
