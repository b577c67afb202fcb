import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { test } from 'node:test';
import { KiB } from '../../../shared/limits.ts';
import { discard } from '../../../shared/registry/http/body.ts';

/** A body of so many pieces of 1 KiB, and how many of them were asked for. */
function bodyOf(pieces: number): { readonly body: Readable; readonly read: () => number } {
  let read = 0;
  const body = Readable.from(
    (function* () {
      for (; read < pieces; read += 1) yield Buffer.alloc(KiB);
    })(),
    { objectMode: false, highWaterMark: KiB },
  );
  return { body, read: () => read };
}

test('a short body that nobody wants is read to its end, so that its connection can be used again', async () => {
  const { body } = bodyOf(32);
  discard(body);
  await finished(body);
});

test('a longer one is cut', async () => {
  const { body, read } = bodyOf(1_000_000);
  discard(body);
  await assert.rejects(finished(body), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
  assert.ok(read() < 64, `${read()}`);
});
