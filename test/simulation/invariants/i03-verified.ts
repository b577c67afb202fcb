import { type Invariant, namedBy } from './seen.ts';

/** Under a policy, status names only what was signed as that wants. */
export const verifiedOnly: Invariant = ({ statusChanges, truth }) =>
  statusChanges.flatMap(({ key, after }) =>
    after === undefined || !truth.isUnderPolicy(key)
      ? []
      : namedBy(after).flatMap(({ digest }) => {
          const fault = truth.faultOf(digest);
          return fault === undefined ? [] : [`I3: ${key} names ${digest}, which is ${fault}`];
        }),
  );
