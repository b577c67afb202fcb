import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openDeployWorld, personWho } from '../deploy-world.ts';
import { openSlow, stillRunning } from '../visit/slow-kind.ts';

const asking = (job: string) => ({
  ...stillRunning(job, 300_000),
  asks: true as const,
  waitsFor: 'a person',
});

const say = personWho('seen');

describe('a run whose target asks a person', () => {
  test('is told the answer by the next look, once, and before that is due', async () => {
    const world = openDeployWorld();
    const { target, run, answers } = openSlow(world);
    const event = await world.land({ 'a.txt': '1' });
    target.answers.push(asking('j1'), stillRunning('j1'), stillRunning('j1'));
    await run(event);
    assert.partialDeepStrictEqual(await run(event, { onlyDue: true }), { isVisited: false });
    await say(world, 'approved');
    assert.equal((await world.ledger()).decision, null, 'it is no approval of the revision');
    assert.partialDeepStrictEqual(await run(event, { onlyDue: true }), { isVisited: true });
    await run(event);
    assert.deepEqual(
      answers.map((each) => each?.decision ?? null),
      ['approved', null],
    );
    assert.partialDeepStrictEqual(answers[0], { by: 'ada', reason: 'seen' });
    const waiting = world.events().filter((each) => each['detail-type'] === 'Deploy Waiting');
    assert.equal(waiting.length, 1, 'whoever decides is told');
    assert.partialDeepStrictEqual(waiting[0]?.detail, { waitsFor: 'approval', message: 'job j1' });
    const told = world.events().filter((each) => each['detail-type'] === 'Deploy Decided');
    assert.partialDeepStrictEqual(told[0]?.detail, { decision: 'approved', by: 'ada', generation: 1 });
  });

  test('keeps an answer that came while a look was under way for the next', async () => {
    const world = openDeployWorld();
    const { target, run, answers } = openSlow(world);
    const event = await world.land({ 'a.txt': '1' });
    let said: Promise<unknown> = Promise.resolve();
    target.answers.push(asking('j1'), () => {
      said = say(world, 'rejected');
      return asking('j1');
    });
    await run(event);
    await run(event);
    await said;
    await run(event);
    assert.equal(answers.at(-1)?.decision, 'rejected');
  });

  test('that asks nobody takes no answer, and neither does one of another revision', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world);
    const event = await world.land({ 'a.txt': '1' });
    target.answers.push(stillRunning('j1'), asking('j1'));
    await run(event);
    await assert.rejects(say(world, 'approved'), { code: 'DEPLOY_NOT_FOUND' });
    await run(event);
    await assert.rejects(say(world, 'approved', '9.9.9'), { code: 'DEPLOY_NOT_FOUND' });
    assert.equal((await world.ledger()).run?.answer, null);
  });
});
