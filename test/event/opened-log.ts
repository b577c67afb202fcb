import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { EventLog, type EventLogOptions } from '../../shared/event/event-log.ts';

/** A folder for a log; it ends with the test. */
export function temporaryRoot(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'landfall-events-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** A log that is closed at the end of the test. */
export function openLog(t: TestContext, root: string, options?: EventLogOptions): EventLog {
  const log = new EventLog(root, options);
  t.after(() => log.close());
  return log;
}
