import { keyOf, shownObject } from '../kubernetes/cluster-object.ts';
import { uninstallRelease } from './helm-commands.ts';
import { type HelmStep, type ReleaseVisit, releaseUnderWay } from './helm-visit.ts';
import { ReleaseHistory } from './release/release-history.ts';
import { isKept, isOfRelease, liveOf, releaseObjects } from './release/release-objects.ts';
import { settledEntry } from './release/settle-history.ts';

/** Objects of a release that are still there, in words. */
async function remaining(
  visit: ReleaseVisit,
  history: ReleaseHistory,
  version: number,
): Promise<readonly string[]> {
  const { manifest } = await history.read(version);
  const all = await releaseObjects(manifest, history.place, visit);
  const objects = all.filter(({ object }) => !isKept(object));
  const live = await liveOf(objects, visit);
  return objects
    .filter(({ id }) => isOfRelease(live.get(keyOf(id)), history.place))
    .map(({ id }) => shownObject(id));
}

/** Has a release go, where it is this deploy's own, and its history last. @throws LandfallError */
export async function takeAway(visit: ReleaseVisit, history: ReleaseHistory): Promise<HelmStep> {
  const entries = await history.list();
  if (entries.at(-1) === undefined)
    return { state: 'succeeded', message: `there is no ${history.shown}: nothing was taken away` };
  if (entries.at(-1)?.isOwn !== true)
    return { state: 'succeeded', message: `${history.shown} is somebody else's by now: it stays` };
  const last = await settledEntry(entries, visit, history);
  if (last === undefined) return { state: 'succeeded' };
  if (last.status !== 'uninstalled') await uninstallRelease(history.place, visit);
  const left = await remaining(visit, history, last.version);
  if (left.length > 0) return releaseUnderWay('gone', `waits for ${left.slice(0, 5).join(', ')} to be gone`);
  if (visit.context.settings.keepHistory)
    return { state: 'succeeded', message: `${history.shown} is uninstalled; its history stays` };
  // The last one first goes last: it says what there was.
  for (const { version } of entries) await history.forget(version);
  return { state: 'succeeded', message: `${history.shown} is uninstalled` };
}

/** Takes away what the deploy left: the release as it was called when it was applied. @throws LandfallError */
export function removeRelease(visit: ReleaseVisit): Promise<HelmStep> {
  const { context, cluster, owner, history } = visit;
  const before = context.applied?.result;
  const former = before && new ReleaseHistory(cluster, before, owner);
  return takeAway(visit, former ?? history);
}
