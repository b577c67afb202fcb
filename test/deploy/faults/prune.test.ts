import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as z from 'zod/mini';
import { deploy } from '../../../shared/deploy/deploy.ts';
import { deployState } from '../../../shared/deploy/deploy-state.ts';
import { kindsOf } from '../../../shared/deploy/kinds/deploy-kinds.ts';
import { defineDeploy } from '../../../shared/deploy/kit/define-deploy.ts';
import { deployFailed, deployUnavailable } from '../../../shared/deploy/kit/failures.ts';
import type { StepResult } from '../../../shared/deploy/kit/step-result.ts';
import { type Ledger, newLedger, updateLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { pruneDeploy } from '../../../shared/deploy/prune.ts';
import { type DeploySpec, deployerOf } from '../../../shared/deploy/visit/deployer.ts';
import { prunesOf, specOfPruned } from '../../../shared/deploy/visit/prune-spec.ts';
import { readRuns } from '../../../shared/deploy/visit/run-history.ts';
import { LandfallError } from '../../../shared/errors.ts';
import type { EventEnvelope } from '../../../shared/model/envelope.ts';
import type { ObjectStore } from '../../../shared/store/object-store.ts';
import { ID } from '../../support/stores/memory-sources.ts';
import { entryOf, openDeployWorld } from '../deploy-world.ts';

type Told = StepResult<{ readonly job: string }, null> | Error;
type Answer = Told | (() => Told);

const LEDGER = { ...ID, deploy: 'app' };
const running = (job: string): Answer => ({
  state: 'running',
  progress: { job },
  message: job,
  lookAgainMs: 5_000,
});

/** A target that is made, and taken away. `calls` is what was asked of it; `answers` come first. */
function openRemovable(changes: Partial<DeploySpec> = {}) {
  const world = openDeployWorld();
  const calls: string[] = [];
  const answers: Answer[] = [];
  const answer = (call: string): StepResult<{ readonly job: string }, null> => {
    calls.push(call);
    const first = answers.shift();
    const next = typeof first === 'function' ? first() : first;
    if (next instanceof Error) throw next;
    return next ?? { state: 'succeeded' };
  };
  const kind = defineDeploy({
    kind: 'removable',
    settings: z.object({ target: z.string() }),
    progress: z.object({ job: z.string() }),
    plan: async () => ({ changes: [], summary: '' }),
    step: async ({ revision, runId }) => answer(`step ${revision.generation} ${runId}`),
    look: async ({ revision }, { job }) => answer(`look ${revision.generation} ${job}`),
    remove: async ({ applied, log }, progress) => {
      log(`removes ${applied?.generation}`);
      return answer(`remove ${applied?.generation} ${progress?.job ?? '-'}`);
    },
  });
  const kinds = kindsOf([kind]);
  const settings = { target: 'web' };
  const entry: DeploySpec = {
    ...entryOf({ timeoutMs: 600_000 }),
    ...{ kind: 'removable', settings, prune: true },
    ...changes,
  };
  const deps = { ...world.deps, kinds, bucket: '/store' };
  const { signal } = new AbortController();
  const deployer = deployerOf(kinds, { ...entry, settings });
  return {
    ...{ world, calls, answers },
    run: (event: EventEnvelope) => deploy({ deploy: entry, deployer, event, signal }, deps),
    /** Whoever begins is killed once the target was asked. */
    kill: (event: EventEnvelope) => {
      const killed = new AbortController();
      answers.push(() => {
        killed.abort();
        return deployUnavailable('killed');
      });
      return deploy({ deploy: entry, deployer, event, signal: killed.signal }, deps);
    },
    prune: (objects: ObjectStore = world.store.objects) =>
      pruneDeploy(LEDGER, { ...deps, store: { ...world.store, objects } }, { signal }),
    change: (change: (now: Ledger) => Ledger) => updateLedger(world.store.objects, LEDGER, change, world),
    isThere: async () =>
      (await world.store.objects.get('deploys/app/web/site.json')) !== undefined ||
      (await world.store.objects.get('runs/app/web/site.json')) !== undefined,
  };
}

for (const role of [{ arn: 'arn:aws:iam::1:role/r' }, { arn: 'arn:aws:iam::1:role/r', externalId: 'x' }])
  test(`what a ledger keeps of a deploy that goes has its role, ${Object.keys(role).join(' and ')}`, () => {
    const entry = { ...entryOf(), prune: true, role };
    const kept = prunesOf(entry) ?? assert.fail();
    assert.deepEqual(specOfPruned(newLedger(LEDGER), kept).role, role);
  });

describe('a deploy that goes from the documents', () => {
  test('takes away what it left, whatever its last try came to', async () => {
    for (const error of [deployFailed('broken'), deployUnavailable('away')]) {
      const { world, run, prune, answers, calls, isThere } = openRemovable();
      await run(await world.land({ 'a.txt': '1' }));
      answers.push(error);
      assert.equal((await run(await world.land({ 'a.txt': '2' }))).outcome, 'failed');
      assert.equal((await prune()).outcome, 'pruned', error.message);
      assert.equal(calls.at(-1), 'remove 1 -');
      assert.equal(await isThere(), false);
    }
  });

  test('leaves what it made where its document did not have it taken away', async () => {
    const { world, run, prune, calls } = openRemovable({ prune: false });
    await run(await world.land({ 'a.txt': '1' }));
    await prune();
    assert.deepEqual(
      calls.filter((call) => call.startsWith('remove')),
      [],
    );
  });

  test('ends what is under way first: nothing is removed beside a run', async () => {
    const { world, run, prune, answers, calls } = openRemovable();
    await run(await world.land({ 'a.txt': '1' }));
    answers.push(running('j2'), running('j2'));
    await run(await world.land({ 'a.txt': '2' }));
    assert.partialDeepStrictEqual(await prune(), { outcome: 'again', waitMs: 5_000 });
    world.clock.advance(5_000);
    await prune();
    world.clock.advance(5_000);
    await prune();
    assert.equal((await prune()).outcome, 'pruned');
    assert.deepEqual(calls.slice(2), ['look 2 j2', 'look 2 j2', 'remove 2 -']);
  });

  test('is looked at until what it left is gone, and keeps what that said', async () => {
    const { world, run, prune, answers, calls, isThere } = openRemovable();
    await run(await world.land({ 'a.txt': '1' }));
    answers.push(running('r1'), deployUnavailable('away'));
    assert.partialDeepStrictEqual(await prune(), { outcome: 'again', waitMs: 5_000, message: 'r1' });
    assert.partialDeepStrictEqual(deployState(await world.ledger(), world.clock), {
      state: 'Running',
      message: 'r1',
    });
    const runs = await readRuns(world.store.objects, 'app', ID);
    assert.ok(runs.at(-1)?.log.some(({ line }) => line === 'removes 1'));
    assert.equal((await prune()).outcome, 'again');
    assert.equal((await prune()).outcome, 'pruned');
    assert.deepEqual(calls.slice(1), ['remove 1 -', 'remove 1 r1', 'remove 1 r1']);
    assert.equal(await isThere(), false);
  });

  test('is given up after its timeout, and says so', async () => {
    const { world, run, prune, answers } = openRemovable();
    await run(await world.land({ 'a.txt': '1' }));
    answers.push(running('r1'), running('r1'));
    await prune();
    world.clock.advance(600_000);
    const outcome = await prune();
    assert.ok(outcome.outcome === 'failed');
    assert.match(outcome.error.message, /still under way after its timeout of 600000 ms/);
    assert.equal((await prune()).outcome, 'nothing');
  });

  // The simulator's seed 9806: a ledger was deleted that was another worker's by then, and its run was begun twice.
  test('and was slower than its claim leaves the ledger, which may be of whoever came meanwhile', async () => {
    const { world, run, prune, answers, isThere } = openRemovable();
    await run(await world.land({ 'a.txt': '1' }));
    answers.push(() => {
      world.clock.advance(400_000);
      return { state: 'succeeded' };
    });
    assert.equal((await prune()).outcome, 'again');
    assert.equal(await isThere(), true);
    assert.equal((await prune()).outcome, 'pruned');
  });

  test('and was killed after it had taken all away is finished by the next, whenever that was', async () => {
    for (let at = 1; at <= 12; at += 1) {
      const { world, run, prune, calls, isThere } = openRemovable();
      await run(await world.land({ 'a.txt': '1' }));
      let requests = 0;
      const dies = <T>(call: () => Promise<T>): Promise<T> => {
        requests += 1;
        return requests < at ? call() : Promise.reject(new LandfallError('STORE_UNAVAILABLE', 'killed'));
      };
      const { objects } = world.store;
      const failing: ObjectStore = {
        ...objects,
        get: (...given) => dies(() => objects.get(...given)),
        replace: (...given) => dies(() => objects.replace(...given)),
        delete: (...given) => dies(() => objects.delete(...given)),
      };
      await prune(failing).catch(() => undefined);
      for (let look = 0; look < 4 && (await isThere()); look += 1) {
        world.clock.advance(120_000);
        await prune();
      }
      assert.equal(await isThere(), false, `killed at request ${at}`);
      assert.ok(calls.includes('remove 1 -'));
    }
  });

  test('and cannot be removed is told of by an event, and tried again by a replay', async () => {
    const { world, run, prune, answers, change } = openRemovable();
    await run(await world.land({ 'a.txt': '1' }));
    answers.push(deployFailed('it is protected', { hint: 'turn that off' }));
    assert.equal((await prune()).outcome, 'failed');
    assert.equal((await prune()).outcome, 'nothing');
    const state = deployState(await world.ledger(), world.clock);
    assert.equal(state.state, 'Failed');
    assert.match(String(state.message), /it is protected; what it left is not taken away/);
    assert.match(JSON.stringify(world.events('Deploy Failed').at(-1)?.detail), /it is protected/);
    const replay = { token: 't', generation: 1, over: 1, at: '2026-11-21T00:00:00.000Z' };
    await change((now) => ({ ...now, replay }));
    assert.equal((await prune()).outcome, 'pruned');
  });

  test('and was to be replayed at a newer generation is removed all the same', async () => {
    const { world, run, prune, change } = openRemovable();
    await run(await world.land({ 'a.txt': '1' }));
    await world.land({ 'a.txt': '2' });
    const replay = { token: 't', generation: 2, over: 1, at: '2026-11-21T00:00:00.000Z' };
    await change((now) => ({ ...now, replay }));
    assert.equal((await prune()).outcome, 'pruned');
  });

  test('and comes back while it is removed is applied again, once the removal lets go', async () => {
    const { world, run, prune, answers, calls } = openRemovable();
    const event = await world.land({ 'a.txt': '1' });
    await run(event);
    answers.push(running('r1'));
    await prune();
    assert.equal((await run(event)).outcome, 'applied');
    assert.equal(new Set(calls.filter((call) => call.startsWith('step 1'))).size, 2, calls.join('\n'));
    assert.equal((await run(event)).outcome, 'done-before');
  });

  // The simulator's seed 109: it began generation 2 twice, under two names.
  test('and comes back at another revision goes on under the same name where whoever did that was killed', async () => {
    const { world, run, prune, answers, calls, kill } = openRemovable();
    await run(await world.land({ 'a.txt': '1' }));
    answers.push(running('r1'));
    await prune();
    const event = await world.land({ 'a.txt': '2' });
    await kill(event);
    assert.equal((await run(event)).outcome, 'applied');
    const steps = calls.filter((call) => call.startsWith('step 2'));
    assert.equal(steps.length, 2);
    assert.equal(new Set(steps).size, 1, calls.join('\n'));
  });

  test('and comes back twice has another name each time, also where the first was cut off', async () => {
    const { world, run, prune, answers, calls, kill } = openRemovable();
    const event = await world.land({ 'a.txt': '1' });
    await run(event);
    answers.push(running('r1'));
    await prune();
    await kill(event);
    world.clock.advance(1);
    answers.push(running('r2'));
    assert.equal((await prune()).outcome, 'again');
    assert.equal((await run(event)).outcome, 'applied');
    assert.equal(new Set(calls.filter((call) => call.startsWith('step 1'))).size, 3, calls.join('\n'));
  });

  // The simulator's seed 2130: what the replay had put there was gone, and the target said that its run had ended well.
  test('and comes back has another name than a replay that was cut off before it went', async () => {
    const { world, run, prune, answers, calls, kill, change } = openRemovable();
    const event = await world.land({ 'a.txt': '1' });
    await run(event);
    const replay = { token: 't', generation: 1, over: 1, at: '2026-11-21T00:00:00.000Z' };
    await change((now) => ({ ...now, replay }));
    await kill(event);
    answers.push(running('r1'));
    assert.equal((await prune()).outcome, 'again');
    world.clock.advance(1);
    await kill(event);
    assert.equal((await run(event)).outcome, 'applied');
    const steps = calls.filter((call) => call.startsWith('step 1'));
    assert.equal(new Set(steps).size, 3, calls.join('\n'));
    assert.equal(steps[2], steps[3], 'and goes on under that where it is cut off');
  });

  test('and comes back once it was removed has runs of other names: a target drops what it has seen', async () => {
    const { world, run, prune, calls } = openRemovable();
    const event = await world.land({ 'a.txt': '1' });
    await run(event);
    await prune();
    world.clock.advance(1);
    assert.equal((await run(event)).outcome, 'applied');
    assert.equal(new Set(calls.filter((call) => call.startsWith('step 1'))).size, 2, calls.join('\n'));
  });

  test('and comes back after its removal failed for good is applied again', async () => {
    const { world, run, prune, answers } = openRemovable();
    const event = await world.land({ 'a.txt': '1' });
    await run(event);
    answers.push(deployFailed('protected'));
    await prune();
    assert.equal((await run(event)).outcome, 'applied');
    assert.equal((await world.ledger()).failure, null);
  });
});
