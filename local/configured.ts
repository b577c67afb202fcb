import { type OpenedReceivers, type OpeningDeps, openReceivers } from '../functions/open-receivers.ts';
import { type ReceiverTable, receiverTable } from '../functions/receive.ts';
import type { ErrorKind } from '../shared/errors.ts';
import type { Configuration, Source } from '../shared/source/source.ts';
import { formatSourceId, type SourceId } from '../shared/store/layout.ts';
import { type SourceMatcher, sourceMatcher } from '../shared/trigger/match-sources.ts';

/** A configuration made ready to be looked things up in; replaced whole when the documents change. */
export interface Configured extends OpenedReceivers {
  readonly configuration: Configuration;
  readonly receiverTable: ReceiverTable;
  readonly matcher: SourceMatcher;
  sourceOf(id: SourceId): Source | undefined;
}

/** The configuration in force; replaced whole. */
export interface InForce {
  configured: Configured;
}

/** Opens what can be opened; who needs all of it calls {@link assertOpen}. */
export async function openConfiguration(
  configuration: Configuration,
  deps: OpeningDeps,
): Promise<Configured> {
  const sources = new Map(configuration.sources.map((source) => [formatSourceId(source), source]));
  const opened = await openReceivers(configuration.receivers, deps);
  return {
    ...{ configuration, ...opened },
    receiverTable: receiverTable(opened),
    matcher: sourceMatcher(configuration.sources),
    sourceOf: (id) => sources.get(formatSourceId(id)),
  };
}

/**
 * Refuses a configuration with a receiver that stays closed until somebody acts; with `kinds`, for other reasons too.
 * @throws LandfallError CREDENTIAL_UNREADABLE, CONFIG_INVALID where a receiver's secret is missing or empty
 */
export function assertOpen({ closed }: Configured, kinds: readonly ErrorKind[] = ['permanent']): void {
  const refused = closed.find(({ error }) => kinds.includes(error.kind));
  if (refused === undefined) return;
  // Of many receivers' secrets, which one is missing has to be told.
  throw refused.error.with({ message: `receiver ${refused.name}: ${refused.error.message}` });
}
