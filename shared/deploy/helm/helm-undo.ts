import { deployFailed } from '../kit/failures.ts';
import { rollbackRelease } from './helm-commands.ts';
import { takeAway } from './helm-remove.ts';
import type { HelmStep, HelmVisit } from './helm-visit.ts';
import type { ReleaseEntry } from './release/release-history.ts';
import { settledEntry } from './release/settle-history.ts';
import { lookRelease } from './release-health.ts';

const wasGood = ({ status }: ReleaseEntry): boolean => status === 'superseded' || status === 'deployed';

/** What a failed revision is taken back to: what was applied before, or else the last one that was deployed. */
function formerOf(
  entries: readonly ReleaseEntry[],
  last: ReleaseEntry,
  before: { readonly digest: string; readonly version: number } | undefined,
): ReleaseEntry | undefined {
  const good = entries.filter((entry) => entry !== last && entry.version !== last.version && wasGood(entry));
  if (before === undefined) return good.at(-1);
  return (
    good.findLast(({ digest }) => digest === before.digest) ??
    good.findLast(({ version }) => version === before.version)
  );
}

const ofBefore = (end: HelmStep): HelmStep =>
  end.state === 'running' ? { ...end, progress: { ...end.progress, of: 'before' } } : end;

/**
 * Brings the release back to what was applied before, from its own history; also one look at that. A first install that
 * failed is uninstalled, as by `helm --rollback-on-failure`.
 * @throws LandfallError DEPLOY_FAILED where the history has it no more
 */
export async function undoRelease(visit: HelmVisit): Promise<HelmStep> {
  const { context, history } = visit;
  const entries = await history.list();
  const last = await settledEntry(entries, visit);
  const before = context.applied?.result ?? undefined;
  if (last === undefined)
    return { state: 'succeeded', message: `there is no ${history.shown}: nothing is taken back` };
  const isBack =
    last.status === 'deployed' && (before === undefined ? !last.isOwn : last.digest === before.digest);
  if (isBack)
    return ofBefore(
      await lookRelease(await history.read(last.version), last.digest, visit, { isBack: true }),
    );
  const former = formerOf(entries, last, before);
  if (former === undefined && before === undefined && entries.every((entry) => entry.isOwn)) {
    context.log('the first install failed: it is uninstalled');
    return ofBefore(await takeAway(visit, history));
  }
  if (former === undefined)
    throw deployFailed(`the history of ${history.shown} has no revision to go back to`, {
      hint: 'Keep more of it: `maxHistory`. Push a revision that is right.',
    });
  await rollbackRelease(former.version, visit);
  const made = (await history.list()).at(-1);
  context.log(`${history.shown} is back at revision ${former.version}, as revision ${made?.version ?? '?'}`);
  const release = await history.read(made?.version ?? former.version);
  return ofBefore(await lookRelease(release, former.digest, visit, { isBack: true }));
}
