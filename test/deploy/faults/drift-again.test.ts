import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { behindOf } from '../../../shared/deploy/behind.ts';
import { kindsOf } from '../../../shared/deploy/kinds/deploy-kinds.ts';
import { deployFailed, deployUnavailable } from '../../../shared/deploy/kit/failures.ts';
import { bindKind } from '../../../shared/deploy/visit/bind-kind.ts';
import type { DeployRequest } from '../../../shared/deploy/visit/deploy-request.ts';
import { ID } from '../../support/stores/memory-sources.ts';
import { entryOf, openDeployWorld } from '../deploy-world.ts';
import { openSlow, slowKind, stillRunning } from '../visit/slow-kind.ts';

const MINUTE = 60_000;
const spec = { intervalMs: MINUTE, drift: 'correct' } as const;

/** One that is applied, and whose target has drifted since. */
async function drifted() {
  const world = openDeployWorld();
  const slow = openSlow(world, spec);
  const event = await world.land({ 'a.txt': '1' });
  await slow.run(event);
  world.clock.advance(MINUTE);
  const entry = { ...entryOf(), ...spec, kind: 'slow', settings: { target: 'web' } };
  const kinds = kindsOf([slowKind(slow.target)]);
  return {
    world,
    look: (changes: Partial<DeployRequest> = {}, target = 'web') =>
      slow.run(event, { deployer: bindKind(slowKind(slow.target), 'app', { target }), ...changes }),
    ...slow.target,
    behind: async () => (await behindOf(entry, ID, { ...world.deps, kinds })).is,
  };
}

describe('a target that could not be brought back', () => {
  test('for the moment is brought back by another try, also one of a process that was started since', async () => {
    const { world, look, calls, answers, behind } = await drifted();
    answers.push(deployUnavailable('away'), stillRunning('j1'), deployUnavailable('away'));
    assert.equal((await look()).outcome, 'failed');
    assert.equal(await behind(), 'behind');
    assert.equal((await look()).outcome, 'running');
    await look();
    assert.equal((await look()).outcome, 'applied');
    assert.equal((await world.ledger()).failure, null);
    assert.equal(new Set(calls.filter((call) => call.startsWith('step'))).size, 3, calls.join('\n'));
  });

  test('under a name that no try before had, though the revision took as many tries', async () => {
    const world = openDeployWorld();
    const slow = openSlow(world, spec);
    const event = await world.land({ 'a.txt': '1' });
    slow.target.answers.push(deployUnavailable('away'));
    await slow.run(event);
    await slow.run(event);
    world.clock.advance(MINUTE);
    slow.target.answers.push(deployUnavailable('away'));
    await slow.run(event);
    assert.equal((await slow.run(event)).outcome, 'applied');
    assert.equal(new Set(slow.target.calls).size, 4, slow.target.calls.join('\n'));
  });

  test('as whoever did so was stopped, is gone on with by the same run, though nothing is left to change', async () => {
    const { world, look, calls, answers, behind } = await drifted();
    const stopping = new AbortController();
    answers.push(() => {
      stopping.abort();
      return new Error('stopped');
    });
    assert.equal((await look({ signal: stopping.signal })).outcome, 'failed');
    assert.equal((await world.ledger()).run?.phase, 'step');
    assert.equal(await behind(), 'behind');
    assert.equal((await look({}, 'as applied')).outcome, 'applied');
    assert.equal((await world.ledger()).run, null);
    assert.equal(new Set(calls.filter((call) => call.startsWith('step'))).size, 2, calls.join('\n'));
  });

  test('for good is left until something changes', async () => {
    const { look, calls, answers, behind, world } = await drifted();
    answers.push(deployFailed('denied'));
    assert.equal((await look()).outcome, 'failed');
    assert.equal((await look()).outcome, 'done-before');
    assert.equal(await behind(), 'level');
    assert.equal(calls.length, 2);
    assert.equal((await world.ledger()).failure?.kind, 'permanent');
  });
});
