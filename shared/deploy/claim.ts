import { type Clock, timestamp } from '../clock.ts';
import { LandfallError } from '../errors.ts';
import { TIMEOUT_BOUNDS } from '../source/duration.ts';
import { livenessOf, ownerOfName } from '../store/directory/owner.ts';
import type { Ledger } from './ledger.ts';

/** For the clocks of two machines, and for a deployer that was ended at its timeout to have let go. */
export const CLAIM_MARGIN_MS = 30_000;
/** No deploy may run for longer, so that a claim beyond it was made by a clock that is wrong. */
export const LONGEST_CLAIM_MS = TIMEOUT_BOUNDS.maximum + 2 * CLAIM_MARGIN_MS;

/**
 * Milliseconds that another worker may still be applying; 0 where none is. A claim ends with its deploy's timeout, when
 * its deployer has been ended, or as soon as its process is seen to be gone.
 */
export function claimedForMs({ claim }: Ledger, clock: Clock): number {
  if (claim === null) return 0;
  const owner = ownerOfName(claim.by);
  if (owner !== undefined && livenessOf(owner) === 'dead') return 0;
  const left = Date.parse(claim.until) - clock.now();
  return left > LONGEST_CLAIM_MS ? 0 : Math.max(0, left);
}

/** Claims `generation` for `by`, who runs a deployer for at most `timeoutMs`. */
export const withClaim = (
  ledger: Ledger,
  {
    by,
    generation,
    timeoutMs,
  }: { readonly by: string; readonly generation: number; readonly timeoutMs: number },
  clock: Clock,
): Ledger => ({
  ...ledger,
  started: generation,
  claim: {
    by,
    until: timestamp({ ...clock, now: () => clock.now() + timeoutMs + CLAIM_MARGIN_MS }),
  },
});

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
