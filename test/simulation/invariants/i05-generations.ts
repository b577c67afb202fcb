import type { Invariant } from './seen.ts';

/** Generations rise by one, and each is what the reference has meant since the one before: status never moves back. */
export const generationsRise: Invariant = ({ statusChanges, generations, truth }) =>
  statusChanges.flatMap(({ key, before, after }) => {
    const was = before?.generation ?? 0;
    if (after === undefined) return [`I5: ${key} lost its status at generation ${was}`];
    const { generation, current } = after;
    if (generation === was)
      return current?.revision === before?.current?.revision
        ? []
        : [`I5: ${key} changed within generation ${generation}`];
    if (generation !== was + 1) return [`I5: ${key} went from generation ${was} to ${generation}`];
    if (current === null) return [`I5: ${key} has generation ${generation} and no revision`];
    if (current.trigger === 'rollback') return [];
    const since = generations.find((each) => each.source === key && each.generation === was)?.at ?? 0;
    return truth.wasHead(key, current.digest, since)
      ? []
      : [`I5: ${key} moved back to ${current.digest}, which it has not been since generation ${was}`];
  });
