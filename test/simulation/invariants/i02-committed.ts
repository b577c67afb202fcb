import { recordKey } from '../../../shared/store/layout.ts';
import { type Invariant, namedBy } from './seen.ts';

/** Status names only what is committed. */
export const committedOnly: Invariant = ({ objects, statusChanges }) =>
  statusChanges.flatMap(({ key, after }) =>
    after === undefined
      ? []
      : namedBy(after)
          .filter((id) => !objects.has(recordKey(id)))
          .map((id) => `I2: ${key} names ${id.digest}, which is not committed`),
  );
