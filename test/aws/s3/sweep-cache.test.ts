import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { sweepCache } from '../../../shared/aws/s3/sweep-cache.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { openWorld } from '../../support/memory-sources.ts';

const ids = Array.from({ length: 1_000 }, (_, at) => ({ namespace: 'web', name: `s${at}` }));

test('a sweep that may not read one status reads no others after it, and none behind its back', async () => {
  const { store } = openWorld();
  let read = 0;
  const objects = {
    ...store.objects,
    get: async (key: string) => {
      if (!key.endsWith('status.json')) return undefined;
      read += 1;
      if (read === 1) throw new LandfallError('STORE_DENIED', `get ${key}: 403`);
      await pause(1);
      return undefined;
    },
  };
  const reader = { versions: async function* () {} };
  await assert.rejects(sweepCache({ objects, reader }).recall(ids), { code: 'STORE_DENIED' });
  const then = read;
  assert.ok(then <= 32, `${then} reads`);
  await pause(20);
  assert.equal(read, then);
});
