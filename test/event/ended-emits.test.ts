import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { EVENTS } from '../../shared/event/event-segments.ts';
import { InProcessBus } from '../../shared/event/in-process-bus.ts';
import { MemoryBus } from '../../shared/event/memory-bus.ts';
import type { Bus } from '../../shared/model/envelope.ts';
import { tryLock, unlock } from '../../shared/store/directory/exclusive-lock.ts';
import { keyLockPath } from '../../shared/store/directory/key-lock.ts';
import { BUS_CALLS } from '../conformance/bus-calls.ts';
import { endedCallsSuite } from '../conformance/ended-calls.ts';
import { openLog, temporaryRoot } from './opened-log.ts';

endedCallsSuite('memory bus', { open: async () => ({ port: new MemoryBus() }), calls: BUS_CALLS });

for (const [name, busOf] of [
  ['event log', (log: Bus): Bus => log],
  ['bus of one machine', (log: Bus): Bus => new InProcessBus(log)],
] as const)
  endedCallsSuite(`${name} that another process has locked`, {
    open: async (t) => {
      const root = temporaryRoot(t);
      const path = keyLockPath(root, EVENTS);
      let held: string | undefined;
      // Before the log is closed, which waits for what it is writing.
      t.after(() => held !== undefined && unlock(path, held));
      const port = busOf(openLog(t, root));
      const stall = (): void => {
        mkdirSync(dirname(path), { recursive: true });
        const attempt = tryLock(path, 60_000);
        assert.ok(attempt.held);
        held = attempt.text;
      };
      return { port, stall };
    },
    calls: BUS_CALLS,
    waiting: ['emit'],
  });
