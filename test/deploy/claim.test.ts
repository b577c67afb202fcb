import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { isGroupAlive, RUN_VARIABLE, runMark } from '../../shared/deploy/command/process-group.ts';
import { CLAIM_MARGIN_MS, claimedForMs, LONGEST_CLAIM_MS } from '../../shared/deploy/ledger/claim.ts';
import { readLedger, writeLedger } from '../../shared/deploy/ledger/ledger.ts';
import { subscribeDeploys } from '../../shared/deploy/subscriptions.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { Bus, EventEnvelope } from '../../shared/model/envelope.ts';
import { ownedName, ownerOf, SELF } from '../../shared/store/directory/owner.ts';
import { EVENT_ORIGIN, ID } from '../support/stores/memory-sources.ts';
import {
  type Applying,
  type DeployWorld,
  entryOf,
  kindsWith,
  openDeployWorld,
  stoppedIn,
} from './deploy-world.ts';

/** A world whose deployer waits where it is told to, and writes down what it did to the world when it went on. */
function openSlowWorld() {
  const world = openDeployWorld();
  const done: number[] = [];
  const gates = new Map<number, PromiseWithResolvers<void>>();
  const begun = new Map<number, PromiseWithResolvers<void>>();
  const apply = async ({ revision: { generation } }: Applying): Promise<void> => {
    begun.get(generation)?.resolve();
    await gates.get(generation)?.promise;
    done.push(generation);
  };
  return {
    world,
    done,
    deps: { kinds: kindsWith(apply) },
    /** Has the deployer of that generation wait; resolves once it has begun, with what lets it go on. */
    hold: (generation: number) => {
      const gate = Promise.withResolvers<void>();
      const start = Promise.withResolvers<void>();
      gates.set(generation, gate);
      begun.set(generation, start);
      return { begun: start.promise, release: gate.resolve };
    },
  };
}

const claimOf = async (world: DeployWorld) => (await world.ledger()).claim;

describe('two workers at different generations', { timeout: 20_000 }, () => {
  test('never run at once: the newer one waits until the older has ended', async () => {
    const { world, done, deps, hold } = openSlowWorld();
    const older = await world.land({ 'a.txt': '1' });
    const slow = hold(1);
    const first = world.deploy(older, { deps });
    await slow.begun;
    const newer = await world.land({ 'a.txt': '2' });
    const waiting = await world.deploy(newer, { deps });
    assert.equal(waiting.outcome, 'busy');
    assert.deepEqual(done, []);
    slow.release();
    assert.equal((await first).outcome, 'applied');
    assert.equal((await world.deploy(newer, { deps })).outcome, 'applied');
    assert.deepEqual(done, [1, 2]);
    assert.equal(await claimOf(world), null);
  });

  test('of which the older outlived its claim: what it comes back with is refused', async () => {
    const { world, deps, hold } = openSlowWorld();
    const older = await world.land({ 'a.txt': '1' });
    const slow = hold(1);
    const first = world.deploy(older, { deps });
    await slow.begun;
    world.clock.advance(entryOf().timeoutMs + CLAIM_MARGIN_MS);
    const newer = await world.land({ 'a.txt': '2' });
    assert.equal((await world.deploy(newer, { deps })).outcome, 'applied');
    slow.release();
    await assert.rejects(first, { code: 'STORE_CONFLICT' });
    assert.partialDeepStrictEqual(await world.ledger(), { applied: { generation: 2 }, failure: null });
    assert.deepEqual(await world.deploy(older, { deps }), { outcome: 'done-before' });
  });

  test('a millisecond before the end of the claim still wait', async () => {
    const { world, deps, hold } = openSlowWorld();
    const event = await world.land({ 'a.txt': '1' });
    const slow = hold(1);
    const first = world.deploy(event, { deps });
    await slow.begun;
    world.clock.advance(entryOf().timeoutMs + CLAIM_MARGIN_MS - 1);
    assert.deepEqual(await world.deploy(event, { deps }), { outcome: 'busy', waitMs: 1 });
    slow.release();
    await first;
  });

  test('subscribed: waiting is no failed try, and the newer one is applied in the end', async () => {
    const { world, done, deps, hold } = openSlowWorld();
    const older = await world.land({ 'a.txt': '1' });
    const slow = hold(1);
    const first = world.deploy(older, { deps });
    await slow.begun;
    const newer = await world.land({ 'a.txt': '2' });
    const outcomes: string[] = [];
    let looks = 0;
    // More looks than there are tries.
    const sleep = async (): Promise<void> => {
      looks += 1;
      if (looks < 20) return;
      slow.release();
      await first;
    };
    const subscriptions = subscribeDeploys({
      ...world.deps,
      ...deps,
      clock: { now: () => world.clock.now(), sleep },
      origin: EVENT_ORIGIN,
      deploys: () => [entryOf()],
      sources: () => [ID],
      signal: new AbortController().signal,
      report: ({ outcome }) => outcomes.push(outcome.outcome),
    });
    subscriptions.accept(newer);
    await subscriptions.idle();
    assert.deepEqual(outcomes, ['busy', 'applied']);
    assert.deepEqual(done, [1, 2]);
  });
});

describe('a claim', () => {
  async function claimedBy(
    world: DeployWorld,
    by: string,
    forMs = 60_000,
    runner?: string,
  ): Promise<EventEnvelope> {
    const event = await world.land({ 'a.txt': '1' });
    const stored = await readLedger(world.store.objects, 'app', ID);
    const until = new Date(world.clock.now() + forMs).toISOString();
    await writeLedger(
      world.store.objects,
      { ...stored.ledger, started: 1, claim: { by, until, runner } },
      stored,
    );
    return event;
  }

  test('of a process that is gone keeps nobody out', async () => {
    const world = openDeployWorld();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const gone = ownedName().replace(`${SELF.pid}-`, `${pid}-`);
    assert.equal((await world.deploy(await claimedBy(world, gone))).outcome, 'applied');
  });

  for (const [what, script] of [
    ['ends by SIGTERM', 'while :; do sleep 0.05; done'],
    ['outlives its leader', 'trap "exit 0" TERM; sh -c "trap : TERM; while :; do sleep 0.05; done" & wait'],
  ] as const) {
    test(`of a process that is gone, whose command goes on and ${what}: that is ended before another runs`, async (t) => {
      const world = openDeployWorld();
      const orphan = spawn('sh', ['-c', script], { detached: true, stdio: 'ignore' });
      const { pid: leader = 0 } = orphan;
      t.after(() => {
        if (isGroupAlive(leader)) process.kill(-leader, 'SIGKILL');
      });
      const { pid } = spawnSync(process.execPath, ['-e', '']);
      const by = ownedName({ ...SELF, pid });
      const event = await claimedBy(world, by, 60_000, ownedName(ownerOf(leader)));
      let wasAlive = true;
      const apply = async (): Promise<void> => {
        wasAlive = isGroupAlive(leader);
      };
      const kinds = kindsWith(apply);
      assert.equal((await world.deploy(event, { deps: { kinds } })).outcome, 'applied');
      assert.equal(wasAlive, false);
    });
  }

  test('of a process that is gone, whose command left its group: what has its mark is ended before another runs', {
    skip: process.platform !== 'linux',
  }, async (t) => {
    const world = openDeployWorld();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const runner = { ...SELF, pid, started: '1' };
    const env = { ...process.env, [RUN_VARIABLE]: runMark(runner) };
    const stray = spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env });
    t.after(() => stray.kill('SIGKILL'));
    const event = await claimedBy(world, ownedName({ ...SELF, pid }), 60_000, ownedName(runner));
    let wasAlive = true;
    const kinds = kindsWith(async () => {
      wasAlive = isGroupAlive(stray.pid ?? 0);
    });
    assert.equal((await world.deploy(event, { deps: { kinds } })).outcome, 'applied');
    assert.equal(wasAlive, false);
  });

  test('of a process that is gone, whose command cannot be ended, is looked at again in a second', async (t) => {
    const world = openDeployWorld();
    const orphan = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    t.after(() => orphan.kill('SIGKILL'));
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const runner = ownedName(ownerOf(orphan.pid ?? 0));
    await claimedBy(world, ownedName({ ...SELF, pid }), 60_000, runner);
    assert.equal(claimedForMs(await world.ledger(), world.clock), 1_000);
  });

  test('of a process that is gone ends nobody else whose number its command had', async (t) => {
    const world = openDeployWorld();
    const other = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    t.after(() => other.kill('SIGKILL'));
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const runner = ownedName({ ...SELF, pid: other.pid ?? 0, started: '1' });
    const event = await claimedBy(world, ownedName({ ...SELF, pid }), 60_000, runner);
    assert.equal((await world.deploy(event)).outcome, 'applied');
    assert.ok(isGroupAlive(other.pid ?? 0));
  });

  test('of a process on another machine keeps others out until it ends', async () => {
    const world = openDeployWorld();
    const elsewhere = ownedName().replace(SELF.machine, '0123456789ab');
    const event = await claimedBy(world, elsewhere);
    assert.deepEqual(await world.deploy(event), { outcome: 'busy', waitMs: 60_000 });
    world.clock.advance(60_000);
    assert.equal((await world.deploy(event)).outcome, 'applied');
  });

  for (const [forMs, outcome] of [
    [LONGEST_CLAIM_MS, 'busy'],
    [LONGEST_CLAIM_MS + 1, 'applied'],
  ] as const) {
    test(`for ${forMs} ms from now is ${outcome === 'busy' ? 'kept to' : 'a wrong clock’s, and blocks nobody'}`, async () => {
      const world = openDeployWorld();
      const elsewhere = ownedName().replace(SELF.machine, '0123456789ab');
      assert.equal((await world.deploy(await claimedBy(world, elsewhere, forMs))).outcome, outcome);
    });
  }

  test('is let go of where the deploy could not be told of, or was stopped', async () => {
    const world = openDeployWorld();
    const event = await world.land({ 'a.txt': '1' });
    const down: Bus = { emit: () => Promise.reject(new LandfallError('EMIT_FAILED', 'the bus is down')) };
    await assert.rejects(world.deploy(event, { deps: { bus: down } }), { code: 'EMIT_FAILED' });
    assert.equal(await claimOf(world), null);
    await world.deploy(event, stoppedIn(new Error('cut off')));
    assert.equal(await claimOf(world), null);
  });
});

describe('the ledger itself', () => {
  test('takes no generation older than the one it holds', async () => {
    const world = openDeployWorld();
    await world.deploy(await world.land({ 'a.txt': '1' }));
    await world.deploy(await world.land({ 'a.txt': '2' }));
    const stored = await readLedger(world.store.objects, 'app', ID);
    const { applied } = stored.ledger;
    assert.ok(applied);
    const older = { ...applied, generation: 1, at: '2000-01-01T00:00:00.000Z' };
    for (const next of [{ applied: older }, { applied: null }, { started: 1 }])
      await assert.rejects(writeLedger(world.store.objects, { ...stored.ledger, ...next }, stored), {
        code: 'INTERNAL',
        message: /generation [01] is older than 2/,
      });
    assert.equal((await world.ledger()).applied?.generation, 2);
  });
});
