import type { Revision } from '../../model/status.ts';

/** Of two entries of the same revision and variant, the newer one says enough. */
const sameRevision = (a: Revision, b: Revision): boolean =>
  a.revision === b.revision && a.variant === b.variant;

/**
 * The history once `revision` has become current: what was current, then what was before it, newest first, each
 * revision once and never the current one. At most `retain` - 1, since the current one counts.
 */
export function retainRevisions(
  current: Revision | null,
  history: readonly Revision[],
  { revision, retain }: { readonly revision: Revision; readonly retain: number },
): readonly Revision[] {
  const earlier = current === null ? history : [current, ...history];
  return earlier
    .filter((one) => !sameRevision(one, revision))
    .filter((one, at, all) => all.findIndex((other) => sameRevision(other, one)) === at)
    .slice(0, Math.max(0, retain - 1));
}
