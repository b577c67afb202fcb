import { createHash } from 'node:crypto';
import type { CallOptions } from '../../kernel/call-options.ts';
import { eachOf } from '../../kernel/each-of.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import type { SiteBucket, SiteCopy } from '../kit/site-bucket.ts';
import type { SiteSettings } from './site.ts';
import { siteFiles } from './site.ts';
import { checkFiles, manifestHere, type SiteRequest, type SiteResult } from './site-deployer.ts';
import { readManifest, type SiteManifest, writeManifest } from './site-manifest.ts';
import { formatHeaders } from './site-plan.ts';

/**
 * The key that says which release is served. Its methods throw LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE; and end
 * with their signal.
 */
export interface SwitchKey {
  /** Undefined: it is not there yet. */
  read(options?: CallOptions): Promise<string | undefined>;
  /** At once for whoever asks next; nothing where it says so already. */
  move(value: string, options?: CallOptions): Promise<void>;
  /** Whether what it says is served everywhere, as far as anybody tells. */
  isInForce(options?: CallOptions): Promise<boolean>;
}

export interface SwitchDeps {
  /** The folder of the bucket that the releases are in: what the key's value begins with. Empty, or ends in a slash. */
  readonly prefix: string;
  /** `s3://bucket/prefix` */
  readonly place: string;
  /** One release: a folder of its own. */
  readonly releaseAt: (folder: string) => SiteBucket;
  readonly key: SwitchKey;
  readonly settings: SiteSettings;
  readonly objects: ObjectStore;
  /** @throws LandfallError STORE_CONFLICT where another worker may have taken over */
  readonly assertHeld: () => void;
}

/** Of a switch: what is put, and what the key says. */
export interface SwitchedRelease extends SiteResult {
  readonly serves: string;
}

type Release = NonNullable<SiteManifest['releases']>[number];

/** Releases that stay: what is served, and those whose pages somebody may have open, or that a rollback goes to. */
const KEPT = 3;
const PUTS = 32;

/** Equal names have equal files under equal headers: a release is never changed. */
export function releaseOf(files: readonly SiteCopy[]): string {
  const lines = files.map(({ path, sha256, headers }) => `${sha256} ${formatHeaders(headers)} ${path}\n`);
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
}

const releaseFolder = (release: string): string => `releases/${release}/`;

/** What the key says of a release. */
export const switchValue = (prefix: string, release: string): string =>
  `${prefix}${releaseFolder(release)}`.slice(0, -1);

async function putMissing(
  release: SiteBucket,
  wanted: readonly SiteCopy[],
  { assertHeld }: SwitchDeps,
  signal: AbortSignal,
): Promise<number> {
  const there = new Set<string>();
  await release.list(({ path }) => there.add(path), { signal });
  const missing = wanted.filter(({ path }) => !there.has(path));
  await eachOf(missing, { limit: PUTS, signal }, async (file) => {
    assertHeld();
    await release.copy(file, { signal });
  });
  return missing.length;
}

/** Takes away releases of before; what somebody else put into one stays. */
export async function clearReleases(
  gone: readonly Pick<Release, 'release'>[],
  deps: Pick<SwitchDeps, 'releaseAt' | 'assertHeld'>,
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  for (const { release } of gone) {
    const bucket = deps.releaseAt(releaseFolder(release));
    const paths: string[] = [];
    await bucket.list(({ path }) => paths.push(path), { signal });
    deps.assertHeld();
    if (paths.length > 0) deleted += await bucket.delete(paths, { signal });
  }
  return deleted;
}

/**
 * Puts what an artifact has under a prefix of its own, then moves one key to it: what is served is one release or the
 * other, whole. A release that is there already is not put again, so going back to one is the move of the key alone.
 * @throws LandfallError DEPLOY_FAILED, DEPLOY_UNAVAILABLE, STORE_CONFLICT for an older generation than was begun
 */
export async function switchSite(request: SiteRequest, deps: SwitchDeps): Promise<SwitchedRelease> {
  const { deploy, source, record, path, generation, signal } = request;
  const { objects, place, key, assertHeld } = deps;
  const wanted = siteFiles(record, path, deps.settings);
  const release = releaseOf(wanted);
  const bucket = deps.releaseAt(releaseFolder(release));
  checkFiles(wanted, deploy, bucket);
  const stored = await readManifest(objects, deploy, source, { signal });
  const before = manifestHere(stored.manifest, request, { place });
  const known = before?.releases ?? [];
  const others = known.filter((each) => each.release !== release);
  const isThere = known.some((each) => each.release === release && each.isWhole);
  const save = async (releases: readonly Release[], version: string | undefined) => {
    const identity = { ...source, deploy, place, generation };
    const manifest = { formatVersion: 1, ...identity, files: [], pending: [], releases } as const;
    return (await writeManifest(objects, manifest, { version, signal })).version;
  };
  let version = await save([{ release, isWhole: isThere }, ...others], stored.version);
  const put = isThere ? 0 : await putMissing(bucket, wanted, deps, signal);
  const whole = [{ release, isWhole: true }, ...others];
  if (!isThere) version = await save(whole, version);
  assertHeld();
  const serves = switchValue(deps.prefix, release);
  await key.move(serves, { signal });
  const result = { put, unchanged: wanted.length - put, changed: null, serves } as const;
  const gone = whole.slice(KEPT);
  if (gone.length === 0) return { ...result, deleted: 0 };
  const deleted = await clearReleases(gone, deps, signal);
  await save(whole.slice(0, KEPT), version);
  return { ...result, deleted };
}
