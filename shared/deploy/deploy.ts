import type { Revision } from '../model/status.ts';
import { readStatus } from '../store/status-store.ts';
import { attempt } from './attempt.ts';
import { claimedForMs } from './claim.ts';
import { currentEvent } from './current-event.ts';
import type { DeployDeps, DeployOutcome, DeployRequest } from './deploy-request.ts';
import { flushLedger } from './flush-ledger.ts';
import { type Ledger, readLedger, writeLedger } from './ledger.ts';
import { failedBefore, isDoneBefore, withApplied } from './ledger-changes.ts';
import { contentUnder, isOfSource, isWanted } from './wanted.ts';

/**
 * Applies the *current* revision of the event's source, once per generation. The event is a hint: status says what is
 * current, the ledger what has been applied, so an event that is late, doubled or out of order changes nothing.
 * What a person asked to have applied again is, whatever the event was and the deploy's pattern says of it.
 * @throws LandfallError STORE_CONFLICT when another worker was first, EMIT_FAILED, and what the store throws: run it again
 */
export async function deploy(request: DeployRequest, deps: DeployDeps): Promise<DeployOutcome> {
  const { deploy: entry, event } = request;
  if (!isOfSource(entry, event)) return { outcome: 'not-wanted' };
  const { namespace, name } = event.detail;
  const id = { namespace, name };
  const status = (await readStatus(deps.store.objects, id))?.status;
  const current = status?.current ?? null;
  const stored = await flushLedger(await readLedger(deps.store.objects, entry.name, id), deps);
  const { ledger } = stored;
  if (ledger.replay === null && !isWanted(entry, event)) return { outcome: 'not-wanted' };
  if (status === undefined || current === null || isDoneBefore(ledger, current))
    return { outcome: 'done-before' };
  const failed = failedBefore(ledger, current);
  if (failed !== null) return { outcome: 'failed-before', code: failed.code };
  const waitMs = claimedForMs(ledger, deps.clock);
  if (waitMs > 0) return { outcome: 'busy', waitMs };
  if (await isSameContent(request, ledger, current, deps)) {
    const next = withApplied(ledger, { current, token: undefined }, deps.clock);
    await writeLedger(deps.store.objects, next, stored);
    return { outcome: 'unchanged', revision: current };
  }
  const told = await currentEvent(event, status, deps.store);
  return attempt({ ...request, event: told }, { current, stored }, deps);
}

/**
 * Equal content is nothing to deploy, as long as what was applied still stands: a later try that failed or was cut off
 * may have changed anything. A link must follow the revision even so: the old artifact may be collected.
 */
async function isSameContent(
  { deploy: { path }, deployer }: Pick<DeployRequest, 'deploy' | 'deployer'>,
  { applied, started, failure, replay }: Ledger,
  current: Revision,
  { store }: Pick<DeployDeps, 'store'>,
): Promise<boolean> {
  if (applied === null || deployer.followsEveryRevision === true) return false;
  if (started !== null || failure !== null || replay !== null) return false;
  if (applied.contentDigest === current.contentDigest) return true;
  if (path === undefined) return false;
  const [before, after] = await Promise.all([
    store.artifacts.record(applied),
    store.artifacts.record(current),
  ]);
  return (
    before !== undefined && after !== undefined && contentUnder(before, path) === contentUnder(after, path)
  );
}
