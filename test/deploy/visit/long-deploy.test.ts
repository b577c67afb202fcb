import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deployState } from '../../../shared/deploy/deploy-state.ts';
import { updateLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { ID } from '../../support/stores/memory-sources.ts';
import { openDeployWorld } from '../deploy-world.ts';
import { openSlow, stillRunning } from './slow-kind.ts';

const broken = (): LandfallError =>
  new LandfallError('DEPLOY_FAILED', 'broken', {
    hint: 'mend it; then landfall replay SOURCE --deploy NAME',
  });
const away = (): LandfallError => new LandfallError('DEPLOY_UNAVAILABLE', 'away');
const verbs = (calls: readonly string[]): string =>
  calls.map((call) => call.split(' ', 2).join(' ')).join(', ');

describe('a deploy whose target takes its time', () => {
  test('is begun by one visit, looked at by others, and told of once', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world);
    const event = await world.land({ 'a.txt': '1' });
    target.answers.push(stillRunning('j1'), stillRunning('j1', 9_000));
    assert.partialDeepStrictEqual(await run(event), { outcome: 'running', waitMs: 5_000, message: 'job j1' });
    assert.partialDeepStrictEqual(deployState(await world.ledger(), world.clock), {
      state: 'Running',
      message: 'job j1',
      tries: 1,
    });
    assert.partialDeepStrictEqual(await run(event), { outcome: 'running', waitMs: 9_000 });
    assert.equal((await run(event)).outcome, 'applied');
    assert.equal((await run(event)).outcome, 'done-before');
    assert.equal(verbs(target.calls), 'step 1, look 1, look 1');
    const { applied, run: left, started } = await world.ledger();
    assert.deepEqual([applied?.result, left, started], [{ url: 'u1' }, null, null]);
    assert.deepEqual(
      world
        .events()
        .slice(1)
        .map((told) => told['detail-type']),
      ['Deploy Started', 'Deploy Succeeded'],
    );
  });

  test('is looked at by time only once that is due, and by an event at once', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world);
    const event = await world.land({ 'a.txt': '1' });
    target.answers.push(stillRunning('j1'), stillRunning('j1'));
    await run(event);
    world.clock.advance(1_000);
    assert.partialDeepStrictEqual(await run(event, { onlyDue: true }), { outcome: 'running', waitMs: 4_000 });
    assert.equal(verbs(target.calls), 'step 1');
    await run(event);
    world.clock.advance(5_000);
    assert.equal((await run(event, { onlyDue: true })).outcome, 'applied');
    assert.equal(verbs(target.calls), 'step 1, look 1, look 1');
  });

  test('ends what is under way before it begins with what is newer', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world);
    const first = await world.land({ 'a.txt': '1' });
    target.answers.push(stillRunning('j1'), stillRunning('j1'));
    await run(first);
    const second = await world.land({ 'a.txt': '2' });
    await run(second);
    await run(second);
    assert.equal((await world.ledger()).applied?.generation, 1);
    await run(first);
    assert.equal((await world.ledger()).applied?.generation, 2);
    assert.equal(verbs(target.calls), 'step 1, look 1, look 1, step 2');
  });

  test('is begun again under the same name where whoever began it was killed', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world);
    const event = await world.land({ 'a.txt': '1' });
    const stop = new AbortController();
    target.answers.push(() => {
      stop.abort();
      return away();
    });
    await run(event, { signal: stop.signal });
    assert.equal(deployState(await world.ledger(), world.clock).state, 'CutOff');
    assert.equal((await run(event)).outcome, 'applied');
    const [one, two] = target.calls;
    assert.equal(one, two);
    assert.match(String(one), /^step 1 landfall-[0-9a-f]{24}$/);
  });

  test('has another name for each try, each replay and each document', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world);
    const event = await world.land({ 'a.txt': '1' });
    target.answers.push(away());
    await run(event);
    await run(event);
    const replay = { token: 't', generation: 1, over: 1, at: '2026-11-21T00:00:00.000Z' };
    await updateLedger(world.store.objects, { ...ID, deploy: 'app' }, (now) => ({ ...now, replay }), world);
    await run(event);
    assert.equal(new Set(target.calls).size, 3, target.calls.join('\n'));
  });

  test('lives through looks that fail for the moment, and waits longer after each', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world);
    const event = await world.land({ 'a.txt': '1' });
    target.answers.push(stillRunning('j1'), away(), away());
    await run(event);
    assert.partialDeepStrictEqual(await run(event), {
      outcome: 'running',
      message: 'DEPLOY_UNAVAILABLE: away',
    });
    await run(event);
    assert.equal((await world.ledger()).run?.misses, 2);
    assert.equal((await run(event)).outcome, 'applied');
    assert.equal(world.events('Deploy Failed').length, 0);
  });

  test('is given up after its timeout, for good', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world, { timeoutMs: 60_000 });
    const event = await world.land({ 'a.txt': '1' });
    target.answers.push(stillRunning('j1'), stillRunning('j1'));
    await run(event);
    world.clock.advance(60_000);
    const outcome = await run(event);
    assert.ok(outcome.outcome === 'failed');
    assert.match(outcome.error.message, /still under way after its timeout of 60000 ms, since .*: job j1/);
    assert.equal((await run(event)).outcome, 'failed-before');
  });

  test('whose progress is larger than a ledger may be has failed, and says by how much', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world);
    target.answers.push(stillRunning('x'.repeat(16 * 1024)));
    const outcome = await run(await world.land({ 'a.txt': '1' }));
    assert.ok(outcome.outcome === 'failed');
    assert.match(outcome.error.message, /a progress of 163\d\d bytes, wanted at most 16384/);
  });
});

describe('a deploy that failed for good', () => {
  test('is taken back by a visit of its own, where the document wants that', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world, { rollback: 'onFailure' });
    await run(await world.land({ 'a.txt': '1' }));
    const event = await world.land({ 'a.txt': '2' });
    target.answers.push(stillRunning('j2'), broken(), stillRunning('u2'));
    await run(event);
    assert.partialDeepStrictEqual(await run(event), { outcome: 'running', waitMs: 0 });
    assert.partialDeepStrictEqual(await run(event), { outcome: 'running', message: 'job u2' });
    const outcome = await run(event);
    assert.partialDeepStrictEqual(outcome, { outcome: 'failed', isRolledBack: true });
    assert.equal(verbs(target.calls.slice(1)), 'step 2, look 2, undo j2, look 2');
    assert.match(String(target.calls[3]), /to u1$/);
    const [artifacts = []] = target.before ?? [];
    assert.deepEqual(
      (await Promise.all(artifacts.map((artifact) => artifact?.read('a.txt')))).map((each) =>
        Buffer.from(each ?? []).toString(),
      ),
      ['2', '1'],
    );
    const ledger = await world.ledger();
    assert.partialDeepStrictEqual(deployState(ledger, world.clock), {
      state: 'RolledBack',
      message: 'DEPLOY_FAILED: broken',
    });
    assert.equal(ledger.applied?.generation, 1);
    assert.match(
      ledger.failure?.hint ?? '',
      /^mend it; then landfall replay [a-z]+\/[a-z]+ --deploy [a-z]+$/,
    );
    assert.equal((await run(event)).outcome, 'failed-before');
    assert.equal(world.events('Deploy Failed').length, 1);
  });

  test('is left as it is without rollback', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world);
    target.answers.push(broken());
    const event = await world.land({ 'a.txt': '1' });
    assert.equal((await run(event)).outcome, 'failed');
    assert.equal(verbs(target.calls), 'step 1');
  });

  test('and cannot be taken back says both reasons', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world, { rollback: 'onFailure' });
    target.answers.push(broken(), new LandfallError('DEPLOY_FAILED', 'no way back'));
    const event = await world.land({ 'a.txt': '1' });
    await run(event);
    const outcome = await run(event);
    assert.ok(outcome.outcome === 'failed' && outcome.isRolledBack === undefined);
    assert.equal(outcome.error.message, 'broken; and it could not be rolled back: no way back');
    assert.equal(deployState(await world.ledger(), world.clock).state, 'Failed');
  });

  test('has been rolled back by its target where that says so', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world);
    target.answers.push(stillRunning('j1'), { state: 'rolledBack', error: broken() });
    const event = await world.land({ 'a.txt': '1' });
    await run(event);
    assert.partialDeepStrictEqual(await run(event), { outcome: 'failed', isRolledBack: true });
    assert.equal(deployState(await world.ledger(), world.clock).state, 'RolledBack');
  });

  test('was tried as often as the document lets it be', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world, { tries: 2 });
    target.answers.push(away(), away());
    const event = await world.land({ 'a.txt': '1' });
    await run(event);
    assert.equal(deployState(await world.ledger(), world.clock).state, 'Waiting');
    const last = await run(event);
    assert.equal(last.outcome === 'failed' && last.error.code, 'DEPLOY_FAILED');
    const ledger = await world.ledger();
    assert.equal(deployState(ledger, world.clock).state, 'Failed');
    const { code, message, hint } = ledger.failure ?? {};
    assert.deepEqual([code, message], ['DEPLOY_FAILED', 'away; it is not tried again, as retry.limit is 2']);
    assert.doesNotMatch(hint ?? '', /tried again/);
    assert.equal((await run(event)).outcome, 'failed-before');
    assert.equal(target.calls.length, 2);
  });
});
