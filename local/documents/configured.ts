import { type ReceiverTable, receiverTable } from '../../functions/receive.ts';
import type { LandfallError } from '../../shared/errors.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { Configuration, Source, StalledSource } from '../../shared/source/source.ts';
import { type SourceMatcher, sourceMatcher } from '../../shared/trigger/match-sources.ts';
import {
  type ClosedReceiver,
  type OpenedReceivers,
  type OpeningDeps,
  openReceivers,
} from '../../shared/trigger/receivers/open-receiver.ts';

/** A configuration made ready to be looked things up in; replaced whole when the documents change. */
export interface Configured extends OpenedReceivers {
  readonly configuration: Configuration;
  readonly receiverTable: ReceiverTable;
  readonly matcher: SourceMatcher;
  sourceOf(id: SourceId): Source | undefined;
  /** As `sourceOf`, or as its last good document had it. */
  knownOf(id: SourceId): Source | undefined;
  /** Of a source whose document is refused. */
  stalledOf(id: SourceId): StalledSource | undefined;
}

/** The configuration in force; replaced whole. */
export interface InForce {
  configured: Configured;
}

/** A configuration whose receivers are opened, as far as they can be. */
function configuredOf(configuration: Configuration, opened: OpenedReceivers): Configured {
  const { sources, stalled, waiting = [] } = configuration;
  const byId = new Map(sources.map((source) => [formatSourceId(source), source]));
  const knownById = new Map([...waiting, ...sources].map((source) => [formatSourceId(source), source]));
  const stalledById = new Map(stalled.map((source) => [formatSourceId(source), source]));
  return {
    configuration,
    ...opened,
    receiverTable: receiverTable(opened),
    matcher: sourceMatcher(sources),
    sourceOf: (id) => byId.get(formatSourceId(id)),
    knownOf: (id) => knownById.get(formatSourceId(id)),
    stalledOf: (id) => stalledById.get(formatSourceId(id)),
  };
}

/** Opens what can be opened; who needs all of it calls {@link assertOpen}. */
export const openConfiguration = async (
  configuration: Configuration,
  deps: OpeningDeps,
): Promise<Configured> => configuredOf(configuration, await openReceivers(configuration.receivers, deps));

/** Those that nobody was told of yet. */
export function newlyClosed(
  { closed }: Configured,
  before: Configured | undefined,
): readonly ClosedReceiver[] {
  const known = new Set(before?.closed.map(lineOf));
  return closed.filter((each) => !known.has(lineOf(each)));
}

/** With what was open under the name of a receiver that is closed for good now: the last good one stays. */
export function withThoseBefore(configured: Configured, before: Configured | undefined): Configured {
  const { configuration, receivers, closed } = configured;
  const names = new Set(closed.filter(({ error }) => error.kind === 'permanent').map(({ name }) => name));
  const kept = before?.receivers.filter(({ entry }) => names.has(entry.name)) ?? [];
  return kept.length === 0
    ? configured
    : configuredOf(configuration, { receivers: [...receivers, ...kept], closed });
}

const lineOf = ({ name, error }: ClosedReceiver): string => `receiver ${name}: ${error.message}`;

/** A line for each receiver that is closed. */
export const closedLines = ({ closed }: Configured): readonly string[] => closed.map(lineOf);

/** Why a receiver is closed: of many secrets, which one is missing has to be told. */
export const closedError = (closed: ClosedReceiver): LandfallError =>
  closed.error.with({ message: lineOf(closed) });
