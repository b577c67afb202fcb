import { messageOf } from '../../errors.ts';
import { keyOf } from '../kubernetes/cluster-object.ts';
import { type JudgedObject, judgeObject, LOOK_AT_OBJECT, unreadyOf } from '../kubernetes/judged-objects.ts';
import { testRelease } from './helm-commands.ts';
import { type HelmStep, type HelmVisit, releaseUnderWay } from './helm-visit.ts';
import { hooksUnderWay } from './hooks/hook-steps.ts';
import type { Release } from './release/release.ts';
import { liveOf, type ReleaseObject, releaseObjects } from './release/release-objects.ts';

async function judge(objects: readonly ReleaseObject[], visit: HelmVisit): Promise<readonly JudgedObject[]> {
  const live = await liveOf(objects, visit);
  return objects.map(({ id }) => judgeObject(id, live.get(keyOf(id)))).filter((each) => each !== undefined);
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
  const unready = unreadyOf(judged, LOOK_AT_OBJECT);
  if (unready !== undefined) {
    const message = `${judged.length - unready.count} of ${judged.length} objects are ready; waits for ${unready.told}`;
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
