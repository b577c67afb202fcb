import { systemClock } from '../shared/clock.ts';
import { type DeployState, deployState } from '../shared/deploy/deploy-state.ts';
import { type Ledger, parseLedger } from '../shared/deploy/ledger/ledger.ts';
import type { LandfallError } from '../shared/errors.ts';
import type { CallOptions } from '../shared/kernel/call-options.ts';
import { formatSourceId } from '../shared/model/ids.ts';
import { DEPLOYS_PREFIX, parseLedgerKey } from '../shared/store/layout.ts';
import type { Store } from '../shared/store/store.ts';
import { type Listing, type ListingFailure, reading } from './listings.ts';
import { errorDocument } from './terminal/report-error.ts';
import { shortDigest } from './terminal/table.ts';

/** What fits beside the other columns. */
const MESSAGE_COLUMN = 72;

function firstLine(message: string | null): string {
  const line = (message ?? '').split('\n', 1)[0] ?? '';
  return line.length > MESSAGE_COLUMN ? `${line.slice(0, MESSAGE_COLUMN - 1)}…` : line;
}

/** `1.4.0@sha256:44136fa355b3…` */
function shortRevision(revision: string): string {
  const at = revision.lastIndexOf('@') + 1;
  return revision.slice(0, at) + shortDigest(revision.slice(at));
}

/** With what it has of other sources: `1.4.0@sha256:4413… with web/app 2.0.0@sha256:9f2c…`. */
const appliedRevision = ({ revision, uses = [] }: NonNullable<Ledger['applied']>): string =>
  [shortRevision(revision), ...uses.map((used) => `${used.source} ${shortRevision(used.revision)}`)].join(
    ' with ',
  );

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
    ...(next === null || waiting !== null ? [] : [`${when} ${next.slice(0, 19)}Z`]),
    ...(about === undefined ? [] : [about]),
    ...(message === null ? [] : [firstLine(message)]),
    ...(plan === undefined ? [] : [`plan: ${firstLine(plan)}`]),
  ].join('; ');
}

function rowOf(ledger: Ledger, stands: DeployState): readonly string[] {
  const { deploy, applied } = ledger;
  return [
    deploy,
    formatSourceId(ledger),
    applied === null ? '-' : String(applied.generation),
    applied === null ? '-' : appliedRevision(applied),
    stands.state,
    stands.since === null ? '-' : `${stands.since.slice(0, 19)}Z`,
    messageOf(ledger, stands),
  ];
}

/** Why it fails, in full. */
function failureOf({ deploy, failure, ...id }: Ledger, { tries }: DeployState): readonly ListingFailure[] {
  if (failure === null) return [];
  const who = `${deploy} of ${formatSourceId(id)}, ${tries === 1 ? '1 try' : `${tries} tries`}`;
  const { code, message, hint } = failure;
  return [{ code, message: `${who}: ${message}`, ...(hint !== null && { hint }) }];
}

const unreadRow = (key: string, { code, message }: LandfallError): readonly string[] => {
  const id = parseLedgerKey(key);
  const source = id === undefined ? '-' : formatSourceId(id);
  return [id?.deploy ?? key, source, '-', '-', 'Unknown', '-', firstLine(`${code}: ${message}`)];
};

/** Every ledger of the store, and how its deploy stands. */
export async function listDeploys({ objects }: Store, options: CallOptions): Promise<Listing> {
  const documents: unknown[] = [];
  const rows: (readonly string[])[] = [];
  const unreadable: LandfallError[] = [];
  const failures: ListingFailure[] = [];
  for await (const key of objects.list(DEPLOYS_PREFIX, options)) {
    const readLedger = async () => {
      const stored = await objects.get(key, options);
      return stored && parseLedger(key, stored.bytes);
    };
    const read = await reading(readLedger, options);
    if ('error' in read) {
      unreadable.push(read.error);
      documents.push({ ...parseLedgerKey(key), error: errorDocument(read.error) });
      rows.push(unreadRow(key, read.error));
    } else if (read.value !== undefined) {
      const { outbox, formatVersion, ...ledger } = read.value;
      const stands = deployState(read.value, systemClock);
      documents.push({ ...ledger, ...stands });
      rows.push(rowOf(read.value, stands));
      failures.push(...failureOf(read.value, stands));
    }
  }
  const head = ['deploy', 'source', 'generation', 'revision', 'state', 'since', 'message'];
  return { documents, head, rows, unreadable, failures };
}
