import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';
import { openHeld } from '../../conformance/deploy-kind.ts';
import { openStack } from '../kinds/stack-subject.ts';
import { settingsOf } from './stack-world.ts';

const INTERVAL = 300_000;

/** A stack that is applied, at which somebody then changed a resource by hand. */
async function drifted(t: TestContext, settings: object, common: Partial<DeployEntry>) {
  const held = await openHeld(
    t,
    async (test, world) => ({ ...(await openStack(test, world)), settings: settingsOf(settings) }),
    { intervalMs: INTERVAL, ...common },
  );
  const event = await held.land(1);
  await held.drive(event);
  const stack = held.server.stack('network');
  assert.ok(stack);
  stack.isDrifted = true;
  held.world.clock.advance(INTERVAL);
  const modes = (): readonly unknown[] =>
    held.server.calls
      .filter(({ operation }) => operation === 'CreateChangeSet')
      .map(({ input }) => input['DeploymentMode']);
  return { held, event, stack, modes };
}

describe('what somebody changed by hand at a stack', () => {
  test('is brought back by a change set that compares with what there is, and then stands', async (t) => {
    const { held, event, stack, modes } = await drifted(t, { revertDrift: true }, { drift: 'correct' });
    assert.equal((await held.drive(event)).outcome, 'applied');
    assert.equal(stack.isDrifted, false);
    // A stack that is made has nothing to compare with.
    assert.deepEqual(modes(), [undefined, 'REVERT_DRIFT']);
    held.world.clock.advance(INTERVAL);
    assert.equal((await held.drive(event)).outcome, 'done-before');
    assert.equal(held.server.state.executions.length, 2);
  });

  test('is only told of where the document says no more', async (t) => {
    const { held, event, stack } = await drifted(t, { revertDrift: true }, { drift: 'tell' });
    assert.partialDeepStrictEqual(await held.drive(event), { outcome: 'drifted', changes: 1 });
    assert.equal(stack.isDrifted, true);
  });

  test('stays without revertDrift, also with the next revision', async (t) => {
    const { held, event, stack, modes } = await drifted(t, {}, { drift: 'correct' });
    assert.equal((await held.drive(event)).outcome, 'done-before');
    assert.equal((await held.drive(await held.land(2))).outcome, 'applied');
    assert.deepEqual([stack.isDrifted, modes()], [true, [undefined, undefined]]);
  });
});
