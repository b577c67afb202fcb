import { systemClock } from '../../shared/clock.ts';
import { type DeployState, deployState } from '../../shared/deploy/deploy-state.ts';
import {
  type Ledger,
  type LedgerId,
  lowestGeneration,
  parseLedger,
} from '../../shared/deploy/ledger/ledger.ts';
import { checkLedgerPlace } from '../../shared/deploy/ledger/ledger-place.ts';
import type { LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { mapOf } from '../../shared/kernel/each-of.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { DEPLOYS_PREFIX, parseLedgerKey } from '../../shared/store/layout.ts';
import type { Store } from '../../shared/store/store.ts';
import { ageSince, timeUntil } from '../terminal/age.ts';
import { errorDocument } from '../terminal/report-error.ts';
import { shortRevision } from '../terminal/table.ts';
import { type ListingFailure, type ListingOptions, READS, reading, secondsOf } from './listing.ts';

/** How a deploy stands for one of its sources. */
export interface ListedDeploy {
  readonly id: LedgerId;
  readonly document: Readonly<Record<string, unknown>>;
  readonly generation: string;
  readonly revision: string;
  /** What it has of other sources: `web/app 2.0.0@sha256:9f2c…`. */
  readonly uses: readonly string[];
  readonly state: string;
  readonly since: string | null;
  readonly tries: number;
  readonly next: string | null;
  /** The lowest generation that it would apply. */
  readonly lowest: number;
  /** What there is to tell, the most important first. */
  readonly message: string;
  readonly error?: LandfallError;
  readonly failure?: ListingFailure;
}

const firstLine = (message: string | null): string => (message ?? '').split('\n', 1)[0] ?? '';

/** The generation that the message is about, where it is not the one that the row has as applied. */
function aboutOf({ applied, run, waiting, failure }: Ledger): string | undefined {
  const generation = run?.generation ?? waiting?.generation ?? failure?.generation;
  return generation === undefined || generation === applied?.generation
    ? undefined
    : `generation ${generation}`;
}

function messageOf(ledger: Ledger, { state, message, next }: DeployState): string {
  const { waiting } = ledger;
  const when = state === 'Waiting' ? 'next try' : 'next look';
  const about = message === null ? undefined : aboutOf(ledger);
  const plan = state === 'Waiting' ? waiting?.plan?.summary : undefined;
  return [
    // What it waits for says itself when that ends.
    ...(next === null || waiting !== null ? [] : [`${when} ${secondsOf(next)}`]),
    ...(about === undefined ? [] : [about]),
    ...(message === null ? [] : [firstLine(message)]),
    ...(plan === undefined ? [] : [`plan: ${firstLine(plan)}`]),
  ].join('; ');
}

/** Why it fails, in full. */
function failureOf({ deploy, failure, ...id }: Ledger, { state }: DeployState): ListingFailure | undefined {
  if (failure === null) return undefined;
  const tries = failure.attempts === 1 ? '1 try' : `${failure.attempts} tries`;
  const again = state === 'Running' ? ', and it runs again' : '';
  const who = `${deploy} of ${formatSourceId(id)}, ${tries}${again}`;
  const { code, message, hint } = failure;
  return { code, message: `${who}: ${message}`, ...(hint !== null && { hint }) };
}

function listed(ledger: Ledger): ListedDeploy {
  const { outbox, formatVersion, ...document } = ledger;
  const { deploy, namespace, name, applied } = ledger;
  const stands = deployState(ledger, systemClock);
  const failure = failureOf(ledger, stands);
  const { state, since, tries, next } = stands;
  return {
    id: { deploy, namespace, name },
    document: { ...document, ...stands },
    generation: applied === null ? '-' : String(applied.generation),
    revision: applied === null ? '-' : applied.revision,
    uses: (applied?.uses ?? []).map((used) => `${used.source} ${shortRevision(used.revision)}`),
    state,
    since,
    tries,
    next,
    lowest: lowestGeneration(ledger),
    message: messageOf(ledger, stands),
    ...(failure !== undefined && { failure }),
  };
}

const unread = (id: LedgerId, error: LandfallError): ListedDeploy => ({
  id,
  document: { ...id, error: errorDocument(error) },
  generation: '-',
  revision: '-',
  uses: [],
  state: 'Unknown',
  since: null,
  tries: 0,
  next: null,
  lowest: 0,
  message: firstLine(`${error.code}: ${error.message}`),
  error,
});

/** Every ledger of the store, and how its deploy stands. */
export async function readDeploys(
  { objects }: Pick<Store, 'objects'>,
  { namespace, signal }: ListingOptions,
): Promise<readonly ListedDeploy[]> {
  const options: CallOptions = { signal };
  const keys = await Array.fromAsync(objects.list(DEPLOYS_PREFIX, options));
  const one = async (key: string): Promise<readonly ListedDeploy[]> => {
    const id = parseLedgerKey(key);
    if (id === undefined || (namespace !== undefined && id.namespace !== namespace)) return [];
    const readLedger = async () => {
      const stored = await objects.get(key, options);
      const ledger = stored && parseLedger(key, stored.bytes);
      if (ledger !== undefined) checkLedgerPlace(key, ledger);
      return ledger;
    };
    const read = await reading(readLedger, options);
    if ('error' in read) return [unread(id, read.error)];
    return read.value === undefined ? [] : [listed(read.value)];
  };
  return (await mapOf(keys, { limit: READS, signal }, one)).flat();
}

/** A deploy as lines of a text that is about its source: how it stands, and what to do where it fails. */
export function deployLines(
  { id, state, generation, revision, since, message, error, failure }: ListedDeploy,
  now: number,
): readonly string[] {
  const age = since === null ? '' : ` for ${ageSince(since, now)}`;
  const at =
    revision === '-' ? 'nothing applied yet' : `at ${shortRevision(revision)}, generation ${generation}`;
  // Of a ledger that cannot be read nobody knows what was applied.
  const stands = error === undefined ? `${state}${age}, ${at}` : state;
  const hint = (error ?? failure)?.hint;
  return [
    `deploy ${id.deploy}: ${[stands, message].filter(Boolean).join('; ')}`,
    ...(hint === undefined ? [] : [`  next: ${hint}`]),
  ];
}

/** The cells of a row: see DEPLOY_COLUMNS. */
export const deployRow = (each: ListedDeploy, now: number): readonly string[] => [
  each.id.deploy,
  formatSourceId(each.id),
  each.generation,
  [each.revision === '-' ? '-' : shortRevision(each.revision), ...each.uses].join(' with '),
  each.revision,
  each.state,
  ageSince(each.since, now),
  secondsOf(each.since),
  String(each.tries),
  timeUntil(each.next, now),
  each.message,
];
