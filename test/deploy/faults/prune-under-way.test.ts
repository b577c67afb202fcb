import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deploy } from '../../../shared/deploy/deploy.ts';
import { kindsOf } from '../../../shared/deploy/kinds/deploy-kinds.ts';
import { deployFailed, deployUnavailable } from '../../../shared/deploy/kit/failures.ts';
import { updateLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { pruneDeploy } from '../../../shared/deploy/prune.ts';
import { deployerOf } from '../../../shared/deploy/visit/deployer.ts';
import { ID } from '../../support/stores/memory-sources.ts';
import { entryOf, openDeployWorld } from '../deploy-world.ts';
import { type SlowTarget, slowKind, stillRunning } from '../visit/slow-kind.ts';

const LEDGER = { ...ID, deploy: 'app' };

/** A deploy with a run under way, that is in no document any more. */
async function underWay() {
  const world = openDeployWorld();
  const records: string[] = [];
  const target: SlowTarget = { calls: [], answers: [], records };
  const kinds = kindsOf([slowKind(target)]);
  const settings = { target: 'web' };
  const entry = { ...entryOf({ timeoutMs: 600_000 }), kind: 'slow', settings, prune: true };
  const deps = { ...world.deps, kinds, bucket: 'store', prefix: 'team/a/' };
  target.answers.push(stillRunning('j1'));
  const request = { deploy: entry, deployer: deployerOf(kinds, entry) };
  const { signal } = new AbortController();
  await deploy({ ...request, event: await world.land({ 'a.txt': '1' }), signal }, deps);
  world.clock.advance(5_000);
  const prune = (own = kinds, ending = signal) =>
    pruneDeploy(LEDGER, { ...deps, kinds: own }, { signal: ending });
  return { world, target, records, prune };
}

describe('what is under way of a deploy that is in no document any more', () => {
  test('is looked at when it is due, and is waited for until then', async () => {
    const { target, prune } = await underWay();
    target.answers.push(stillRunning('j1', 7_000));
    const outcome = await prune();
    assert.partialDeepStrictEqual(outcome, { outcome: 'again', waitMs: 7_000, message: 'job j1' });
    assert.deepEqual(target.calls.slice(1), ['look 1 j1']);
  });

  test('is told where its artifact is in a bucket that holds more than the store', async () => {
    const { records, prune } = await underWay();
    await prune();
    assert.match(records.at(-1) ?? '', /^team\/a\/artifacts\/sha256\//);
  });

  for (const [what, answer, isLater] of [
    ['fails for the moment is looked at again later', deployUnavailable('away'), true],
    ['fails for good is over, and what it left goes at once', deployFailed('no such job'), false],
  ] as const)
    test(`and ${what}`, async () => {
      const { target, prune } = await underWay();
      target.answers.push(answer);
      const outcome = await prune();
      assert.ok(outcome.outcome === 'again');
      assert.equal(outcome.waitMs > 0, isLater, JSON.stringify(outcome));
    });

  test('and is told to stop while it is looked at has nothing taken away', async () => {
    const { target, prune } = await underWay();
    const stop = new AbortController();
    target.answers.push(() => {
      stop.abort();
      return deployUnavailable('stopped');
    });
    assert.deepEqual(await prune(undefined, stop.signal), { outcome: 'nothing' });
  });

  test('and is of a kind that is not here fails with its name', async () => {
    const { prune } = await underWay();
    const failed = { code: 'DEPLOY_FAILED', message: 'deploy app: its kind slow is not here' };
    await assert.rejects(prune(kindsOf([])), failed);
  });

  test('and waits while another worker is at it', async () => {
    const { world, target, prune } = await underWay();
    const claim = { by: 'other', until: new Date(world.clock.now() + 60_000).toISOString() };
    await updateLedger(world.store.objects, LEDGER, (now) => ({ ...now, claim }), world);
    const outcome = await prune();
    assert.partialDeepStrictEqual(outcome, { outcome: 'again', message: 'another worker is at it' });
    assert.equal(target.calls.length, 1);
  });
});
