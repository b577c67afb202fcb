import { type Ledger, type LedgerId, readLedger } from '../../shared/deploy/ledger/ledger.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import { meansDeploy } from '../../shared/source/deploys/deploy-members.ts';
import { nearest } from '../../shared/source/nearest.ts';
import { DEPLOYS_PREFIX, parseLedgerKey } from '../../shared/store/layout.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';

/** Every ledger there is, of all deploys. */
export async function ledgerIds(objects: ObjectStore, options: CallOptions): Promise<readonly LedgerId[]> {
  const ids: LedgerId[] = [];
  for await (const key of objects.list(DEPLOYS_PREFIX, options)) {
    const id = parseLedgerKey(key);
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

interface Named {
  /** Its name; of one into several clusters that of all of them, or of one. */
  readonly deploy: string;
  /** Undefined: of any. */
  readonly source: SourceId | undefined;
}

/** What was meant, where a deploy is of one source of that name in another namespace. */
function sourceGuess(ids: readonly LedgerId[], source: SourceId | undefined): string | undefined {
  const names = new Set(ids.filter(({ name }) => name === source?.name).map(formatSourceId));
  const [only] = names;
  return names.size === 1 ? `Did you mean --source ${only}?` : undefined;
}

/**
 * The ledgers of a deploy, one a source and cluster.
 * @throws LandfallError DEPLOY_NOT_FOUND naming those that are there
 */
export async function ledgersOf(
  { deploy, source }: Named,
  objects: ObjectStore,
  options: CallOptions,
): Promise<readonly Ledger[]> {
  const all = await ledgerIds(objects, options);
  const isMeant = (id: LedgerId): boolean =>
    meansDeploy(deploy, id.deploy) && (source === undefined || formatSourceId(id) === formatSourceId(source));
  const ids = all.filter(isMeant);
  if (ids.length === 0) {
    const names = [...new Set(all.map((id) => id.deploy))];
    const meant = nearest(deploy, names);
    const elsewhere = sourceGuess(
      all.filter((id) => meansDeploy(deploy, id.deploy)),
      source,
    );
    const of = source === undefined ? '' : ` of ${formatSourceId(source)}`;
    throw new LandfallError('DEPLOY_NOT_FOUND', `there is no deploy ${JSON.stringify(deploy)}${of}`, {
      hint:
        elsewhere ??
        (meant === undefined || meant === deploy ? 'See: landfall get deploys' : `Did you mean ${meant}?`),
    });
  }
  return Promise.all(ids.map(async (id) => (await readLedger(objects, id.deploy, id, options)).ledger));
}
