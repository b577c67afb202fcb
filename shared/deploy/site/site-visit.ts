import * as z from 'zod/mini';
import { TIMEOUT_BOUNDS } from '../../duration.ts';
import type { DeployContext, RemoveContext } from '../kit/deploy-context.ts';
import { deployFailed, deployUnavailable } from '../kit/failures.ts';
import type { StepResult } from '../kit/step-result.ts';
import type { ApplySiteDeps } from './apply-site.ts';
import type { SiteRequest } from './site-deployer.ts';
import type { SiteDocument } from './site-document.ts';
import { prefixOf } from './site-permissions.ts';

/** What is under way: CloudFront brings it everywhere. */
export const siteProgress = z.object({ serves: z.string() });
/** What the switch said when the deploy had ended; null without one. */
export const siteResult = z.object({ serves: z.nullable(z.string()) });

export type SiteOutcome = z.infer<typeof siteResult>;
export type SiteContext = DeployContext<SiteDocument, SiteOutcome>;
export type SiteStep = StepResult<z.infer<typeof siteProgress>, SiteOutcome>;

/** CloudFront takes minutes. */
const SPREAD_LOOK_MS = 60_000;

export const spreading = (serves: string): SiteStep => ({
  state: 'running',
  progress: { serves },
  message: `CloudFront brings ${serves} everywhere`,
  lookAgainMs: SPREAD_LOOK_MS,
});

export const requestOf = ({ deploy, artifact, revision, signal }: SiteContext): SiteRequest => ({
  deploy: deploy.name,
  source: deploy.source,
  record: artifact.record,
  path: deploy.path,
  generation: revision.generation,
  signal,
});

/** Opens what a visit puts to. @throws LandfallError DEPLOY_FAILED for the store itself, and as OpenSite */
export async function depsOf(
  context: RemoveContext<SiteDocument, SiteOutcome> & Partial<Pick<SiteContext, 'revision'>>,
): Promise<ApplySiteDeps> {
  const { settings, deploy, origin, sites, aws, clock, runId, revision, timeoutMs } = context;
  const { bucket, endpoint } = settings;
  if (bucket === origin.bucket && endpoint === undefined)
    throw deployFailed(`deploy ${deploy.name}: the store is no place for a site`, {
      hint: 'Name a bucket of its own.',
    });
  const { namespace, name } = deploy.source;
  // A header takes no more than ASCII, and a store of a machine is a folder of any name.
  const owner = [encodeURI(origin.bucket), deploy.name, namespace, name].join('/');
  const place = { bucket, prefix: prefixOf(settings.prefix), endpoint };
  const bucketAt = await sites.open(place, { owner, ...(revision !== undefined && { artifact: revision }) });
  const until = clock.now() + Math.min(timeoutMs, TIMEOUT_BOUNDS.maximum);
  return {
    clock,
    runId,
    bucketAt,
    prefix: place.prefix,
    objects: sites.objects,
    aws: async () => aws,
    assertHeld: () => {
      // A machine that slept: somebody else may be at it by now.
      if (clock.now() >= until) throw deployUnavailable(`deploy ${deploy.name}: out of time`);
    },
  };
}
