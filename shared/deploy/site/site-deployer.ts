import { LandfallError } from '../../errors.ts';
import { eachOf } from '../../kernel/each-of.ts';
import { startGrace } from '../../kernel/grace.ts';
import { SITE_FILE_BYTES } from '../../limits.ts';
import type { ArtifactRecord } from '../../model/artifact-record.ts';
import { byPlace } from '../../model/by-place.ts';
import type { SourceId } from '../../model/ids.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import type { ListSiteOptions, SiteBucket, SiteCopy } from '../kit/site-bucket.ts';
import { type SiteSettings, siteFiles } from './site.ts';
import { readManifest, type SiteManifest, type StoredManifest } from './site-manifest.ts';
import { planSite, type SitePlan } from './site-plan.ts';
import { SiteProgress } from './site-progress.ts';

export interface SiteRequest {
  readonly deploy: string;
  readonly source: SourceId;
  readonly record: ArtifactRecord;
  readonly path: string | undefined;
  readonly generation: number;
  readonly signal: AbortSignal;
}

export interface SiteDeps {
  readonly site: SiteBucket;
  readonly settings: SiteSettings;
  /** Where it is kept what was put. */
  readonly objects: ObjectStore;
  /** Rejects work that another worker may have taken over. @throws LandfallError STORE_CONFLICT */
  readonly assertHeld: () => void;
}

/** Files of a site: how many were put, were as they are to be, and were taken away. */
export interface SiteResult {
  readonly put: number;
  readonly unchanged: number;
  readonly deleted: number;
  /** Paths of what is not what it was; null: anything may be, as after a try that was cut off. */
  readonly changed: readonly string[] | null;
}

/** Copies under way at the same time: a request each, and no bytes pass through here. */
const COPIES = 32;

/** What was cut off may take this long to write down how far it came, and leaves as long for its ledger. */
const SAVE_MS = 1_500;

const refused = (deploy: string, why: string, hint: string): LandfallError =>
  new LandfallError('DEPLOY_FAILED', `deploy ${deploy}: ${why}`, { hint });

/** What cannot be put is told before anything is. @throws LandfallError DEPLOY_FAILED */
export function checkFiles(wanted: readonly SiteCopy[], deploy: string, { pathBytes }: SiteBucket): void {
  if (wanted.length === 0) {
    throw refused(deploy, 'the artifact has no file', 'Push one that has: an empty site is not deployed.');
  }
  for (const { path, size } of wanted) {
    if (Buffer.byteLength(path) > pathBytes) {
      const why = `${JSON.stringify(path.slice(0, 200))} is over the ${pathBytes} bytes left for a path`;
      throw refused(deploy, why, 'Shorten the path or the prefix: together they may have 1,024 bytes.');
    }
    if (size > SITE_FILE_BYTES) {
      const why = `${path} has ${size} bytes, and S3 copies at most ${SITE_FILE_BYTES}`;
      throw refused(deploy, why, 'Leave it out of the artifact, or serve it from elsewhere.');
    }
  }
}

/**
 * The manifest of this place: what was put elsewhere is not looked at, nor taken away.
 * @throws LandfallError STORE_CONFLICT for an older generation than was begun
 */
export function manifestHere(
  manifest: SiteManifest | undefined,
  { deploy, generation }: Pick<SiteRequest, 'deploy' | 'generation'>,
  { place }: Pick<SiteBucket, 'place'>,
): SiteManifest | undefined {
  if (manifest?.place !== place) return undefined;
  if (manifest.generation <= generation) return manifest;
  throw new LandfallError(
    'STORE_CONFLICT',
    `deploy ${deploy}: generation ${manifest.generation} was begun at ${place}, and ${generation} is older`,
    { hint: 'Run it again: it then applies what is current.' },
  );
}

/** Versions of the files that matter; a bucket may hold any number of others. */
async function versionsThere(
  site: SiteBucket,
  isKnown: (path: string) => boolean,
  options: ListSiteOptions,
): Promise<Map<string, string>> {
  const there = new Map<string, string>();
  await site.list(({ path, version }) => {
    if (isKnown(path)) there.set(path, version);
  }, options);
  return there;
}

/** Puts files until all are there; after a failure none is begun. */
async function putFiles(
  copies: readonly SiteCopy[],
  progress: SiteProgress,
  { site, assertHeld }: SiteDeps,
  signal: AbortSignal,
): Promise<void> {
  await eachOf(copies.toSorted(byPlace), { limit: COPIES, signal }, async (copy) => {
    assertHeld();
    progress.done(copy, await site.copy(copy, { signal }));
  });
}

async function applyPlan(
  { assets, pages, gone }: SitePlan,
  progress: SiteProgress,
  deps: SiteDeps,
  signal: AbortSignal,
): Promise<number> {
  try {
    await putFiles(assets, progress, deps, signal);
    await putFiles(pages, progress, deps, signal);
    if (gone.length === 0) return 0;
    await progress.save({ signal });
    deps.assertHeld();
    return await deps.site.delete(gone, { signal });
  } catch (error) {
    // For the next try to go on from here; without it, it puts again what was put.
    using grace = startGrace(signal, SAVE_MS);
    await progress.save({ signal: grace.signal }).catch(() => undefined);
    throw error;
  }
}

interface SeenSite {
  readonly plan: SitePlan;
  readonly manifest: SiteManifest | undefined;
  readonly wanted: readonly SiteCopy[];
  readonly stored: StoredManifest;
}

/** What a site has, and what it is to have. Writes nothing. @throws LandfallError as deploySite */
export async function lookAtSite(
  request: SiteRequest,
  { site, settings, objects }: Pick<SiteDeps, 'site' | 'settings' | 'objects'>,
): Promise<SeenSite> {
  const { deploy, source, record, path, signal } = request;
  const wanted = siteFiles(record, path, settings);
  checkFiles(wanted, deploy, site);
  const stored = await readManifest(objects, deploy, source, { signal });
  const manifest = manifestHere(stored.manifest, request, site);
  const known = new Set(
    [...wanted, ...(manifest?.files ?? []), ...(manifest?.pending ?? [])].map((file) => file.path),
  );
  // Of the first time nothing is there yet.
  const likely = manifest === undefined ? [] : wanted.map((file) => file.path);
  const there = await versionsThere(site, (name) => known.has(name), { likely, signal });
  return { plan: planSite({ wanted, manifest, there }), manifest, wanted, stored };
}

/**
 * Brings a site to what an artifact has: assets, then pages, then deletions, none of it twice. What is to be put is
 * written down before it is, so that a try that ended anywhere is finished, or cleared away, by the next.
 * @throws LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE, STORE_CONFLICT for an older generation than was begun
 */
export async function deploySite(request: SiteRequest, deps: SiteDeps): Promise<SiteResult> {
  const { deploy, source, generation, signal } = request;
  const { site, objects } = deps;
  const { plan, manifest, wanted, stored } = await lookAtSite(request, deps);
  const identity = { ...source, deploy, place: site.place, generation };
  const progress = new SiteProgress(objects, {
    identity,
    before: manifest,
    version: stored.version,
    pending: plan.pending,
  });
  if (plan.pending.length + plan.gone.length > 0) await progress.save({ signal });
  const deleted = await applyPlan(plan, progress, deps, signal);
  await progress.finish(new Set(wanted.map((file) => file.path)), { signal });
  const changed = [...plan.assets, ...plan.pages].map((file) => file.path);
  // What an earlier try of this generation has put is known to nobody any more.
  const isBegun = manifest?.generation === generation || (manifest?.pending.length ?? 0) > 0;
  const unchanged = plan.unchanged.length;
  return { put: changed.length, unchanged, deleted, changed: isBegun ? null : [...changed, ...plan.gone] };
}
