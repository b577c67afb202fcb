import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { takeThrough } from '../../../shared/store/pack/take-through.ts';
import { fileEntry, ID } from '../../conformance/planted-artifacts.ts';
import { stageInMemory } from '../../support/stores/memory-staging.ts';

const PIECES = ['one', 'two', 'three'].map((text) => Buffer.from(text));

test('a file that is taken is written piece by piece, each when the one before is', async () => {
  const staging = stageInMemory({ slow: true });
  const entry = fileEntry('from', Buffer.concat(PIECES));
  await takeThrough({ artifact: ID, entry }, 'to', { staging, open: async () => Readable.from(PIECES) });
  assert.equal(staging.files.get('to')?.bytes.toString(), 'onetwothree');
});
