import { deployFailed, deployUnavailable } from '../../kit/failures.ts';
import type { ReleaseVisit } from '../helm-visit.ts';
import { isPending, type ReleaseEntry, type ReleaseHistory } from './release-history.ts';

/** How long a run of helm that is not ours is believed to go on: nothing that has one lives longer, Lambda included. */
const PENDING_MS = 15 * 60 * 1000;

const minutes = (ms: number): number => Math.max(0, Math.round(ms / 60_000));

/** Refuses to take over what another deploy keeps. @throws LandfallError DEPLOY_FAILED */
function refuseOther({ other }: ReleaseEntry, { context, history }: ReleaseVisit): void {
  if (other === '' || context.settings.takeOver) return;
  throw deployFailed(`${history.shown} is kept by deploy ${other}`, {
    hint: 'Give one of the two another releaseName; or, once the other lets go of it, have this deploy take it over: `takeOver: true`.',
  });
}

/**
 * The last revision of the release, of which no helm is under way: what a killed one left is freed. Undefined: there is none.
 * @throws LandfallError DEPLOY_UNAVAILABLE while somebody else's helm runs, DEPLOY_FAILED where another deploy keeps it
 */
export async function settledEntry(
  entries: readonly ReleaseEntry[],
  visit: ReleaseVisit,
  history: ReleaseHistory = visit.history,
): Promise<ReleaseEntry | undefined> {
  const { context } = visit;
  const last = entries.at(-1);
  if (last === undefined) return undefined;
  refuseOther(last, visit);
  if (!isPending(last)) return last;
  const age = context.clock.now() - last.writtenAt;
  // Our own has ended: no two visits of a deploy run at a time, and whoever is killed takes helm along.
  if (!last.isOwn && age < PENDING_MS)
    throw deployUnavailable(
      `${history.shown} is ${last.status} since ${minutes(age)} min: somebody else runs helm on it`,
      {
        hint: `It is tried again; after ${minutes(PENDING_MS)} minutes it is taken for one that was killed.`,
      },
    );
  await history.fail(last.version);
  context.log(
    `revision ${last.version} was left ${last.status} by a helm that was killed: it counts as failed`,
  );
  return { ...last, status: 'failed' };
}
