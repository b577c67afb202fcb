import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { FAULTS, type Fault, HOLD_MS } from './support/registry/head-faults.ts';
import { type HeadStage, openHeadStage } from './support/registry/head-stage.ts';

const TICKS = 2;

/** Ticks from the end of the fault until every source is at what was pushed while it was there. */
async function ticksAfter(stage: HeadStage, fault: Fault, holdMs: number): Promise<number> {
  const heal = await fault.begin(stage);
  const wanted = await stage.push();
  await sleep(holdMs);
  await heal();
  const healed = performance.now();
  await stage.reached(wanted);
  return (performance.now() - healed) / stage.intervalMs;
}

interface Timing {
  readonly intervalMs: number;
  /** How long the fault was there. */
  readonly holdMs: number;
}

/** Two ticks, beside what the registry wants not to be asked for beyond the fault. */
function figureOf({ name, askedMs }: Fault, ticks: number, { intervalMs, holdMs }: Timing): Figure {
  const besideMs = Math.max(0, askedMs - holdMs);
  const beside = besideMs === 0 ? '' : ` and the ${besideMs / 1000} s that it asked for beyond the fault`;
  return {
    what: `heads after: ${name}`,
    measured: `${ticks.toFixed(1)} ticks of ${intervalMs / 1000} s`,
    target: `≤ ${TICKS} ticks${beside}`,
    met: (ticks - TICKS) * intervalMs <= besideMs,
  };
}

async function run({ quick, scratch, say }: BenchContext): Promise<readonly Figure[]> {
  const [intervalMs, holdMs] = quick ? [2_000, 4_000] : [5_000, HOLD_MS];
  const figures: Figure[] = [];
  for (const [at, fault] of FAULTS.entries()) {
    await using stage = await openHeadStage(join(scratch, String(at)), intervalMs);
    const ticks = await ticksAfter(stage, fault, holdMs);
    say(`${fault.name}: ${ticks.toFixed(2)}`);
    figures.push(figureOf(fault, ticks, { intervalMs, holdMs }));
  }
  return figures;
}

/** When a fault is over, every source is at its registry's head within two ticks of its schedule. */
export const bench: Bench = {
  name: 'heads',
  about: 'sources at their registry’s head after any single fault',
  needs: [],
  run,
};
