import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHeartbeat } from '../../local/heartbeat.ts';
import { ServeFaults } from '../../local/serve-faults.ts';
import { systemClock } from '../../shared/clock.ts';
import { LandfallError } from '../../shared/errors.ts';
import { folderFor } from '../support/cli.ts';

// The beat is written far oftener than the store is asked, and into another place.
test('a store that does not answer is a fault until it does, however often the heartbeat is written meanwhile', async (t) => {
  const faults = new ServeFaults(() => 0);
  let isAway = true;
  const heart = startHeartbeat({
    root: await folderFor(t),
    once: false,
    clock: systemClock,
    configuration: () => ({
      sources: [],
      stalled: [],
      deploys: [],
      credentials: [],
      receivers: [],
      notify: [],
      notices: [],
    }),
    problems: () => [],
    nextLookAt: () => undefined,
    before: new Map(),
    onBeat: faults.noting('store'),
    onProbe: faults.noting('bucket'),
    probe: async () => {
      if (isAway) throw new LandfallError('STORE_UNAVAILABLE', 'away');
    },
  });
  await heart.probe();
  await heart.beat();
  assert.deepEqual(faults.lines(), ['bucket: STORE_UNAVAILABLE']);
  isAway = false;
  await heart.probe();
  assert.deepEqual(faults.lines(), []);
  await heart[Symbol.asyncDispose]();
});
