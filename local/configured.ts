import { isDeepStrictEqual } from 'node:util';
import { type ReceiverTable, receiverTable } from '../functions/receive.ts';
import type { Clock } from '../shared/clock.ts';
import { readSecret, type SecretDeps } from '../shared/credentials/secret.ts';
import { asLandfallError, type ErrorKind, isLandfallError, LandfallError } from '../shared/errors.ts';
import type { ReceiverEntry } from '../shared/source/receiver-entry.ts';
import type { Configuration, Source } from '../shared/source/source.ts';
import { formatSourceId, type SourceId } from '../shared/store/layout.ts';
import type { KeySource } from '../shared/trigger/jwt/key-source.ts';
import { type SourceMatcher, sourceMatcher } from '../shared/trigger/match-sources.ts';
import { type OpenReceiver, openReceiver } from '../shared/trigger/receivers/open-receiver.ts';

/** A configuration made ready to be looked things up in; replaced whole when the documents change. */
export interface Configured {
  readonly configuration: Configuration;
  readonly receivers: readonly OpenReceiver[];
  /** Why receivers are not among these: each names the one it is of. */
  readonly closed: readonly LandfallError[];
  readonly receiverTable: ReceiverTable;
  readonly matcher: SourceMatcher;
  sourceOf(id: SourceId): Source | undefined;
}

/** The configuration in force; replaced whole. */
export interface InForce {
  configured: Configured;
}

export interface OpeningDeps {
  readonly secrets: SecretDeps;
  readonly clock: Clock;
  readonly keys: KeySource;
  /** What was open before: it stays so where its entry is the same and its secret cannot be read for now. */
  readonly before?: readonly OpenReceiver[];
}

/** Of many receivers' secrets, which one is missing has to be told. */
function ofReceiver(name: string, cause: unknown): LandfallError {
  const { code, message, hint } = asLandfallError(cause);
  return new LandfallError(code, `receiver ${name}: ${message}`, {
    cause,
    ...(hint !== undefined && { hint }),
  });
}

async function openOne(
  entry: ReceiverEntry,
  { secrets, clock, keys, before = [] }: OpeningDeps,
): Promise<OpenReceiver | LandfallError> {
  try {
    return openReceiver(entry, { secret: await readSecret(entry.secret, secrets), clock, keys });
  } catch (cause) {
    const error = ofReceiver(entry.name, cause);
    const kept = before.find((one) => isDeepStrictEqual(one.entry, entry));
    return error.kind === 'transient' && kept !== undefined ? kept : error;
  }
}

/** Opens what can be opened; who needs all of it calls {@link assertOpen}. */
export async function openConfiguration(
  configuration: Configuration,
  deps: OpeningDeps,
): Promise<Configured> {
  const sources = new Map(configuration.sources.map((source) => [formatSourceId(source), source]));
  const tried: (OpenReceiver | LandfallError)[] = [];
  for (const entry of configuration.receivers) tried.push(await openOne(entry, deps));
  const closed = tried.filter(isLandfallError);
  const receivers = tried.filter((one): one is OpenReceiver => !isLandfallError(one));
  return {
    ...{ configuration, receivers, closed },
    receiverTable: receiverTable(receivers, closed),
    matcher: sourceMatcher(configuration.sources),
    sourceOf: (id) => sources.get(formatSourceId(id)),
  };
}

/**
 * Refuses a configuration with a receiver that stays closed until somebody acts; with `kinds`, for other reasons too.
 * @throws LandfallError CREDENTIAL_UNREADABLE, CONFIG_INVALID where a receiver's secret is missing or empty
 */
export function assertOpen({ closed }: Configured, kinds: readonly ErrorKind[] = ['permanent']): void {
  const refused = closed.find(({ kind }) => kinds.includes(kind));
  if (refused !== undefined) throw refused;
}
