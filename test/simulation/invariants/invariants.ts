import { wholeArtifacts } from './i01-whole-artifacts.ts';
import { committedOnly } from './i02-committed.ts';
import { verifiedOnly } from './i03-verified.ts';
import { eventsOfGenerations } from './i04-events.ts';
import { generationsRise } from './i05-generations.ts';
import { appliedInOrder } from './i06-applied-in-order.ts';
import { namedStays } from './i07-readable.ts';
import { refusedUnseen } from './i08-refused-unseen.ts';
import { credentialsAtHome } from './i09-credentials-at-home.ts';
import { noSecrets } from './i10-no-secrets.ts';
import { noFutileTries } from './i12-no-futile-tries.ts';
import { oneAtATime } from './i13-one-at-a-time.ts';
import { nothingHeldRuns } from './i14-held.ts';
import { onlyOursRemoved } from './i15-only-ours.ts';
import type { Invariant } from './seen.ts';

/** What holds after every step, in the middle of anything. I11 and I16 speak of when faults have stopped. */
export const ALWAYS: readonly Invariant[] = [
  wholeArtifacts,
  committedOnly,
  verifiedOnly,
  eventsOfGenerations,
  generationsRise,
  appliedInOrder,
  namedStays,
  refusedUnseen,
  credentialsAtHome,
  noSecrets,
  noFutileTries,
  oneAtATime,
  nothingHeldRuns,
  onlyOursRemoved,
];
