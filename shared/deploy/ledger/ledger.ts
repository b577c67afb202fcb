import { LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { formatSourceId, type SourceId } from '../../model/ids.ts';
import type { UpdateOptions } from '../../store/compare-and-swap.ts';
import { type DocumentKind, formatDocument, parseDocument, updateDocument } from '../../store/document.ts';
import { ledgerKey } from '../../store/layout.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { type Ledger, ledgerSchema } from './ledger-schema.ts';

export type { Ledger } from './ledger-schema.ts';

/** Whose ledger it is. */
export type LedgerId = SourceId & { readonly deploy: string };

export const newLedger = ({ deploy, namespace, name }: LedgerId): Ledger => ({
  formatVersion: 1,
  deploy,
  namespace,
  name,
  kind: null,
  born: null,
  applied: null,
  started: null,
  claim: null,
  run: null,
  waiting: null,
  compared: null,
  prunes: null,
  decision: null,
  skipped: [],
  replay: null,
  failure: null,
  outbox: [],
});

const KIND: DocumentKind<Ledger> = {
  what: "a deploy's ledger",
  schema: ledgerSchema,
  hint: 'Delete it: the deploy then applies the current revision again.',
};

/** @throws LandfallError STORE_CORRUPT, STORE_VERSION */
export const parseLedger = (key: string, bytes: Uint8Array): Ledger => parseDocument(KIND, key, bytes);

export interface StoredLedger {
  readonly ledger: Ledger;
  readonly version: string | undefined;
}

/** The ledger, new where there is none. @throws LandfallError STORE_CORRUPT */
export async function readLedger(
  objects: ObjectStore,
  deploy: string,
  id: SourceId,
  options?: CallOptions,
): Promise<StoredLedger> {
  const key = ledgerKey(deploy, id);
  const stored = await objects.get(key, options);
  if (stored === undefined) return { ledger: newLedger({ ...id, deploy }), version: undefined };
  return { ledger: parseLedger(key, stored.bytes), version: stored.version };
}

/**
 * The lowest generation that may be applied. It only rises, but for a person who asks for what is current where that
 * is lower, as after a status was lost; and not even then once somebody has applied another generation.
 */
export function lowestGeneration({ applied, replay }: Ledger): number {
  const generation = applied?.generation ?? 0;
  return replay !== null && replay.over === generation ? replay.generation : generation;
}

/** Holds I6 in the one place that writes: whatever a worker computed, an older generation never follows a newer one. */
function checkNext(before: Ledger, next: Ledger): void {
  const lowest = lowestGeneration(before);
  // What is under way was held to this as it began: somebody may have asked for a newer one since.
  const isOfRun = before.run !== null && next.applied?.generation === before.run.generation;
  const isSame = next.applied?.at === before.applied?.at;
  const generations = [
    isSame || isOfRun ? lowest : (next.applied?.generation ?? 0),
    next.started === before.started ? lowest : (next.started ?? lowest),
  ];
  for (const generation of generations) {
    if (generation >= lowest) continue;
    throw new LandfallError(
      'INTERNAL',
      `the ledger of deploy ${before.deploy} for ${formatSourceId(before)} was not written: generation ${generation} is older than ${lowest}`,
    );
  }
}

/**
 * Replaces the ledger that was read.
 * @throws LandfallError STORE_CONFLICT when another worker was first, INTERNAL where it would go back
 */
export async function writeLedger(
  objects: ObjectStore,
  ledger: Ledger,
  stored: StoredLedger,
  options?: CallOptions,
): Promise<StoredLedger> {
  checkNext(stored.ledger, ledger);
  const version = await objects.replace(
    ledgerKey(ledger.deploy, ledger),
    formatDocument(ledger),
    stored.version,
    options,
  );
  return { ledger, version };
}

/** What a ledger becomes; undefined: nothing to write. Pure, since it runs again after a lost race. May throw. */
export type LedgerChange = (ledger: Ledger) => Ledger | undefined;

/** Those who write are the worker that holds the claim, another that sends the outbox, and a person. */
const UPDATE_ATTEMPTS = 10;

/**
 * Reads, changes and writes a ledger, again when someone else was first. Returns it as it is then.
 * @param options.found as it was a moment ago, for the first try
 * @throws LandfallError STORE_CONFLICT after too many lost races, and what `change` and the store throw
 */
export async function updateLedger(
  objects: ObjectStore,
  id: LedgerId,
  change: LedgerChange,
  { clock, signal, found }: UpdateOptions & { readonly found?: StoredLedger | undefined },
): Promise<StoredLedger> {
  const { document: ledger, version } = await updateDocument<Ledger>({
    objects,
    key: ledgerKey(id.deploy, id),
    read: async () => {
      const stored = await readLedger(objects, id.deploy, id, { signal });
      return { document: stored.ledger, version: stored.version };
    },
    change,
    found: found && { document: found.ledger, version: found.version },
    check: (next, current) => checkNext(current, next),
    attempts: UPDATE_ATTEMPTS,
    clock,
    signal,
  });
  return { ledger, version };
}
