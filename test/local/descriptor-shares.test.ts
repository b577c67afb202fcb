import assert from 'node:assert/strict';
import { test } from 'node:test';
import { descriptorShares, openFilesLimit } from '../../local/descriptor-shares.ts';
import { WEBHOOK_CONNECTIONS, WEBHOOK_CONNECTIONS_PER_ADDRESS } from '../../shared/limits.ts';

const WHOLE = {
  reconciles: 32,
  connections: WEBHOOK_CONNECTIONS,
  perAddress: WEBHOOK_CONNECTIONS_PER_ADDRESS,
};
for (const [limit, wanted] of [
  [undefined, WHOLE],
  [1_048_576, WHOLE],
  [64, { reconciles: 4, connections: 8, perAddress: 4 }],
  [8, { reconciles: 1, connections: 4, perAddress: 2 }],
] as const)
  test(`of ${limit ?? 'unknown many'} descriptors there are ${wanted.reconciles} looks and ${wanted.connections} connections`, () => {
    assert.deepEqual(descriptorShares(limit, { reconciles: 32 }), wanted);
  });

test('an address may hold what an operator says it may', () => {
  assert.equal(descriptorShares(1_048_576, { reconciles: 32, perAddress: 512 }).perAddress, 512);
});

test('the limit of this process is known on Linux', { skip: process.platform !== 'linux' }, () => {
  assert.ok((openFilesLimit() ?? 0) > 0);
});
