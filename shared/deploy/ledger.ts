import * as z from 'zod';
import { LandfallError } from '../errors.ts';
import type { EventEnvelope } from '../event/envelope.ts';
import { type Digest, parseDigest } from '../oci/digest.ts';
import { ledgerKey, type SourceId } from '../store/layout.ts';
import type { ObjectStore } from '../store/object-store.ts';

const digest = z.string().transform((text): Digest => parseDigest(text));

const applied = z.object({
  generation: z.int().positive(),
  revision: z.string(),
  digest,
  variant: z.string(),
  contentDigest: digest,
  at: z.string(),
});

const ledgerSchema = z.object({
  formatVersion: z.literal(1),
  deploy: z.string(),
  namespace: z.string(),
  name: z.string(),
  /** What runs now; null before the first success. */
  applied: applied.nullable(),
  /**
   * The generation whose deployer was started and is not known to have ended: it may have done anything. Writing it is
   * also the claim that keeps a second worker out.
   */
  started: z.int().positive().nullable().default(null),
  /** The last try that failed, until a later one succeeds. */
  failure: z
    .object({
      generation: z.int().positive(),
      code: z.string(),
      message: z.string(),
      kind: z.enum(['permanent', 'transient']),
      attempts: z.int().positive(),
      at: z.string(),
    })
    .nullable(),
  /** Deploy events not yet sent. */
  outbox: z.array(z.custom<EventEnvelope>((value) => typeof value === 'object' && value !== null)),
});

/** What a deploy has applied of a source, replaced by compare-and-swap. */
export type Ledger = z.infer<typeof ledgerSchema>;
export type Applied = z.infer<typeof applied>;

export const newLedger = (deploy: string, { namespace, name }: SourceId): Ledger => ({
  formatVersion: 1,
  deploy,
  namespace,
  name,
  applied: null,
  started: null,
  failure: null,
  outbox: [],
});

/** @throws LandfallError STORE_CORRUPT */
export function parseLedger(key: string, bytes: Uint8Array): Ledger {
  try {
    return ledgerSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw new LandfallError('STORE_CORRUPT', `${key} is not a deploy's ledger`, {
      cause,
      hint: 'Delete it: the deploy then applies the current revision again.',
    });
  }
}

export interface StoredLedger {
  readonly ledger: Ledger;
  readonly version: string | undefined;
}

/** The ledger, new where there is none. @throws LandfallError STORE_CORRUPT */
export async function readLedger(objects: ObjectStore, deploy: string, id: SourceId): Promise<StoredLedger> {
  const key = ledgerKey(deploy, id);
  const stored = await objects.get(key);
  if (stored === undefined) return { ledger: newLedger(deploy, id), version: undefined };
  return { ledger: parseLedger(key, stored.bytes), version: stored.version };
}

/** Replaces the ledger that was read. @throws LandfallError STORE_CONFLICT when another worker was first */
export async function writeLedger(
  objects: ObjectStore,
  ledger: Ledger,
  version: string | undefined,
): Promise<StoredLedger> {
  const bytes = Buffer.from(`${JSON.stringify(ledger, null, 2)}\n`);
  return { ledger, version: await objects.replace(ledgerKey(ledger.deploy, ledger), bytes, version) };
}
