import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../shared/clock.ts';
import { readSecret, type SecretDeps } from '../shared/credentials/secret.ts';
import { asLandfallError, type LandfallError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import type { ReceiverEntry } from '../shared/source/receiver-entry.ts';
import type { KeySource } from '../shared/trigger/jwt/key-source.ts';
import { type OpenReceiver, openReceiver } from '../shared/trigger/receivers/open-receiver.ts';

export interface OpeningDeps {
  readonly secrets: SecretDeps;
  readonly clock: Clock;
  readonly keys: KeySource;
  /** What was open before: it stays so where its entry is the same and its secret cannot be read for now. */
  readonly before?: readonly OpenReceiver[];
}

/** A receiver whose path is not known, since its secret could not be read. */
export interface ClosedReceiver {
  readonly name: string;
  readonly error: LandfallError;
}

export interface OpenedReceivers {
  readonly receivers: readonly OpenReceiver[];
  readonly closed: readonly ClosedReceiver[];
}

type Opened = { readonly open: OpenReceiver } | { readonly closed: ClosedReceiver };

async function openOne(entry: ReceiverEntry, deps: OpeningDeps): Promise<Opened> {
  const { secrets, clock, keys, before = [] } = deps;
  try {
    return { open: openReceiver(entry, { secret: await readSecret(entry.secret, secrets), clock, keys }) };
  } catch (thrown) {
    const error = asLandfallError(thrown);
    const open = before.find((one) => isDeepStrictEqual(one.entry, entry));
    if (error.kind === 'transient' && open !== undefined) return { open };
    return { closed: { name: entry.name, error } };
  }
}

/** Opens what can be opened: one secret that cannot be read is no reason to turn the other senders away. */
export async function openReceivers(
  entries: readonly ReceiverEntry[],
  deps: OpeningDeps,
): Promise<OpenedReceivers> {
  const tried = await Promise.all(entries.map((entry) => openOne(entry, deps)));
  return {
    receivers: tried.flatMap((one) => ('open' in one ? [one.open] : [])),
    closed: tried.flatMap((one) => ('closed' in one ? [one.closed] : [])),
  };
}

export function reportClosed(log: Log, closed: readonly ClosedReceiver[]): void {
  for (const { name, error } of closed) {
    const { code, message, hint } = error;
    log('error', 'receiver is closed', { receiver: name, code, error: message, next: hint });
  }
}
