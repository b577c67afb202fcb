import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newLedger, writeLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { openDeployWorld } from '../deploy-world.ts';
import { openSlow } from '../visit/slow-kind.ts';

test('a deploy waits for another that is for its source, though that has run for other sources alone', async () => {
  const world = openDeployWorld();
  const isFor = (deploy: string): boolean => deploy === 'data';
  const { target, run } = openSlow({ ...world, deps: { ...world.deps, isFor } }, { dependsOn: ['data'] });
  const event = await world.land({ 'a.txt': '1' });
  const { current } = await world.status();
  assert.ok(current);
  const { generation, revision, digest, variant, contentDigest } = current;
  const applied = { generation, revision, digest, variant, contentDigest, at: '2026-11-21T00:00:00.000Z' };
  const other = { ...newLedger({ deploy: 'data', namespace: 'web', name: 'other' }), applied };
  await writeLedger(world.store.objects, other, { ledger: other, version: undefined });
  const outcome = await run(event);
  assert.ok(outcome.outcome === 'waiting', JSON.stringify(outcome));
  assert.equal(outcome.message, 'for data of web/site, which has not run yet');
  assert.deepEqual(target.calls, []);
});
