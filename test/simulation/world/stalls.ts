import { RUSH } from '../engine/scheduler.ts';
import type { Platform } from './platform.ts';
import type { World } from './world.ts';

/** For longer than the claim of a visit lasts, and much longer than its time. */
const STALL_MS = 200_000;
/** Its target tells of itself when the claim is over: somebody else comes. */
const WOKEN_MS = [100_000, 150_000] as const;
/** What was at work as it ended goes on. */
const AFTER_MS = 20_000;
/** Of any step, the chance that time passes meanwhile: else all of it would be over within seconds. */
const STALLED_RUSH = 0.7;
/** The chance that a call of a target stalls, where they do. */
export const STALLING = 0.5;

/** Targets that stall, and wake their deploys meanwhile: who outlives a claim there is not alone any more. */
export function stallTargets(world: World, platform: Platform): void {
  const { scheduler } = world;
  scheduler.stallMs = (call, usualMs) => {
    const [what, deploy = ''] = [call.split(' ')[0], call.split(' ').at(-1)];
    if (what === 'plan') return usualMs;
    for (const milliseconds of WOKEN_MS) scheduler.time.set(() => platform.wake(deploy), milliseconds);
    world.isStalled = true;
    scheduler.rush = STALLED_RUSH;
    // Whoever comes is not held up in turn.
    scheduler.slowness = 0;
    scheduler.time.set(() => {
      world.isStalled = false;
      scheduler.rush = RUSH;
      scheduler.slowness = world.isRough ? STALLING : 0;
    }, STALL_MS + AFTER_MS);
    return STALL_MS;
  };
}
