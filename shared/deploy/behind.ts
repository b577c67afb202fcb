import type { SourceId } from '../model/ids.ts';
import { specUsing } from '../model/used-revision.ts';
import type { DeployEntry } from '../source/deploy-entry.ts';
import { readStatus } from '../store/status-store.ts';
import { isComparisonDue } from './drift.ts';
import type { DeployKinds } from './kinds/deploy-kinds.ts';
import { readLedger } from './ledger/ledger.ts';
import { isDoneBefore, isToPutBack } from './ledger/ledger-changes.ts';
import { readUsed } from './used-sources.ts';
import type { DeployDeps } from './visit/deploy-request.ts';
import { deployerOf } from './visit/deployer.ts';

/**
 * How a deploy stands to what is current of a source, by a read of the status and the ledger alone. `failed`: for good,
 * so that only a change of something else is worth a try. `mark` is the same while nothing changed.
 */
export interface Behind {
  readonly is: 'level' | 'behind' | 'failed';
  readonly mark: string;
}

/** @throws LandfallError STORE_* */
export async function behindOf(
  entry: DeployEntry,
  id: SourceId,
  {
    store,
    kinds,
    locationOf,
    clock,
  }: Pick<DeployDeps, 'store' | 'locationOf' | 'clock'> & { readonly kinds: DeployKinds },
): Promise<Behind> {
  const landed = (await readStatus(store.objects, id))?.status.current ?? null;
  const { uses } = await readUsed(entry, store.objects);
  const current = landed && { ...landed, uses };
  const { ledger, version } = await readLedger(store.objects, entry.name, id);
  const mark = [current?.generation, version, ...uses.map(({ digest }) => digest)].join(' ');
  const { applied, failure, replay, outbox, run } = ledger;
  if (outbox.length > 0 || run !== null) return { is: 'behind', mark };
  if (current === null) return { is: 'level', mark };
  if (replay !== null) return { is: 'behind', mark };
  const { stands = async () => true, spec = '' } = deployerOf(kinds, entry);
  const isLost =
    isToPutBack(ledger, current, specUsing(spec, { uses })) ||
    (applied?.generation === current.generation && !(await stands(locationOf(current, entry.path))));
  if (isComparisonDue(entry, ledger, current, clock)) return { is: 'behind', mark: '' };
  if (isDoneBefore(ledger, current) && !isLost) return { is: 'level', mark };
  const isFailed = failure?.kind === 'permanent' && failure.generation >= current.generation;
  return { is: isFailed ? 'failed' : 'behind', mark };
}
