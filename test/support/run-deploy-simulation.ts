import assert from 'node:assert/strict';
import { DeploySimulation, ENTRIES, INTERVAL_MS, type Mutant } from './deploy-simulation.ts';
import type { Fate } from './deploy-target.ts';
import { through } from './simulation-ports.ts';
import { Random } from './simulation-random.ts';
import { Scheduler } from './simulation-scheduler.ts';

const STEPS = 1_000;
const NAMES = ENTRIES.map(({ name }) => name);
const FAILING = 0.1;
const FATES: readonly Fate[] = ['fails', 'rolls back'];
const MINUTE_MS = 60_000;

/** Something happens in the world: a push, an event (late, doubled, of any generation), a person, an operator, a document. */
async function happen(simulation: DeploySimulation, scheduler: Scheduler, random: Random): Promise<void> {
  const { world, targets } = simulation;
  const name = random.pick(['app', ...NAMES]);
  if (random.chance(0.015)) await simulation.push();
  if (random.chance(0.8) && scheduler.alive('visit') < 3) {
    const event = random.pick(simulation.events);
    scheduler.start('visit', async (gate) => {
      await simulation.visit(gate, name, event).catch(() => undefined);
    });
  }
  if (random.chance(0.2)) {
    const decision = random.chance(0.8) ? 'approved' : random.pick(['rejected', 'skipped'] as const);
    scheduler.start('person', (gate) => simulation.decide(gate, random.pick(['app', name]), decision));
  }
  if (random.chance(0.05)) scheduler.start('person', (gate) => simulation.replay(gate, name));
  if (random.chance(simulation.absent.has(name) ? 0.15 : 0.01)) simulation.toggle(name);
  const target = targets.get(name);
  if (random.chance(0.05) && target !== undefined && target.current !== null) target.hasDrifted = true;
  world.clock.advance(
    random.chance(0.06) ? random.pick([20_000, 60_000, 400_000]) : random.pick([0, 500, 2_000]),
  );
}

/** What a schedule does once a minute, and the deploys of it that are due. */
async function tick(simulation: DeploySimulation): Promise<void> {
  const { clock } = simulation.world;
  clock.advance(MINUTE_MS);
  const event = simulation.events.at(-1);
  assert.ok(event);
  for (const name of NAMES)
    for (let visit = 0; visit < 20; visit += 1) {
      const outcome = await simulation.visit(through, name, event);
      if (outcome.outcome !== 'running' && outcome.outcome !== 'again') break;
      if (outcome.waitMs > MINUTE_MS) break;
      clock.advance(outcome.waitMs);
    }
}

async function twoIntervals(simulation: DeploySimulation): Promise<void> {
  const { clock } = simulation.world;
  const end = clock.now() + 2 * INTERVAL_MS;
  while (clock.now() < end) await tick(simulation);
}

/** I16: when faults stop, each deploy reaches what is current within two of its intervals, once nothing keeps it. */
async function checkSettled(simulation: DeploySimulation, isPushed: boolean): Promise<void> {
  const { world, targets } = simulation;
  for (const name of [...simulation.absent.keys()]) simulation.toggle(name);
  simulation.fate = () => 'succeeds';
  if (isPushed) await simulation.push();
  const { clock } = world;
  // Whatever claims and looks were left are over, and the window of the hour is open.
  clock.advance(3_600_000 - (clock.now() % 3_600_000) + 25 * MINUTE_MS);
  const data = targets.get('data');
  if (data !== undefined && data.current !== null) data.hasDrifted = true;
  await simulation.decide(through, 'app', 'approved');
  await twoIntervals(simulation);
  const { current } = await world.status();
  for (const name of NAMES) {
    const { applied, run, claim, outbox, failure, skipped, waiting } = await simulation.ledger(name);
    // What failed for good, or was left out, is so until something changes; what depends on it waits.
    const isLeft = failure?.kind === 'permanent' || skipped.some(({ digest }) => digest === current?.digest);
    if (!isPushed && (isLeft || waiting?.for === 'dependency')) continue;
    const target = targets.get(name);
    const stands = JSON.stringify([name, target?.current, applied, run]);
    assert.equal(applied?.generation, current?.generation, `I16: ${stands}`);
    assert.equal(target?.current?.generation, current?.generation, `I16: ${stands}`);
    assert.equal(name === 'data' && target?.hasDrifted === true, false, `I16: drift ${stands}`);
    assert.deepEqual([run, claim, outbox], [null, null, []], `I16: ${stands}`);
  }
}

/** I6: what a target began with never goes back to an older generation. */
function checkOrder({ targets }: DeploySimulation): void {
  for (const [name, { begun }] of targets) {
    const generations = begun.map(({ generation }) => generation);
    assert.deepEqual(
      generations,
      generations.toSorted((a, b) => a - b),
      `I6: ${name} began with an older generation after a newer`,
    );
  }
}

const checkAlways = (simulation: DeploySimulation): void => {
  assert.deepEqual(simulation.found, []);
  checkOrder(simulation);
};

/** Several workers, a world in which all happens at once, and then none of it. @throws AssertionError naming the invariant */
export async function runDeploySeed(seed: number, mutant?: Mutant): Promise<void> {
  const random = new Random(seed);
  const simulation = new DeploySimulation(random, mutant);
  const scheduler = new Scheduler(random);
  const faults = random.pick([0, 0.02, 0.1]);
  simulation.fate = () => (random.chance(FAILING) ? random.pick(FATES) : 'succeeds');
  await simulation.push();
  for (let step = 0; step < STEPS; step += 1) {
    if (random.chance(0.25)) await happen(simulation, scheduler, random);
    await scheduler.step(faults);
    if (step % 50 === 0) checkAlways(simulation);
  }
  while (await scheduler.step(0));
  checkAlways(simulation);
  await checkSettled(simulation, random.chance(0.5));
  checkAlways(simulation);
}
