import assert from 'node:assert/strict';
import { test } from 'node:test';
import { descriptorShares, openFilesLimit } from '../../local/descriptor-shares.ts';
import { WEBHOOK_CONNECTIONS, WEBHOOK_CONNECTIONS_PER_ADDRESS } from '../../shared/limits.ts';

const WHOLE = { looks: 32, connections: WEBHOOK_CONNECTIONS, perAddress: WEBHOOK_CONNECTIONS_PER_ADDRESS };
for (const [limit, wanted] of [
  [undefined, WHOLE],
  [1_048_576, WHOLE],
  [64, { looks: 4, connections: 8, perAddress: 4 }],
  [8, { looks: 1, connections: 4, perAddress: 2 }],
] as const)
  test(`of ${limit ?? 'unknown many'} descriptors there are ${wanted.looks} looks and ${wanted.connections} connections`, () => {
    assert.deepEqual(descriptorShares(limit, { looks: 32 }), wanted);
  });

test('an address may hold what an operator says it may', () => {
  assert.equal(descriptorShares(1_048_576, { looks: 32, perAddress: 512 }).perAddress, 512);
});

test('the limit of this process is known on Linux', { skip: process.platform !== 'linux' }, () => {
  assert.ok((openFilesLimit() ?? 0) > 0);
});
