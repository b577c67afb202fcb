import { inByteOrder } from '../../kernel/byte-order.ts';
import { siteKey } from '../../store/layout.ts';
import type { RemoveContext } from '../kit/deploy-context.ts';
import type { SiteDocument } from './site-document.ts';
import { readManifest } from './site-manifest.ts';
import { planSite } from './site-plan.ts';
import { clearReleases } from './site-switch.ts';
import { depsOf, type SiteOutcome, type SiteStep } from './site-visit.ts';

/** As many as one request deletes. */
const AT_ONCE = 1_000;

/** Takes away what the deploy has put, and what is as it was put; a killed one goes on with what is there still. */
export async function removeSite(context: RemoveContext<SiteDocument, SiteOutcome>): Promise<SiteStep> {
  const { deploy, signal } = context;
  const deps = await depsOf(context);
  const { manifest } = await readManifest(deps.objects, deploy.name, deploy.source, { signal });
  const site = deps.bucketAt('');
  const done = { state: 'succeeded', result: { serves: null } } as const;
  if (manifest?.place !== site.place) return { ...done, message: 'nothing of it is there' };
  const releases = manifest.releases ?? [];
  let deleted = await clearReleases(releases, { ...deps, releaseAt: deps.bucketAt }, signal);
  const there = new Map<string, string>();
  if (manifest.files.length + manifest.pending.length > 0)
    await site.list(({ path, version }) => there.set(path, version), {
      likely: inByteOrder(manifest.files.map(({ path }) => path)),
      signal,
    });
  const { gone } = planSite({ wanted: [], manifest, there });
  for (let at = 0; at < gone.length; at += AT_ONCE) {
    deps.assertHeld();
    deleted += await site.delete(gone.slice(at, at + AT_ONCE), { signal });
  }
  await deps.objects.delete([siteKey(deploy.name, deploy.source)], { signal });
  return { ...done, message: `${deleted} files taken away` };
}
