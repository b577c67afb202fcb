import { defineDeploy } from '../kit/define-deploy.ts';
import { deployFailed } from '../kit/failures.ts';
import { applySite, invalidateSite, openSwitch } from './apply-site.ts';
import { planOfSite } from './plan-of-site.ts';
import { removeSite } from './remove-site.ts';
import { siteDocument } from './site-document.ts';
import { sitePermissions } from './site-permissions.ts';
import {
  depsOf,
  requestOf,
  type SiteContext,
  type SiteStep,
  siteProgress,
  siteResult,
  spreading,
} from './site-visit.ts';

async function stepSite(context: SiteContext): Promise<SiteStep> {
  const { settings, log } = context;
  const applied = await applySite(requestOf(context), settings, await depsOf(context));
  const { put, unchanged, deleted, serves = null, isPending } = applied;
  const message = `${put} put, ${unchanged} as they were, ${deleted} taken away`;
  log(serves === null ? message : `${message}; served is ${serves}`);
  if (isPending && serves !== null) return spreading(serves);
  return { state: 'succeeded', result: { serves }, message };
}

/** Whether what was moved is served everywhere, and still is what was moved to. */
async function lookSite(context: SiteContext, serves: string): Promise<SiteStep> {
  const { settings, signal } = context;
  const deps = await depsOf(context);
  const done = { state: 'succeeded', result: { serves } } as const;
  if (settings.switch === undefined) return done;
  const key = await openSwitch(settings.switch, deps);
  const now = await key.read({ signal });
  if (now !== serves)
    throw deployFailed(`somebody else moved the site to ${now ?? 'nothing'}, and it was to be at ${serves}`, {
      hint: 'Run the deploy again where its revision should win.',
    });
  if (!(await key.isInForce({ signal }))) return spreading(serves);
  await invalidateSite(settings, null, deps);
  return done;
}

/** Moves a switch back to the release of before, whose files are there still. */
async function undoSite(context: SiteContext): Promise<SiteStep> {
  const { settings, applied, signal } = context;
  const before = applied?.result?.serves ?? null;
  if (settings.switch === undefined)
    throw deployFailed('a site that is not switched has no release of before to go back to', {
      hint: 'Roll the source back: landfall rollback; or give the site a switch.',
    });
  if (before === null)
    return { state: 'succeeded', result: { serves: null }, message: 'nothing was served before' };
  const deps = await depsOf(context);
  const key = await openSwitch(settings.switch, deps);
  await key.move(before, { signal });
  if (!(await key.isInForce({ signal }))) return spreading(before);
  await invalidateSite(settings, null, deps);
  return { state: 'succeeded', result: { serves: before }, message: `served is ${before} again` };
}

/** Keeps a site in a bucket at what a source has, file by file or switched whole. */
export const siteDeploy = defineDeploy({
  kind: 'site',
  settings: siteDocument,
  progress: siteProgress,
  result: siteResult,
  worksInStep: true,
  permissions: sitePermissions,
  plan: planOfSite,
  step: stepSite,
  look: (context, { serves }) => lookSite(context, serves),
  undo: undoSite,
  remove: removeSite,
});
