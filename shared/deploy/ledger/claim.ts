import { type Clock, timestamp } from '../../clock.ts';
import { TIMEOUT_BOUNDS } from '../../duration.ts';
import { LandfallError } from '../../errors.ts';
import {
  livenessOf,
  type Owner,
  ownedName,
  ownerOf,
  ownerOfName,
  SELF,
} from '../../store/directory/owner.ts';
import { endGroup, isGroupAlive, runMark } from '../command/process-group.ts';
import type { Ledger } from './ledger.ts';

/** For the clocks of two machines, and for a deployer that was ended at its timeout to have let go. */
export const CLAIM_MARGIN_MS = 30_000;
/** No deploy may run for longer, so that a claim beyond it was made by a clock that is wrong. */
export const LONGEST_CLAIM_MS = TIMEOUT_BOUNDS.maximum + 2 * CLAIM_MARGIN_MS;

/** What outlived its worker and cannot be ended is looked at again after so long. */
const ORPHAN_LOOK_MS = 1_000;

type Claim = Ledger['claim'];

const isDead = (name: string): boolean => {
  const owner = ownerOfName(name);
  return owner !== undefined && livenessOf(owner) === 'dead';
};

/** The group that a worker of this machine left running when it died; undefined where nothing of it runs. */
function orphanOf(claim: Claim): Owner | undefined {
  if (claim?.runner === undefined || !isDead(claim.by)) return undefined;
  const runner = ownerOfName(claim.runner);
  if (runner === undefined || runner.machine !== SELF.machine) return undefined;
  // A number that is another's by now; while the group has a member, the system gives it to nobody.
  const { started } = ownerOf(runner.pid);
  if (started !== '0' && started !== runner.started) return undefined;
  return isGroupAlive(runner.pid, runMark(runner)) ? runner : undefined;
}

/** Where the system does not say when a process began, it may be anybody's: its supervisor, and the claim's end, have to do. */
const isKnown = ({ started }: Owner): boolean => started !== '0';

/** Ends what a worker that was killed left running, so that no two run at once. Where it cannot, the claim stays. */
export async function endOrphan({ claim }: Ledger, graceMs: number): Promise<void> {
  const orphan = orphanOf(claim);
  if (orphan !== undefined && isKnown(orphan)) await endGroup(orphan.pid, graceMs, runMark(orphan));
}

/**
 * Milliseconds that another worker may still be applying; 0 where none is. A claim ends with its deploy's timeout, when
 * its deployer has been ended, or as soon as its process, and what that ran, are seen to be gone.
 */
export function claimedForMs({ claim }: Ledger, clock: Clock): number {
  if (claim === null) return 0;
  if (isDead(claim.by)) {
    const orphan = orphanOf(claim);
    if (orphan === undefined) return 0;
    if (isKnown(orphan)) return ORPHAN_LOOK_MS;
  }
  const left = Date.parse(claim.until) - clock.now();
  return left > LONGEST_CLAIM_MS ? 0 : Math.max(0, left);
}

/** Claims `generation` (null: of a removal, which begins none) for `by`, who runs a deployer for at most `timeoutMs`. */
export const withClaim = (
  ledger: Ledger,
  {
    by,
    generation,
    timeoutMs,
  }: { readonly by: string; readonly generation: number | null; readonly timeoutMs: number },
  clock: Clock,
): Ledger => ({
  ...ledger,
  started: generation ?? ledger.started,
  claim: {
    by,
    since: timestamp(clock),
    until: timestamp({ ...clock, now: () => clock.now() + timeoutMs + CLAIM_MARGIN_MS }),
  },
});

/** Writes into the claim of `by` what runs for it. @throws LandfallError STORE_CONFLICT as requireClaim */
export function withRunner(ledger: Ledger, by: string, pid: number): Ledger {
  requireClaim(ledger, by);
  return ledger.claim === null
    ? ledger
    : { ...ledger, claim: { ...ledger.claim, runner: ownedName(ownerOf(pid)) } };
}

/** What `ledger` becomes when `by` lets go of it; undefined where the claim is somebody else's by now. */
export const withoutClaim = (ledger: Ledger, by: string): Ledger | undefined =>
  ledger.claim?.by === by ? { ...ledger, claim: null } : undefined;

/** @throws LandfallError STORE_CONFLICT where another worker took the claim over */
export function requireClaim(ledger: Ledger, by: string): void {
  if (ledger.claim?.by === by) return;
  const { deploy, namespace, name } = ledger;
  throw new LandfallError(
    'STORE_CONFLICT',
    `deploy ${deploy} of ${namespace}/${name}: took longer than its claim, and another worker has taken over`,
    { hint: 'Raise the timeout of the deploy if it needs longer.' },
  );
}
