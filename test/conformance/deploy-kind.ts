import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { deploy } from '../../shared/deploy/deploy.ts';
import { deployState } from '../../shared/deploy/deploy-state.ts';
import type { AwsAccess } from '../../shared/deploy/kit/aws-access.ts';
import type { DefinedDeploy } from '../../shared/deploy/kit/define-deploy.ts';
import type { OpenSite } from '../../shared/deploy/kit/site-access.ts';
import { bindKind } from '../../shared/deploy/visit/bind-kind.ts';
import type { DeployDeps, DeployOutcome } from '../../shared/deploy/visit/deploy-request.ts';
import { specOf } from '../../shared/deploy/visit/deployer.ts';
import { readRuns } from '../../shared/deploy/visit/run-history.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import type { Revision } from '../../shared/model/status.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { fileKey } from '../../shared/store/layout.ts';
import { type DeployWorld, openDeployWorld } from '../deploy/deploy-world.ts';
import { Failpoints, type Mode } from '../support/simulation/simulation-faults.ts';
import { type Gate, through } from '../support/simulation/simulation-ports.ts';
import { type Files, ID } from '../support/stores/memory-sources.ts';

/** A kind, and a target of it that is looked at from outside. */
export interface KindSubject {
  /** The kind, each of whose requests to its target goes through the gate; `aws` has those of a kind of AWS. */
  readonly kindFor: (gate: Gate) => DefinedDeploy;
  readonly aws?: (gate: Gate, signal: AbortSignal) => AwsAccess;
  /** Buckets for sites, likewise. */
  readonly sites?: (gate: Gate) => OpenSite;
  readonly settings: DeployEntry['settings'];
  readonly locationOf?: DeployDeps['locationOf'];
  readonly origin?: DeployDeps['origin'];
  /** Of a generation: each has other content. */
  readonly files: (generation: number) => Files;
  /** A file whose bytes it reads, where it does. */
  readonly reads?: string;
  /** What the target has now, and what it has once it has a revision. */
  readonly current: () => string | undefined | Promise<string | undefined>;
  readonly wanted: (revision: Revision) => string | Promise<string>;
  /** What it was told to take: each counts once that a target which drops what it has seen would take. */
  readonly taken: () => number | Promise<number>;
  /** From now on the target takes requests, and answers none. Absent: nobody answers there at all. */
  readonly silence?: () => void;
  /** A minute passes at the target. */
  readonly advance?: () => void;
}

export type OpenKind<Subject extends KindSubject = KindSubject> = (
  t: TestContext,
  world: Pick<DeployWorld, 'clock' | 'store'>,
) => Promise<Subject>;

const MOST = 120;
const NAME = 'app';

interface Held extends KindSubject {
  readonly world: DeployWorld;
  readonly land: (generation: number) => Promise<EventEnvelope>;
  /** One visit. */
  readonly deliver: (event: EventEnvelope, options?: Visiting) => Promise<DeployOutcome>;
  /** Visits until it has ended, every request through a gate; `onVisit` is told of each that begins. */
  readonly driveBy: (event: EventEnvelope, gate: Gate, onVisit?: () => void) => Promise<DeployOutcome>;
  /** The same through one plan of faults. */
  readonly drive: (event: EventEnvelope, failpoints?: Failpoints) => Promise<DeployOutcome>;
  /** Has what is current. */
  readonly isLevel: () => Promise<boolean>;
}

interface Visiting {
  readonly gate?: Gate;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A deploy of a kind by the engine, with time that passes when it is told to. */
export async function openHeld<Subject extends KindSubject>(
  t: TestContext,
  open: OpenKind<Subject>,
  common: Partial<DeployEntry> = {},
): Promise<Held & Subject> {
  const world = openDeployWorld();
  const subject = await open(t, world);
  const { settings, locationOf = world.deps.locationOf, origin = world.deps.origin } = subject;
  const deliver = (
    event: EventEnvelope,
    { gate = through, timeoutMs = 3_600_000, signal }: Visiting = {},
  ) => {
    const kind = subject.kindFor(gate);
    const entry: DeployEntry = {
      name: NAME,
      kind: kind.kind,
      source: 'web/*',
      timeoutMs,
      settings,
      ...common,
    };
    const deployer = { ...bindKind(kind, NAME, settings), spec: specOf({ ...entry, timeoutMs: 1 }) };
    const { aws, sites } = subject;
    const deps: DeployDeps = {
      ...world.deps,
      locationOf,
      origin,
      ...(aws !== undefined && { aws: (_: unknown, ending: AbortSignal) => aws(gate, ending) }),
      ...(sites !== undefined && { sites: () => sites(gate) }),
    };
    const request = { deploy: entry, deployer, event, signal: signal ?? new AbortController().signal };
    return deploy(request, deps);
  };
  const untilEnded = async (visit: () => Promise<DeployOutcome | undefined>): Promise<DeployOutcome> => {
    for (let visits = 0; visits < MOST; visits += 1) {
      const outcome = await visit();
      const ended = outcome && passed(outcome, world);
      if (ended !== undefined) return ended;
      subject.advance?.();
    }
    throw new Error(`no end after ${MOST} visits`);
  };
  return {
    ...{ ...subject, world, deliver },
    land: async (generation) => world.land(subject.files(generation)),
    driveBy: (event, gate, onVisit) =>
      untilEnded(() => {
        onVisit?.();
        return deliver(event, { gate });
      }),
    drive: (event, failpoints = new Failpoints()) =>
      untilEnded(async () => {
        let outcome: DeployOutcome | undefined;
        await failpoints.run(async (gate) => {
          outcome = await deliver(event, { gate });
        });
        return outcome;
      }),
    isLevel: async () => {
      const { current } = await world.status();
      return current !== null && (await subject.current()) === (await subject.wanted(current));
    },
  };
}

/** Lets the time pass that an outcome asks for; what has ended is returned. A worker that was killed looks alive here. */
function passed(outcome: DeployOutcome, { clock }: Pick<DeployWorld, 'clock'>): DeployOutcome | undefined {
  if (outcome.outcome === 'busy' || outcome.outcome === 'running')
    return clock.advance(Math.ceil(outcome.waitMs)) as undefined;
  if (outcome.outcome === 'failed' && outcome.error.kind === 'transient')
    return clock.advance(60_000) as undefined;
  return outcome;
}

/** How it goes without faults from one revision to the next. */
async function calm(
  t: TestContext,
  open: OpenKind,
): Promise<{ readonly requests: number; readonly taken: number }> {
  const held = await openHeld(t, open);
  await held.drive(await held.land(1));
  const failpoints = new Failpoints();
  assert.equal((await held.drive(await held.land(2), failpoints)).outcome, 'applied');
  assert.ok(await held.isLevel(), 'it has what is current');
  return { requests: failpoints.calls.length, taken: await held.taken() };
}

/** Every kind, ours or a team's own, is held to these, by the engine and from outside. */
export function deployKindSuite(name: string, open: OpenKind): void {
  const modes: readonly Mode[] = ['kill before', 'kill after', 'throw before', 'throw after'];
  for (const mode of modes)
    test(`${name}: a worker that is met by "${mode}" at any request comes to the same, and applies nothing twice`, async (t) => {
      const { requests, taken } = await calm(t, open);
      assert.ok(requests > 0);
      for (let at = 0; at < requests; at += 1) {
        const held = await openHeld(t, open);
        await held.drive(await held.land(1));
        const failpoints = new Failpoints({ at, mode });
        const outcome = await held.drive(await held.land(2), failpoints);
        const where = `${mode} ${failpoints.calls[at]}`;
        assert.ok(failpoints.hasFired, where);
        assert.ok(
          ['applied', 'done-before'].includes(outcome.outcome),
          `${where}: ${JSON.stringify(outcome)}`,
        );
        assert.ok(await held.isLevel(), where);
        assert.equal(await held.taken(), taken, where);
        const { applied, run, claim, started, failure, outbox } = await held.world.ledger({
          name: NAME,
        } as DeployEntry);
        assert.equal(applied?.generation, 2, where);
        assert.deepEqual([run, claim, started, failure, outbox], [null, null, null, null, []], where);
      }
    });

  test(`${name}: events ten times and backwards leave what is current, and never an older after a newer`, async (t) => {
    const held = await openHeld(t, open);
    const first = await held.land(1);
    await held.drive(first);
    const second = await held.land(2);
    const third = await held.land(3);
    const seen: (string | undefined)[] = [];
    for (const event of [second, third, first, second, third, third, second, first, first, second]) {
      await held.drive(event);
      seen.push(await held.current());
    }
    assert.ok(await held.isLevel());
    assert.equal(new Set(seen).size, 1, 'the first event applied what is current, and no other anything');
    assert.equal((await held.world.ledger({ name: NAME } as DeployEntry)).applied?.generation, 3);
  });

  test(`${name}: a revision that was collected before is not begun with, and says so`, async (t) => {
    const held = await openHeld(t, open);
    const event = await held.land(1);
    const { current } = await held.world.status();
    assert.ok(current);
    await held.world.store.artifacts.remove(current);
    const failpoints = new Failpoints();
    await failpoints.run(async (gate) => {
      const outcome = await held.deliver(event, { gate });
      assert.ok(outcome.outcome === 'failed');
      assert.match(outcome.error.message, /is not in the store/);
      assert.match(String(outcome.error.hint), /landfall/);
    });
    assert.deepEqual(failpoints.calls, []);
  });
}

/** Besides, those kinds whose target is somebody that answers, or does not. */
export function answeredKindSuite(name: string, open: OpenKind): void {
  test(`${name}: a target that answers nothing holds a visit no longer than its time, and is told of`, async (t) => {
    const held = await openHeld(t, open);
    await held.drive(await held.land(1));
    const before = await held.taken();
    const event = await held.land(2);
    held.silence?.();
    const outcome = await held.deliver(event, { timeoutMs: 400 });
    assert.ok(outcome.outcome === 'failed', JSON.stringify(outcome));
    assert.equal(outcome.error.code, 'DEPLOY_UNAVAILABLE', outcome.error.message);
    const ledger = await held.world.ledger({ name: NAME } as DeployEntry);
    const { state, message } = deployState(ledger, held.world.clock);
    assert.equal(state, 'Waiting');
    assert.match(String(message), /^DEPLOY_UNAVAILABLE: .*(400 ms|timeout)/);
    assert.equal(ledger.claim, null);
    assert.ok((await held.taken()) <= before + 1);
  });

  test(`${name}: a visit ends with its signal, and lets go of its claim`, async (t) => {
    const held = await openHeld(t, open);
    await held.drive(await held.land(1));
    const event = await held.land(2);
    held.silence?.();
    const stop = new AbortController();
    const visit = held.deliver(event, { signal: stop.signal });
    setTimeout(() => stop.abort(), 150);
    const outcome = await visit;
    assert.ok(outcome.outcome === 'failed' && outcome.error.code === 'CANCELLED', JSON.stringify(outcome));
    const { claim, failure, started } = await held.world.ledger({ name: NAME } as DeployEntry);
    assert.deepEqual([claim, failure, started], [null, null, 2]);
  });
}

/** Besides, those kinds that read bytes of the artifact. */
export function readingKindSuite(name: string, open: OpenKind): void {
  test(`${name}: a file that is not as its commit record has it is refused before anything is asked`, async (t) => {
    const held = await openHeld(t, open);
    assert.ok(held.reads);
    assert.equal((await held.drive(await held.land(1))).outcome, 'applied');
    const event = await held.land(2);
    const { current } = await held.world.status();
    assert.ok(current);
    const { objects } = held.world.store;
    const key = fileKey(current, held.reads);
    const stored = await objects.get(key);
    await objects.replace(key, Buffer.from('tampered with'), stored?.version);
    const [before, taken] = [await held.current(), await held.taken()];
    const outcome = await held.drive(event);
    assert.ok(
      outcome.outcome === 'failed' && outcome.error.code === 'STORE_CORRUPT',
      JSON.stringify(outcome),
    );
    assert.match(String(outcome.error.hint), /landfall fsck --repair/);
    assert.deepEqual([await held.current(), await held.taken()], [before, taken]);
    const runs = await readRuns(objects, NAME, ID);
    assert.match(String(runs.at(-1)?.message), /^STORE_CORRUPT/);
  });
}
