import { recordKey } from '../../../shared/store/layout.ts';
import { artifactsTouched } from './i01-whole-artifacts.ts';
import { type Invariant, namedBy } from './seen.ts';

/** What a status names stays, through any failure and through collect. */
export const namedStays: Invariant = ({ objects, touched, statuses }) => {
  const gone = new Set(
    artifactsTouched(touched)
      .map(recordKey)
      .filter((key) => !objects.has(key)),
  );
  if (gone.size === 0) return [];
  return [...statuses].flatMap(([source, status]) =>
    namedBy(status)
      .filter((id) => gone.has(recordKey(id)))
      .map(({ digest }) => `I7: ${source} names ${digest}, which was taken away`),
  );
};
