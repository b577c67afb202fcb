import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import { type CollectOptions, type CollectReport, collect } from '../shared/store/retention/collect.ts';
import type { Store } from '../shared/store/store.ts';

/** Deletes what no status and no deploy names any more, after a grace, once a day; logs what it did and could not read. */
export async function collectGarbage(
  options: CollectOptions,
  { store, clock, log }: { readonly store: Store; readonly clock: Clock; readonly log: Log },
): Promise<CollectReport> {
  const report = await collect(store, options, { clock });
  for (const { key, code, message, hint } of report.unreadable)
    log('error', 'what was there when this broke is not collected', {
      key,
      code,
      error: message,
      next: hint,
    });
  const { removed, kept, bytes, swept } = report;
  log('info', 'collected', { removed: removed.length, kept, bytes, ...swept });
  return report;
}
