import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import { type OpeningDeps, reportClosed } from '../shared/trigger/receivers/open-receiver.ts';
import { type InForce, openConfiguration } from './documents/configured.ts';

/** As long as a secret that could not be read from a cloud is not asked for again. */
const REOPEN_MS = 5_000;

export interface ReopenDeps {
  readonly inForce: InForce;
  readonly opening: OpeningDeps;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Opens receivers whose secret could not be read for a passing reason, until each is open or known to stay closed.
 * Their senders are told to come again meanwhile. Ends with the signal; never throws.
 */
export async function reopenReceivers({ inForce, opening, log, clock, signal }: ReopenDeps): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(REOPEN_MS, signal).catch(() => undefined);
    const before = inForce.configured;
    if (signal.aborted || before.receiverTable.isWhole) continue;
    const opened = await openConfiguration(before.configuration, { ...opening, before: before.receivers });
    // Changed documents came in between, and have been opened by themselves.
    if (inForce.configured !== before) continue;
    inForce.configured = opened;
    const logged = new Set(before.closed.map(({ name, error }) => `${name} ${error.message}`));
    reportClosed(
      log,
      opened.closed.filter(({ name, error }) => !logged.has(`${name} ${error.message}`)),
    );
    const names = opened.receivers.filter(({ entry }) =>
      before.receivers.every((one) => one.entry.name !== entry.name),
    );
    for (const { entry } of names) log('info', 'receiver is open', { receiver: entry.name });
  }
}
