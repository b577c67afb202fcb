import { messageOf } from '../../errors.ts';
import { deployFailed } from '../kit/failures.ts';
import { withReason } from '../kit/with-reason.ts';
import { type ObjectHealth, objectHealth } from '../kubernetes/cluster/object-health.ts';
import { keyOf, shownObject } from '../kubernetes/cluster-object.ts';
import { testRelease } from './helm-commands.ts';
import { type HelmStep, type HelmVisit, releaseUnderWay } from './helm-visit.ts';
import { hooksUnderWay } from './hooks/hook-steps.ts';
import type { Release } from './release/release.ts';
import { liveOf, type ReleaseObject, releaseObjects } from './release/release-objects.ts';

interface Judged extends ReleaseObject {
  readonly judged: ObjectHealth;
}

const MISSING: ObjectHealth = { health: 'underway', why: 'it is not there' };
/** How many a message names. */
const NAMED = 3;

function toldAll(all: readonly Judged[]): string {
  const named = all
    .slice(0, NAMED)
    .map(({ id, judged }) => withReason(shownObject(id), judged.why))
    .join('; ');
  return all.length > NAMED ? `${named}; and ${all.length - NAMED} more` : named;
}

async function judge(objects: readonly ReleaseObject[], visit: HelmVisit): Promise<readonly Judged[]> {
  const live = await liveOf(objects, visit);
  return objects.flatMap((object) => {
    const found = live.get(keyOf(object.id));
    // A job that is taken away once it is done was done.
    if (found === undefined && object.id.kind === 'Job') return [];
    return [{ ...object, judged: found === undefined ? MISSING : objectHealth(found) }];
  });
}

/** Runs the tests of a release that has some, unless they have run. Undefined: they are to be run one by one. @throws LandfallError where one fails */
async function testOnce(
  { hooks, version, tested }: Release,
  visit: HelmVisit,
  isBack: boolean,
): Promise<string | undefined> {
  const { settings, log } = visit.context;
  const tests = hooks.filter(({ events }) => events.includes('test'));
  if (!settings.test || tests.length === 0) return '';
  if (tested === 'failed') return ', and its tests failed';
  const isDone = tested === 'passed' || tests.every(({ phase }) => phase === 'Succeeded');
  if (!isDone && settings.longHooks) return isBack ? '' : undefined;
  if (isDone) return `, and its ${tests.length} tests passed`;
  log(`runs the ${tests.length} tests of revision ${version}: ${tests.map(({ shown }) => shown).join(', ')}`);
  try {
    await testRelease(visit);
  } catch (error) {
    if (!settings.ignoreTestFailures || visit.signal.aborted) throw error;
    log(`its tests failed, and that is ignored: ${messageOf(error)}`);
    return ', and its tests failed';
  }
  return `, and its ${tests.length} tests passed`;
}

/**
 * One look at how a release is, and its tests once it is well.
 * @param digest of the chart and values it was made of
 * @param isBack it is one of before, to which a failure was taken back
 * @throws LandfallError DEPLOY_FAILED as soon as one of its objects has failed
 */
export async function lookRelease(
  release: Release,
  digest: string,
  visit: HelmVisit,
  { isBack = false }: { readonly isBack?: boolean } = {},
): Promise<HelmStep> {
  const { settings, log } = visit.context;
  const { place } = visit.history;
  const objects = await releaseObjects(release.manifest, place, visit);
  const judged = settings.wait ? await judge(objects, visit) : [];
  const failed = judged.filter(({ judged: { health } }) => health === 'failed');
  if (failed.length > 0)
    throw deployFailed(toldAll(failed), {
      hint: 'Look at it by `kubectl describe` and `kubectl logs`; then push a revision that is right, or replay the deploy.',
    });
  const unready = judged.filter(({ judged: { health } }) => health !== 'current');
  if (unready.length > 0) {
    const message = `${judged.length - unready.length} of ${judged.length} objects are ready; waits for ${toldAll(unready)}`;
    log(message);
    return releaseUnderWay('health', message, digest);
  }
  const tested = await testOnce(release, visit, isBack);
  if (tested === undefined)
    return hooksUnderWay({ event: 'test', at: 0, path: null, action: 'upgrade' }, 'its tests come next', {
      digest,
    });
  const what = `revision ${release.version} of ${visit.history.shown} (${release.chart}) is deployed`;
  return {
    state: 'succeeded',
    result: {
      ...place,
      version: release.version,
      digest,
      objects: objects.length,
      eks: visit.eks ?? null,
    },
    message: `${what}, with ${objects.length} objects${settings.wait ? ' that are ready' : ''}${tested}`,
  };
}
