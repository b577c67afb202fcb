import type { Clock } from '../../../shared/clock.ts';
import { type Ledger, type LedgerId, readLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { isForSource } from '../../../shared/deploy/wanted.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';
import { DEPLOYS_PREFIX, parseLedgerKey } from '../../../shared/store/layout.ts';
import type { ObjectStore } from '../../../shared/store/object-store.ts';

interface Gone extends CallOptions {
  readonly objects: ObjectStore;
  /** All of the documents, whoever runs them. */
  readonly deploys: readonly Pick<DeployEntry, 'name' | 'source'>[];
  /** Whether they can be taken away here. */
  readonly isPruned: (ledger: Ledger) => boolean;
  /** Of ledgers that are looked at. Default: all. */
  readonly prefix?: string;
  readonly clock: Pick<Clock, 'now'>;
}

export const isInDocuments = (
  { deploy, ...source }: LedgerId,
  deploys: readonly Pick<DeployEntry, 'name' | 'source'>[],
): boolean => deploys.some((entry) => entry.name === deploy && isForSource(entry, source));

/** Of those that name a role: as one, and of a kind that is here: all else is the business of whoever ran it. */
export const isPrunedHere = ({ prunes }: Ledger, kinds: Readonly<Record<string, unknown>>): boolean =>
  prunes !== null && prunes.role !== null && Object.hasOwn(kinds, prunes.kind);

/** Not a removal that failed for good, until a person asks, nor what is looked at later: its message is on its way. */
function isToBegin({ applied, run, failure, replay }: Ledger, { now }: Pick<Clock, 'now'>): boolean {
  if (run === null) return applied !== null;
  if (run.phase === 'removing' && failure?.kind === 'permanent') return replay !== null;
  return run.lookAt === null || Date.parse(run.lookAt) <= now();
}

/** Deploys that are in no document any more, and whose ledgers say what to take away. */
export async function goneDeploys({
  objects,
  deploys,
  isPruned,
  prefix = DEPLOYS_PREFIX,
  clock,
  signal,
}: Gone): Promise<readonly LedgerId[]> {
  const gone: LedgerId[] = [];
  for await (const key of objects.list(prefix, { signal })) {
    const id = parseLedgerKey(key);
    if (id === undefined || isInDocuments(id, deploys)) continue;
    // What cannot be read is told of by fsck and by `get deploys`; nothing of it is taken away.
    const stored = await readLedger(objects, id.deploy, id, { signal }).catch(() => undefined);
    if (stored === undefined || !isPruned(stored.ledger)) continue;
    if (isToBegin(stored.ledger, clock)) gone.push(id);
  }
  return gone;
}
