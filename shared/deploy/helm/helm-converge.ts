import { deployFailed } from '../kit/failures.ts';
import { clusterRefusal, isSuccess } from '../kubernetes/cluster/cluster-refusal.ts';
import { type WantedRelease, wantedRelease } from './chart/wanted-release.ts';
import { applyDefinitions, planDefinitions } from './chart-definitions.ts';
import { upgradeRelease } from './helm-commands.ts';
import type { HooksProgress } from './helm-progress.ts';
import { takeAway } from './helm-remove.ts';
import { type HelmStep, type HelmVisit, releaseUnderWay } from './helm-visit.ts';
import { hooksUnderWay, stepHooks } from './hooks/hook-steps.ts';
import { HELM_MANAGER } from './release/helm-apply.ts';
import { compareObjects, correctObjects } from './release/release-drift.ts';
import { type ReleaseEntry, ReleaseHistory } from './release/release-history.ts';
import { releaseObjects } from './release/release-objects.ts';
import { settledEntry } from './release/settle-history.ts';
import { lookRelease } from './release-health.ts';

/** What the deploy's own input comes to. @throws LandfallError */
export const wantedOf = ({ context, cluster }: HelmVisit): Promise<WantedRelease> => {
  const { settings, artifact, usedArtifact } = context;
  return wantedRelease({ settings, artifact, usedArtifact, cluster });
};

/** Whether a release is what is wanted, by its own labels. */
export const isAsWanted = (entry: ReleaseEntry | undefined, { digest }: WantedRelease): boolean =>
  entry?.status === 'deployed' && entry.isOwn && entry.digest === digest;

/** What Helm does: where nothing was ever there, or it has gone, it installs. */
export const actionFor = (entry: ReleaseEntry | undefined): 'install' | 'upgrade' =>
  entry === undefined || entry.status === 'uninstalled' || entry.status === 'uninstalling'
    ? 'install'
    : 'upgrade';

/** A release that Flux keeps has its labels on all it made. @throws LandfallError DEPLOY_FAILED */
export async function refuseFlux(entry: ReleaseEntry | undefined, visit: HelmVisit): Promise<void> {
  const { context, history } = visit;
  if (entry === undefined || entry.isOwn || context.settings.takeOver) return;
  const { manifest } = await history.read(entry.version);
  const [, name] = /^\s+helm\.toolkit\.fluxcd\.io\/name: (\S+)/m.exec(manifest) ?? [];
  if (name === undefined) return;
  throw deployFailed(`${history.shown} is kept by Flux's HelmRelease ${name}`, {
    hint: 'Have Flux let go of it (suspend it, then delete it with its finalizer taken off), then write `takeOver: true`.',
  });
}

/** Made as `helm --create-namespace` makes it. @throws LandfallError */
async function makeNamespace({ cluster, context, history }: HelmVisit): Promise<void> {
  const { createNamespace, targetNamespace: name } = context.settings;
  if (!createNamespace) return;
  const found = await cluster.send({ method: 'GET', path: `/api/v1/namespaces/${name}` });
  if (isSuccess(found)) return;
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { name } } };
  const query = { fieldManager: HELM_MANAGER };
  const answer = await cluster.send({ method: 'POST', path: '/api/v1/namespaces', query, body });
  if (!isSuccess(answer) && answer.status !== 409)
    throw clusterRefusal(`the namespace of ${history.shown} cannot be made`, answer);
  if (isSuccess(answer)) context.log(`Namespace/${name} created`);
}

/** A release that is as it is to be: what was changed by hand is brought back, without helm. @throws LandfallError */
async function keepRelease(entry: ReleaseEntry, visit: HelmVisit): Promise<HelmStep> {
  const { context, history } = visit;
  const release = await history.read(entry.version);
  if (context.settings.driftOf === 'objects') {
    const objects = await releaseObjects(release.manifest, history.place, visit);
    const compared = await compareObjects(objects, context.settings.driftIgnore, visit);
    await correctObjects(compared, visit, context.log);
  }
  return lookRelease(release, entry.digest, visit);
}

/** Goes on with the hooks after a release that a run before did not see the end of. Undefined: all have ended. */
async function endHooks(
  entry: ReleaseEntry,
  { digest }: WantedRelease,
  { context, history }: HelmVisit,
): Promise<HelmStep | undefined> {
  if (!entry.isHooksPending) return undefined;
  // Helm's own words: by then nothing else tells which it was.
  const { description } = await history.read(entry.version);
  const action = description.startsWith('Install') ? 'install' : 'upgrade';
  if (context.settings.disableHooks.includes(action)) return undefined;
  const event = `post-${action}` as const;
  return hooksUnderWay({ event, at: 0, path: null, action }, `${event} has still to end`, { digest });
}

/** One that the deploy had under another name, or in another namespace, goes first. Undefined: there is none. */
async function leaveFormer(visit: HelmVisit): Promise<string | undefined> {
  const { history, context, cluster, owner } = visit;
  const before = context.applied?.result;
  if (before === undefined || before === null) return undefined;
  const { namespace, name } = before;
  if (namespace === history.place.namespace && name === history.place.name) return undefined;
  const end = await takeAway(visit, new ReleaseHistory(cluster, { namespace, name }, owner));
  return end.state === 'running' ? end.message : undefined;
}

/**
 * Brings the release to what the artifact says: definitions, then one helm, then a first look at how it is. Taken again
 * after a crash anywhere it comes to the same, since all it goes by is the release's own history.
 * @throws LandfallError
 */
export async function convergeRelease(visit: HelmVisit): Promise<HelmStep> {
  const { context, history } = visit;
  const wanted = await wantedOf(visit);
  const last = await settledEntry(await history.list(), visit);
  if (last !== undefined && isAsWanted(last, wanted))
    return (await endHooks(last, wanted, visit)) ?? keepRelease(last, visit);
  await refuseFlux(last, visit);
  const going = await leaveFormer(visit);
  if (going !== undefined) return releaseUnderWay('release', going);
  if (last?.status === 'uninstalling') {
    await takeAway(visit, history);
    return releaseUnderWay('release', `${history.shown} was being uninstalled: that is ended first`);
  }
  const action = actionFor(last);
  const definitions = await planDefinitions(wanted.chart, context.settings.crds[action], visit);
  const waits = await applyDefinitions(definitions, visit);
  if (waits !== undefined) return releaseUnderWay('release', waits);
  await makeNamespace(visit);
  if (context.settings.longHooks && !context.settings.disableHooks.includes(action))
    return hooksUnderWay(
      { event: `pre-${action}`, at: 0, path: null, action },
      'its hooks come first',
      wanted,
    );
  await upgradeRelease(wanted, action, visit);
  const made = (await history.list()).at(-1);
  if (made === undefined || !isAsWanted(made, wanted))
    return releaseUnderWay('release', `${history.shown} was changed meanwhile`);
  const release = await history.read(made.version);
  context.log(`revision ${made.version} of ${history.shown}: ${release.chart}, ${release.description}`);
  return lookRelease(release, made.digest, visit);
}

/** One visit to its hooks, which are run here: see hook-steps.ts. @throws LandfallError */
export async function lookHooks(visit: HelmVisit, hooks: HooksProgress, digest: string): Promise<HelmStep> {
  const wanted = await wantedOf(visit);
  // Values of the cluster have changed meanwhile: what was begun was for others.
  if (wanted.digest !== digest) return convergeRelease(visit);
  const last = await settledEntry(await visit.history.list(), visit);
  const made = isAsWanted(last, wanted) ? last : undefined;
  const isAfter = hooks.event.startsWith('post-') || hooks.event === 'test';
  if (made === undefined && isAfter) return convergeRelease(visit);
  return stepHooks({ visit, hooks, wanted, made, after: (release) => lookRelease(release, digest, visit) });
}

/** One look at a release that helm has made; all over again where it is another by now. @throws LandfallError */
export async function look(visit: HelmVisit, digest: string): Promise<HelmStep> {
  const last = (await visit.history.list()).at(-1);
  if (last?.status !== 'deployed' || !last.isOwn || last.digest !== digest) return convergeRelease(visit);
  return lookRelease(await visit.history.read(last.version), digest, visit);
}
