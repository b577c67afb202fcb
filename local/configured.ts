import { type ReceiverTable, receiverTable } from '../functions/receive.ts';
import type { Clock } from '../shared/clock.ts';
import { readSecret, type SecretDeps } from '../shared/credentials/secret.ts';
import { asLandfallError, LandfallError } from '../shared/errors.ts';
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
  readonly receiverTable: ReceiverTable;
  readonly matcher: SourceMatcher;
  sourceOf(id: SourceId): Source | undefined;
}

/** Of many receivers' secrets, which one is missing has to be told. */
async function secretOf({ name, secret }: ReceiverEntry, secrets: SecretDeps): Promise<string> {
  try {
    return await readSecret(secret, secrets);
  } catch (cause) {
    const { code, message, hint } = asLandfallError(cause);
    throw new LandfallError(code, `receiver ${name}: ${message}`, {
      cause,
      ...(hint !== undefined && { hint }),
    });
  }
}

/** @throws LandfallError CREDENTIAL_UNREADABLE, CONFIG_INVALID where a receiver's secret is missing or empty */
export async function openConfiguration(
  configuration: Configuration,
  { secrets, clock, keys }: { readonly secrets: SecretDeps; readonly clock: Clock; readonly keys: KeySource },
): Promise<Configured> {
  const sources = new Map(configuration.sources.map((source) => [formatSourceId(source), source]));
  const receivers: OpenReceiver[] = [];
  for (const entry of configuration.receivers) {
    receivers.push(openReceiver(entry, { secret: await secretOf(entry, secrets), clock, keys }));
  }
  return {
    configuration,
    receivers,
    receiverTable: receiverTable(receivers),
    matcher: sourceMatcher(configuration.sources),
    sourceOf: (id) => sources.get(formatSourceId(id)),
  };
}
