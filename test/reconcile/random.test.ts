import { describe, test } from 'node:test';
import type { Trigger } from '../../shared/model/detail-type.ts';
import { Simulation } from '../support/simulation.ts';
import { checkAlways, checkQuiet, checkSettled } from '../support/simulation-check.ts';
import { through } from '../support/simulation-ports.ts';
import { Random } from '../support/simulation-random.ts';
import { Scheduler } from '../support/simulation-scheduler.ts';

/** More with LANDFALL_SEEDS=100000; one again with LANDFALL_SEED=17. */
const SEEDS = Number(process.env['LANDFALL_SEEDS'] ?? 200);
const ONLY = process.env['LANDFALL_SEED'];
const STEPS = 120;
const TRIGGERS: readonly Trigger[] = ['webhook', 'schedule', 'request'];

/** Something happens in the world: a push, a trigger (doubled, while another worker is at it), an event delivered. */
function happen(simulation: Simulation, scheduler: Scheduler, random: Random): void {
  if (random.chance(0.15)) simulation.push(random.chance(0.75));
  if (random.chance(0.3) && scheduler.alive('look') < 2) {
    const trigger = random.pick(TRIGGERS);
    scheduler.start('look', (gate) => simulation.look(gate, trigger));
  }
  if (random.chance(0.05) && simulation.observer.revisions.length > 0) {
    const isSuspending = random.chance(0.5);
    scheduler.start('person', (gate) => (isSuspending ? simulation.suspend(gate) : simulation.resume(gate)));
  }
  // One deploy of a source at a time, as its queue has it; but late, doubled and out of order.
  const events = random.chance(0.5) ? simulation.undelivered : simulation.observer.emitted;
  if (random.chance(0.3) && scheduler.alive('deploy') === 0 && events.length > 0) {
    const event = random.pick(events);
    scheduler.start('deploy', (gate) => simulation.deliver(gate, event));
  }
}

async function runSeed(seed: number): Promise<void> {
  const random = new Random(seed);
  const simulation = new Simulation();
  const scheduler = new Scheduler(random);
  const faults = random.pick([0, 0.02, 0.1]);
  simulation.push();
  for (let step = 0; step < STEPS; step += 1) {
    if (random.chance(0.4)) happen(simulation, scheduler, random);
    await scheduler.step(faults);
    if (step % 20 === 0) await checkAlways(simulation);
  }
  while (await scheduler.step(0));
  await simulation.resume(through);
  for (let look = 0; look < 2; look += 1) await simulation.tick(through);
  await checkSettled(simulation);
  await checkQuiet(simulation);
}

describe('two workers on one source, triggers and events doubled and out of order, faults and kills anywhere', () => {
  test(`hold every invariant, ${ONLY === undefined ? `${SEEDS} seeds` : `seed ${ONLY}`}`, async () => {
    const [first, count] = ONLY === undefined ? [0, SEEDS] : [Number(ONLY), 1];
    for (let seed = first; seed < first + count; seed += 1) {
      await runSeed(seed).catch((cause: unknown) => {
        throw new Error(`LANDFALL_SEED=${seed}: ${String(cause)}`, { cause });
      });
    }
  });
});
