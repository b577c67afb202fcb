import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import { type OpeningDeps, reportClosed } from '../shared/trigger/receivers/open-receiver.ts';
import { type InForce, newlyClosed, openConfiguration, withThoseBefore } from './documents/configured.ts';

/** As long as a secret that could not be read from a cloud is not asked for again. */
const REOPEN_MS = 5_000;
/** Of those that somebody has to do something for: each so many times, which is a minute. */
const MISSING_ROUNDS = 12;

export interface ReopenDeps {
  readonly inForce: InForce;
  readonly opening: OpeningDeps;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Opens receivers whose secret could not be read, until each is open: soon where the reason passes, as their senders are
 * told to come again meanwhile, and within a minute where somebody has put it there. Ends with the signal; never throws.
 */
export async function reopenReceivers({ inForce, opening, log, clock, signal }: ReopenDeps): Promise<void> {
  for (let round = 1; !signal.aborted; round += 1) {
    await clock.sleep(REOPEN_MS, signal).catch(() => undefined);
    const before = inForce.configured;
    const { receiverTable, closed } = before;
    const isDue = !receiverTable.isWhole || (closed.length > 0 && round % MISSING_ROUNDS === 0);
    if (signal.aborted || !isDue) continue;
    const opened = await openConfiguration(before.configuration, { ...opening, before: before.receivers });
    // Changed documents came in between, and have been opened by themselves.
    if (inForce.configured !== before) continue;
    inForce.configured = withThoseBefore(opened, before);
    reportClosed(log, newlyClosed(opened, before));
    const names = opened.receivers.filter(({ entry }) =>
      before.receivers.every((one) => one.entry.name !== entry.name),
    );
    for (const { entry } of names) log('info', 'receiver is open', { receiver: entry.name });
  }
}
