import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import type { ReconcileOutcome } from '../../shared/reconcile/deps.ts';
import { openWorld, type World } from '../support/stores/memory-sources.ts';
import { silentStore } from '../support/stores/silent-store.ts';

const LATE = new LandfallError('REGISTRY_TIMEOUT', 'the invocation is over');

/** Of a source that has landed once and has something new, in a store that does not answer some calls. */
async function cutOff(pattern: RegExp, reason: unknown = LATE) {
  const world = openWorld();
  world.push('latest', { 'a.txt': '1' });
  await world.look();
  world.push('latest', { 'a.txt': '2' });
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 30);
  const outcome = world.look(
    {},
    { signal: controller.signal, deps: { store: silentStore(world.store, pattern) } },
  );
  return { world, outcome };
}

const errorOf = (outcome: ReconcileOutcome): LandfallError => {
  assert.ok(outcome.outcome === 'failed', outcome.outcome);
  return outcome.error;
};

const failureOf = async (world: World) => (await world.status()).failure;

describe('a reconcile that is cut off', () => {
  test('while its status is read says why it ended', async () => {
    const { outcome } = await cutOff(/^get .*status\.json/);
    await assert.rejects(outcome, (error: unknown) => error === LATE);
  });

  for (const call of ['record', 'commit', 'discard'])
    test(`while the store does not answer ${call} writes that it was, and what is current stays`, async () => {
      const pattern = new RegExp(`^${call}$`);
      const { world, outcome } = await cutOff(pattern);
      assert.equal(errorOf(await outcome).code, 'REGISTRY_TIMEOUT');
      assert.partialDeepStrictEqual(await failureOf(world), { code: 'REGISTRY_TIMEOUT', attempts: 1 });
      assert.equal((await world.status()).generation, 1);
      assert.equal((await world.look()).outcome, 'committed');
    });

  test('by who stops Landfall writes nothing', async () => {
    const { world, outcome } = await cutOff(
      /^record$/,
      new LandfallError('CANCELLED', 'Landfall is stopping'),
    );
    assert.equal(errorOf(await outcome).code, 'CANCELLED');
    assert.equal(await failureOf(world), null);
  });

  test('gives up writing that it was after a while', async () => {
    const { world, outcome } = await cutOff(/^(record|replace .*)$/);
    const error = errorOf(await outcome);
    assert.equal(error.code, 'REGISTRY_TIMEOUT');
    assert.match(String(error.detail['notRecorded']), /the invocation is over/);
    assert.equal(await failureOf(world), null);
  });
});
