import type { Clock } from '../shared/clock.ts';
import type { LandfallError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import { type InForce, type OpeningDeps, openConfiguration } from './configured.ts';

/** As long as a secret that could not be read from a cloud is not asked for again. */
const REOPEN_MS = 5_000;

export function reportClosed(log: Log, closed: readonly LandfallError[]): void {
  for (const { code, message, hint } of closed) {
    log('error', 'receiver is closed', { code, error: message, next: hint });
  }
}

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
    const known = new Set(before.closed.map(({ message }) => message));
    reportClosed(
      log,
      opened.closed.filter(({ message }) => !known.has(message)),
    );
    const names = opened.receivers.filter(({ entry }) =>
      before.receivers.every((one) => one.entry.name !== entry.name),
    );
    for (const { entry } of names) log('info', 'receiver is open', { receiver: entry.name });
  }
}
