import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { ID } from '../../support/stores/memory-sources.ts';
import { openDeployWorld } from '../deploy-world.ts';
import { openSlow, stillRunning } from '../visit/slow-kind.ts';

test('a replay of a newer generation lets what is under way end, and comes after it', async () => {
  const world = openDeployWorld();
  const { target, run } = openSlow(world);
  const first = await world.land({ 'a.txt': '1' });
  target.answers.push(stillRunning('j1'));
  await run(first);
  const second = await world.land({ 'a.txt': '2' });
  const replay = { token: 't', generation: 2, over: 0, at: '2026-11-21T00:00:00.000Z' };
  await updateLedger(world.store.objects, { ...ID, deploy: 'app' }, (now) => ({ ...now, replay }), world);
  assert.equal((await run(second)).outcome, 'applied');
  assert.partialDeepStrictEqual(await world.ledger(), { applied: { generation: 1 }, replay });
  assert.equal((await run(second)).outcome, 'applied');
  assert.partialDeepStrictEqual(await world.ledger(), { applied: { generation: 2 }, replay: null });
});
