import { revisionsOf } from '../../../shared/store/retention/references.ts';
import type { Invariant } from './seen.ts';

/** Under a policy, status names only what was signed as that wants. */
export const verifiedOnly: Invariant = ({ statusChanges, truth }) =>
  statusChanges.flatMap(({ key, after }) =>
    after === undefined || !truth.isUnderPolicy(key)
      ? []
      : revisionsOf(after).flatMap(({ digest }) => {
          const fault = truth.faultOf(digest);
          return fault === undefined ? [] : [`I3: ${key} names ${digest}, which is ${fault}`];
        }),
  );
