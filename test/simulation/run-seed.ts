import { formatSourceId } from '../../shared/model/ids.ts';
import { resume } from '../../shared/reconcile/suspend.ts';
import { Random } from '../support/simulation/simulation-random.ts';
import { everyGenerationTold } from './invariants/i04-events.ts';
import { atTheHead } from './invariants/i11-at-the-head.ts';
import { deployLevel } from './invariants/i16-deploys-level.ts';
import { ALWAYS } from './invariants/invariants.ts';
import { Cloud } from './world/cloud.ts';
import { ENTRIES, INTERVAL_MS, SOURCES } from './world/documents.ts';
import { decideNow, happen, pushTo } from './world/happenings.ts';
import './world/loaded.ts';
import { Machine } from './world/machine.ts';
import type { Platform } from './world/platform.ts';
import { Reader } from './world/reader.ts';
import { STALLING, stallTargets } from './world/stalls.ts';
import { World } from './world/world.ts';

export interface SeedResult {
  readonly seed: number;
  /** What must never be, and was; empty: all is well. */
  readonly violations: readonly string[];
  /** The same for the same seed and the same product. */
  readonly hash: string;
  readonly steps: number;
  readonly story: (last?: number) => string;
}

/** Steps in which anything may happen. */
const ROUGH_STEPS = 400;
const HAPPENING = 0.15;
const FAULTS = [0, 0.02, 0.1] as const;
/** The chance that a call of a target takes as long as a visit may, or longer; worlds without faults have it, too. */
const SLOWNESS = [0, 0.05, 0.2] as const;
/** Of worlds, those whose targets stall: which they are is chosen beside all else, so that the others are as they would be without. */
const STALLS = 0.3;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Of an hour, after which its window is open. */
const WINDOW_MS = 25 * MINUTE_MS;
/** More than any world needs for two intervals without faults: one that takes so many goes round in circles. */
const MOST_CALM_STEPS = 20_000;
/** So many intervals more has what was begun in time. */
const MOST_GIVEN = 2;
/** Steps between two looks at whether all is level. */
const LOOK_EVERY = 10;

/** Of no ledger: collect has the word of their status, and no other. */
const UNDEPLOYED = SOURCES.filter(
  (source) => !ENTRIES.some((entry) => entry.source === formatSourceId(source)),
);

/** One world from its beginning to two quiet intervals after its last fault. */
export async function runSeed(seed: number): Promise<SeedResult> {
  const random = new Random(seed);
  const world = new World(random, `/store/${seed}`);
  const { scheduler } = world;
  const chance = new Random(seed ^ 0x5bd1e995);
  using _ = scheduler.time.install(() => chance.next());
  world.isStalling = new Random(seed ^ 0x3c6ef372).chance(STALLS);
  const platform: Platform = random.chance(0.5) ? new Cloud(world) : new Machine(world);
  if (world.isStalling) stallTargets(world, platform);
  const reader = new Reader(world);
  const simulation = new Simulated(world, platform, reader);
  await simulation.rough();
  if (simulation.violations.length === 0) await simulation.calm();
  const { violations, steps } = simulation;
  return {
    seed,
    violations,
    steps,
    get hash() {
      return scheduler.story.hash();
    },
    story: (last) => scheduler.story.print(last),
  };
}

class Simulated {
  violations: readonly string[] = [];
  steps = 0;
  readonly #world: World;
  readonly #platform: Platform;
  readonly #reader: Reader;

  constructor(world: World, platform: Platform, reader: Reader) {
    this.#world = world;
    this.#platform = platform;
    this.#reader = reader;
  }

  /** Half of the worlds have everything deployed before it goes wrong: there is something to lose, to remove and to go back to. */
  async #begin(): Promise<void> {
    const { random, scheduler, plan } = this.#world;
    for (const source of SOURCES) plan.push(source);
    if (random.chance(0.5)) return;
    this.#world.isRough = false;
    // Not from the hour on: its window would keep everybody waiting for a third of it.
    scheduler.time.advanceTo(scheduler.time.now() + WINDOW_MS);
    await this.#untilLevel(HOUR_MS);
    // What is current by now becomes the history of those whose status alone names it.
    for (const source of UNDEPLOYED) plan.push(source);
    await this.#untilLevel(HOUR_MS);
    this.#world.isRough = true;
    scheduler.story.tell('time', 'faults begin');
    // They find everybody at work.
    for (const source of SOURCES) if (random.chance(0.5)) pushTo(this.#world, this.#platform, source);
  }

  /** Everything at once, until something is wrong. */
  async rough(): Promise<void> {
    await this.#begin();
    const { random, scheduler } = this.#world;
    scheduler.faults = random.pick(FAULTS);
    const slowness = random.pick(SLOWNESS);
    scheduler.slowness = this.#world.isStalling ? STALLING : slowness;
    // What has stalled goes on before faults stop.
    for (let step = 0; step < ROUGH_STEPS || this.#world.isStalled; step += 1) {
      if (random.chance(HAPPENING) && !this.#world.isStalled) happen(this.#world, this.#platform);
      await this.#step();
      if (this.violations.length > 0) return;
    }
  }

  /** No more faults: what is left of them ends, and all becomes level. */
  async calm(): Promise<void> {
    const { random, scheduler, plan, targets } = this.#world;
    this.#world.isRough = false;
    this.#world.server.deniesUntil = 0;
    scheduler.faults = 0;
    scheduler.slowness = 0;
    scheduler.killAll('faults stop here');
    scheduler.story.tell('time', 'faults stop');
    // Whatever claims and hidden messages were left are over, and the window of the hour is open.
    scheduler.time.advanceTo(scheduler.time.now() + HOUR_MS - (scheduler.time.now() % HOUR_MS) + WINDOW_MS);
    for (const name of [...plan.absent.keys()]) plan.toggle(name);
    for (const source of SOURCES) if (random.chance(0.5)) plan.push(source);
    const data = targets.get('data');
    if (data !== undefined && data.current !== null) data.hasDrifted = true;
    await this.#people(async (life) => {
      const { objects } = this.#world.store(life, this.#platform.isNear);
      for (const source of SOURCES)
        await resume(source, { objects, clock: life.clock }).catch(() => undefined);
    });
    await this.#untilLevel(2 * INTERVAL_MS + MINUTE_MS);
  }

  /** A person approves whatever asks. What is not level by then will not be. */
  async #untilLevel(milliseconds: number): Promise<void> {
    const { time } = this.#world.scheduler;
    let until = time.now() + milliseconds;
    let given = 0;
    let approved: string | undefined;
    for (let step = 0; this.violations.length === 0; step += 1) {
      await this.#step();
      if (this.violations.length > 0) return;
      const asked = this.#asked();
      if (asked !== undefined && asked !== approved) {
        approved = asked;
        await this.#approve();
        // It begins at its next look, and then has as long as any.
        until = time.now() + milliseconds;
      }
      if (step % LOOK_EVERY === 0 && this.#settled().length === 0) return;
      if (time.now() >= until && given < MOST_GIVEN && this.#isUnderWay()) {
        // It was begun in time, by the last look that there was; a target may be at work for minutes, and then it is told.
        given += 1;
        until += INTERVAL_MS;
      }
      if (step > MOST_CALM_STEPS || time.now() >= until) this.violations = this.#settled();
      if (time.now() >= until) return;
    }
  }

  /** What waits for a person, and what is current: that is what is approved, whatever waited a moment ago. */
  #asked(): string | undefined {
    const { waiting } = this.#reader.ledger('gate') ?? {};
    const { current } = this.#reader.statuses.get('web/site') ?? {};
    return waiting?.for === 'approval' ? `${waiting.digest} ${current?.digest}` : undefined;
  }

  #isUnderWay(): boolean {
    // A target that is compared may take as long as one that is changed, and no ledger tells of it.
    if (this.#world.scheduler.alive('deploy') > 0) return true;
    return ENTRIES.some(({ name }) => {
      const ledger = this.#reader.ledger(name);
      if (ledger === undefined) return false;
      // What stood still for too long to be compared is compared after its interval.
      return ledger.run !== null || ledger.outbox.length > 0 || ledger.compared?.changes === null;
    });
  }

  #approve(): Promise<void> {
    return this.#people(async (life) => {
      const decision = { deploy: 'gate', source: 'web/site', decision: 'approved' } as const;
      await decideNow(this.#world, this.#platform, life, decision).catch(() => undefined);
    });
  }

  async #step(): Promise<void> {
    this.steps += 1;
    this.#platform.begin();
    await this.#world.scheduler.step(this.#platform.nextAt());
    this.violations = this.#reader.check(ALWAYS);
  }

  async #people(work: Parameters<World['scheduler']['start']>[1]): Promise<void> {
    const { scheduler } = this.#world;
    scheduler.start('person', work);
    while (scheduler.alive('person') > 0 && this.violations.length === 0) await this.#step();
  }

  #settled(): readonly string[] {
    const { plan, counts, targets } = this.#world;
    const { statuses } = this.#reader;
    const sources = SOURCES.flatMap((source) => {
      const head = plan.headOf(source);
      const fault = head === null ? undefined : plan.pushed.get(head)?.fault;
      const id = formatSourceId(source);
      return atTheHead({ source: id, status: statuses.get(id), head, fault, counts });
    });
    const deploys = ENTRIES.flatMap(({ name, source, drift }) => {
      const target = targets.get(name);
      const current = statuses.get(source)?.current ?? null;
      if (target === undefined) return [];
      const ledger = this.#reader.ledger(name);
      const digestOf = (generation: number) => this.#reader.digestOf(source, generation);
      return deployLevel({
        deploy: name,
        current,
        ledger,
        target,
        digestOf,
        correctsDrift: drift === 'correct',
      });
    });
    return [...sources, ...deploys, ...everyGenerationTold(this.#reader.look())];
  }
}
