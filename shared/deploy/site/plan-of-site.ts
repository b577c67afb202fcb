import type { DeployPlan, PlannedChange } from '../kit/plan.ts';
import { openSwitch } from './apply-site.ts';
import { siteFiles } from './site.ts';
import { lookAtSite } from './site-deployer.ts';
import { releaseOf, switchValue } from './site-switch.ts';
import { depsOf, requestOf, type SiteContext } from './site-visit.ts';

const counted = (changes: readonly PlannedChange[]): string =>
  (['create', 'update', 'delete'] as const)
    .flatMap((action) => {
      const count = changes.filter((change) => change.action === action).length;
      return count === 0 ? [] : `${count} to ${action}`;
    })
    .join(', ');

/** Compares what is served with what the revision has. */
export async function planOfSite(context: SiteContext): Promise<DeployPlan> {
  const { settings, revision, signal } = context;
  const request = requestOf(context);
  const deps = await depsOf(context);
  const why = revision.revision;
  if (settings.switch !== undefined) {
    const release = releaseOf(siteFiles(request.record, request.path, settings));
    const wanted = switchValue(deps.prefix, release);
    const now = await (await openSwitch(settings.switch, deps)).read({ signal });
    if (now === wanted) return { changes: [], summary: `${wanted} is served` };
    const change = {
      action: 'update',
      what: 'what is served',
      why: `${now ?? 'nothing'} → ${wanted}`,
    } as const;
    return { changes: [change], summary: `${wanted} is to be served` };
  }
  const { plan } = await lookAtSite(request, { ...deps, settings, site: deps.bucketAt('') });
  const isThere = new Set(plan.pending.filter(({ before }) => before !== null).map(({ path }) => path));
  const changes: PlannedChange[] = [
    ...[...plan.assets, ...plan.pages].map(
      ({ path }) => ({ action: isThere.has(path) ? 'update' : 'create', what: path, why }) as const,
    ),
    ...plan.gone.map((what) => ({ action: 'delete', what, why }) as const),
  ];
  return { changes, summary: changes.length === 0 ? 'every file is as it is to be' : counted(changes) };
}
