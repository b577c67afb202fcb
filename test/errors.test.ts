import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../shared/errors.ts';

const first = new LandfallError('BLOB_TRUNCATED', 'cut', {
  hint: 'Try again.',
  detail: { status: 200, registry: 'r.example' },
  retryAfterMs: 5_000,
});

test('a failure seen from further out loses nothing of what was known', () => {
  const outer = first.with({ message: 'layer 1: cut' });
  assert.equal(outer.code, 'BLOB_TRUNCATED');
  assert.equal(outer.message, 'layer 1: cut');
  assert.equal(outer.hint, 'Try again.');
  assert.deepEqual(outer.detail, { status: 200, registry: 'r.example' });
  assert.equal(outer.retryAfterMs, 5_000);
  assert.equal(outer.cause, first);
});

test('what is known further out is added, and its own hint counts', () => {
  const outer = first.with({ detail: { layer: 1 }, hint: 'Push again.', code: 'SIZE_MISMATCH' });
  assert.deepEqual(outer.detail, { status: 200, registry: 'r.example', layer: 1 });
  assert.equal(outer.hint, 'Push again.');
  assert.equal(outer.kind, 'permanent');
});
