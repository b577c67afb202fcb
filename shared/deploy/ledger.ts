import * as z from 'zod/mini';
import { LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import { formatSourceId, type SourceId } from '../model/ids.ts';
import { isEvent } from '../model/parse-event.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import type { UpdateOptions } from '../store/compare-and-swap.ts';
import { type DocumentKind, formatDocument, parseDocument, updateDocument } from '../store/document.ts';
import { ledgerKey } from '../store/layout.ts';
import type { ObjectStore } from '../store/object-store.ts';

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'not a digest');
const positive = z.int().check(z.positive());

const applied = z.object({
  generation: positive,
  revision: z.string(),
  digest,
  variant: z.string(),
  contentDigest: digest,
  at: z.string(),
});

/** Who applies now, and how long the others wait for them at most. */
const claim = z.object({
  by: z.string(),
  until: z.iso.datetime(),
  /** Absent in a claim of before it was kept. */
  since: z.optional(z.iso.datetime()),
  /** The leader of the process group that runs for it, where there is one. */
  runner: z.optional(z.string()),
});

/** A person's wish to have what is current applied once more: see replay.ts. */
const replay = z.object({
  token: z.string(),
  /** What was current when it was asked for: nothing older is meant. */
  generation: positive,
  /** The generation that had been applied then, 0 for none: once another is, this may not go back behind it. */
  over: z.int().check(z.nonnegative()),
  at: z.string(),
});

const ledgerSchema = z.object({
  formatVersion: z.literal(1),
  deploy: z.string(),
  namespace: z.string(),
  name: z.string(),
  /** What runs now; null before the first success. */
  applied: z.nullable(applied),
  /** The generation whose deployer was started and is not known to have ended: it may have done anything. */
  started: z._default(z.nullable(positive), null),
  /** Keeps a second worker out while a deployer runs. */
  claim: z._default(z.nullable(claim), null),
  replay: z._default(z.nullable(replay), null),
  /** The last try that failed, until a later one succeeds. */
  failure: z.nullable(
    z.object({
      generation: positive,
      code: z.string(),
      message: z.string(),
      /** What to do next; null in a ledger from before it was kept, where the code has to say. */
      hint: z._default(z.nullable(z.string()), null),
      kind: z.enum(['permanent', 'transient']),
      attempts: positive,
      at: z.string(),
      /** When it is tried again; null where nobody has said. */
      next: z._default(z.nullable(z.string()), null),
      /** Of the document that it failed under. */
      spec: z._default(z.nullable(z.string()), null),
    }),
  ),
  /** Deploy events not yet sent. */
  outbox: z.array(z.custom<EventEnvelope>(isEvent, 'not an event')),
});

/** What a deploy has applied of a source, replaced by compare-and-swap. */
export type Ledger = z.infer<typeof ledgerSchema>;

/** Whose ledger it is. */
export type LedgerId = SourceId & { readonly deploy: string };

export const newLedger = ({ deploy, namespace, name }: LedgerId): Ledger => ({
  formatVersion: 1,
  deploy,
  namespace,
  name,
  applied: null,
  started: null,
  claim: null,
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
  const generations = [
    next.applied?.at === before.applied?.at ? lowest : (next.applied?.generation ?? 0),
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
 * @throws LandfallError STORE_CONFLICT after too many lost races, and what `change` and the store throw
 */
export async function updateLedger(
  objects: ObjectStore,
  id: LedgerId,
  change: LedgerChange,
  { clock, signal }: UpdateOptions,
): Promise<StoredLedger> {
  const { document: ledger, version } = await updateDocument<Ledger>({
    objects,
    key: ledgerKey(id.deploy, id),
    read: async () => {
      const stored = await readLedger(objects, id.deploy, id, { signal });
      return { document: stored.ledger, version: stored.version };
    },
    change,
    check: (next, current) => checkNext(current, next),
    attempts: UPDATE_ATTEMPTS,
    clock,
    signal,
  });
  return { ledger, version };
}
