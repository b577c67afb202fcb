import { deployFailed } from '../../kit/failures.ts';
import { withReason } from '../../kit/with-reason.ts';
import { HEALTH_LOOK_MS } from '../../kubernetes/kubernetes-visit.ts';
import type { WantedRelease } from '../chart/wanted-release.ts';
import { renderRelease, upgradeRelease } from '../helm-commands.ts';
import type { HooksProgress } from '../helm-progress.ts';
import { type HelmStep, type HelmVisit, RELEASE_LOOK_MS } from '../helm-visit.ts';
import { type Release, type ReleaseHook, readRelease } from '../release/release.ts';
import type { ReleaseEntry } from '../release/release-history.ts';
import { type HookEvent, hooksOf, isDeleted } from './hook-order.ts';
import { deleteEnded, type HookState, lookHook, runHook } from './run-hook.ts';

/** What a visit to the hooks of a release goes by. */
export interface HookSteps {
  readonly visit: HelmVisit;
  readonly hooks: HooksProgress;
  /** Of the chart and values that are wanted. */
  readonly wanted: WantedRelease;
  /** The release as it is now, where it is what is wanted already. */
  readonly made: ReleaseEntry | undefined;
  /** Goes on once all have ended: looks at the release. */
  readonly after: (release: Release) => Promise<HelmStep>;
}

export const hooksUnderWay = (
  hooks: HooksProgress,
  message: string,
  { digest, waits = false }: { readonly digest: string; readonly waits?: boolean },
): HelmStep => ({
  state: 'running',
  progress: { phase: 'hooks', hooks, digest, of: 'revision' },
  message,
  lookAgainMs: waits ? HEALTH_LOOK_MS : RELEASE_LOOK_MS,
});

/** What the hooks of an event are: of a release that is still to be made as helm would make it. @throws LandfallError */
async function hooksOfEvent(
  event: HookEvent,
  { visit, hooks, wanted, made }: HookSteps,
): Promise<readonly ReleaseHook[]> {
  if (event === 'pre-install' || event === 'pre-upgrade') {
    const release = readRelease(await renderRelease(wanted, hooks.action, visit));
    if (release !== undefined) return hooksOf(release.hooks, event);
    throw deployFailed(`helm said nothing of ${visit.history.shown} that can be read`, {
      hint: 'Run another version of helm.',
    });
  }
  return made === undefined ? [] : hooksOf((await visit.history.read(made.version)).hooks, event);
}

/**
 * What failed is written down before it is deleted, and those that ended before it along: what is cut off in between fails
 * again.
 * @param ran all of the event up to the one that failed
 * @throws LandfallError DEPLOY_FAILED; a revision whose hook failed after it counts as failed, as with helm
 */
async function refuseFailed(
  hook: ReleaseHook,
  why: string,
  {
    event,
    ran,
    steps: { visit, made },
  }: { readonly event: HookEvent; readonly ran: readonly ReleaseHook[]; readonly steps: HookSteps },
): Promise<void> {
  const { settings, log } = visit.context;
  const told = withReason(`hook ${event} ${hook.shown} failed`, why);
  if (event === 'test' && settings.ignoreTestFailures && made !== undefined) {
    log(`${told}: that is ignored`);
    await visit.history.keepTested(made.version, 'failed');
    return deleteEnded([hook], visit);
  }
  if (event.startsWith('post-') && made !== undefined) await visit.history.fail(made.version);
  await deleteEnded(ran, visit);
  throw deployFailed(told, {
    hint: 'Look at it by `kubectl logs`; then push a revision that is right, or replay the deploy.',
  });
}

/** What comes when all hooks of an event have ended. */
async function nextOf(event: HookEvent, all: readonly ReleaseHook[], steps: HookSteps): Promise<HelmStep> {
  const { visit, hooks, wanted, made, after } = steps;
  const { digest } = wanted;
  await deleteEnded(all, visit);
  if (event.startsWith('pre-'))
    return hooksUnderWay({ ...hooks, event: 'helm', at: 0 }, 'helm comes next', { digest });
  if (made === undefined)
    throw deployFailed(`${visit.history.shown} has gone, or has failed, while its hooks ran`);
  if (event !== 'test') await visit.history.keepHooked(made.version);
  const release = await visit.history.read(made.version);
  if (event !== 'test' || release.tested !== '') return after(release);
  await visit.history.keepTested(made.version, 'passed');
  return after({ ...release, tested: 'passed' });
}

async function runHelm({ visit, hooks, wanted, made }: HookSteps): Promise<HelmStep> {
  if (made === undefined) await upgradeRelease(wanted, hooks.action, visit, { isWithoutHooks: true });
  const event = `post-${hooks.action}` as const;
  return hooksUnderWay({ ...hooks, event, at: 0, path: null }, `helm has run; ${event} comes next`, wanted);
}

/** One that went away by itself once it was done (`ttlSecondsAfterFinished`) was done, unless a failure has it deleted. */
const goneState = (hook: ReleaseHook): HookState =>
  isDeleted(hook, 'hook-failed')
    ? { is: 'failed', why: 'it has gone, as its chart has it where it fails' }
    : { is: 'ended' };

/**
 * One visit to the hooks of a release: begins the next, or looks at the one that runs. helm itself runs without any, in
 * between, so that no visit is longer than it takes. Taken again after a crash it finds what its run has made.
 * @throws LandfallError
 */
export async function stepHooks(steps: HookSteps): Promise<HelmStep> {
  const {
    visit,
    hooks,
    wanted: { digest },
  } = steps;
  const { event, at, path } = hooks;
  if (event === 'helm') return runHelm(steps);
  const looked = path === null ? undefined : await lookHook(path, visit);
  const { log } = visit.context;
  if (looked?.is === 'underway')
    return hooksUnderWay(hooks, `waits for hook ${at + 1} of ${event}: ${looked.why}`, {
      digest,
      waits: true,
    });
  const all = await hooksOfEvent(event, steps);
  const hook = all[at];
  if (hook === undefined) return nextOf(event, all, steps);
  const state = path === null ? await runHook(hook, { event, digest }, visit) : (looked ?? goneState(hook));
  if (state.is === 'underway')
    return hooksUnderWay(
      { ...hooks, path: state.path ?? null },
      `waits for hook ${event} ${hook.shown}: ${state.why}`,
      { digest, waits: true },
    );
  if (state.is === 'failed') await refuseFailed(hook, state.why, { event, ran: all.slice(0, at + 1), steps });
  else log(`hook ${event} ${hook.shown} ended`);
  return hooksUnderWay(
    { ...hooks, path: null, at: at + 1 },
    `hook ${at + 1} of ${all.length} of ${event} has ended`,
    {
      digest,
    },
  );
}
