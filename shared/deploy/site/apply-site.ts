import type { Clock } from '../../clock.ts';
import { shortHash } from '../../event/compose.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import type { AwsAccess } from '../kit/aws-access.ts';
import type { SiteBucket } from '../kit/site-bucket.ts';
import { invalidationPaths } from './invalidation-paths.ts';
import type { SiteSettings } from './site.ts';
import { deploySite, type SiteRequest, type SiteResult } from './site-deployer.ts';
import type { SwitchKey } from './site-switch.ts';

/** What says which release is served: a key of a CloudFront KeyValueStore, or the path of an origin of a distribution. */
export type SiteSwitch =
  | { readonly keyValueStore: string; readonly key: string }
  | { readonly distribution: string; readonly origin: string };

/** What a site says beside where it is. */
export interface SiteOptions extends SiteSettings {
  /** Each release has a prefix of its own. */
  readonly switch?: SiteSwitch | undefined;
  /** What caches of a distribution are to forget once the site is what it is to be: these paths, or what changed. Default: nothing. */
  readonly invalidate?:
    | { readonly distribution: string; readonly paths?: readonly string[] | undefined }
    | undefined;
}

export interface SwitchAccess {
  /** Of the run: what is asked for twice under it is one invalidation. */
  readonly runId: string;
  readonly aws: () => Promise<Pick<AwsAccess, 'settings' | 'call'>>;
  readonly clock: Pick<Clock, 'sleep'>;
}

export interface ApplySiteDeps extends SwitchAccess {
  /** Of the bucket: empty, or ends in a slash. */
  readonly prefix: string;
  /** The site, or a folder of it. */
  readonly bucketAt: (folder: string) => SiteBucket;
  readonly objects: ObjectStore;
  /** @throws LandfallError STORE_CONFLICT */
  readonly assertHeld: () => void;
}

export interface AppliedSite extends SiteResult {
  /** What the switch says now; absent without one. */
  readonly serves?: string;
  /** It is not served everywhere yet: nothing was invalidated. */
  readonly isPending: boolean;
}

/** Loaded by who switches: signing for every region takes an implementation of its own. */
export async function openSwitch(
  to: SiteSwitch,
  { aws, clock }: Pick<SwitchAccess, 'aws' | 'clock'>,
): Promise<SwitchKey> {
  if ('key' in to) {
    const { openSwitchKey } = await import('./key-value-store-client.ts');
    return openSwitchKey(to.keyValueStore, to.key, await aws(), clock);
  }
  const { openOriginPath } = await import('./distribution-client.ts');
  return openOriginPath(to, await aws());
}

async function putSite(
  request: SiteRequest,
  options: SiteOptions,
  deps: ApplySiteDeps,
): Promise<AppliedSite> {
  const { prefix, bucketAt, objects, assertHeld } = deps;
  const own = { settings: options, objects, assertHeld };
  if (options.switch === undefined)
    return { ...(await deploySite(request, { ...own, site: bucketAt('') })), isPending: false };
  const key = await openSwitch(options.switch, deps);
  const { switchSite } = await import('./site-switch.ts');
  const { place } = bucketAt('');
  const switched = await switchSite(request, { ...own, prefix, place, releaseAt: bucketAt, key });
  return { ...switched, isPending: !(await key.isInForce({ signal: request.signal })) };
}

/** Has caches forget what they were told to, where they were told to. @throws LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE */
export async function invalidateSite(
  { invalidate: asked }: Pick<SiteOptions, 'invalidate'>,
  changed: SiteResult['changed'],
  { aws, runId }: SwitchAccess,
): Promise<void> {
  if (asked === undefined) return;
  const paths = asked.paths ?? invalidationPaths(changed);
  if (paths.length === 0) return;
  const { invalidate } = await import('./distribution-client.ts');
  const reference = `${runId}-${shortHash(...paths)}`;
  await invalidate({ distribution: asked.distribution, paths, reference }, await aws());
}

/**
 * Brings a site to what an artifact has, file by file or by a switch, and then invalidates what it was told to.
 * @throws LandfallError as deploySite and switchSite do
 */
export async function applySite(
  request: SiteRequest,
  options: SiteOptions,
  deps: ApplySiteDeps,
): Promise<AppliedSite> {
  const applied = await putSite(request, options, deps);
  if (!applied.isPending) await invalidateSite(options, applied.changed, deps);
  return applied;
}
