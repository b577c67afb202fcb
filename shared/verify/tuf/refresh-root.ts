import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Updater } from 'tuf-js';
import { isObject, parseJson } from '../../kernel/json.ts';
import { TRUSTED_ROOT_BYTES } from '../../limits.ts';
import type { ProxyEnv } from '../../registry/http/proxy.ts';
import type { TufLocation } from '../policy/policy.ts';
import type { KeptRoot, TufMetadata } from './kept-root.ts';
import { tufFetcher } from './tuf-fetcher.ts';

const TARGET = 'trusted_root.json';
const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const;

interface RefreshOptions {
  readonly env: ProxyEnv;
  readonly signal: AbortSignal;
  readonly now: Date;
}

/** @see https://theupdateframework.github.io/specification/latest/#file-formats */
function expiryOf(text: string): string {
  const parsed = parseJson(text);
  const signed = parsed.ok && isObject(parsed.value) ? parsed.value['signed'] : undefined;
  const expires = isObject(signed) ? signed['expires'] : undefined;
  return new Date(typeof expires === 'string' ? expires : Number.NaN).toISOString();
}

const readRole = (folder: string, role: string): Promise<string> =>
  readFile(join(folder, `${role}.json`), 'utf8');

async function readMetadata(folder: string): Promise<TufMetadata> {
  const [root, timestamp, snapshot, targets] = await Promise.all([
    readRole(folder, 'root'),
    readRole(folder, 'timestamp'),
    readRole(folder, 'snapshot'),
    readRole(folder, 'targets'),
  ]);
  return { root, timestamp, snapshot, targets };
}

async function update(
  folder: string,
  { tuf: mirror, local = false }: TufLocation,
  { env, signal, now }: RefreshOptions,
): Promise<KeptRoot> {
  const updater = new Updater({
    metadataDir: folder,
    metadataBaseUrl: mirror,
    targetDir: folder,
    targetBaseUrl: `${mirror}/targets`,
    fetcher: tufFetcher({ env, local, signal }, folder),
  });
  // It refreshes all metadata first.
  const target = await updater.getTargetInfo(TARGET);
  if (target === undefined) throw new Error(`it has no ${TARGET}`);
  if (target.length > TRUSTED_ROOT_BYTES)
    throw new Error(`its ${TARGET} is ${target.length} bytes, wanted at most ${TRUSTED_ROOT_BYTES}`);
  const file = join(folder, 'targets', TARGET);
  const cached = await updater.findCachedTarget(target, file);
  const text = await readFile(cached ?? (await updater.downloadTarget(target, file)), 'utf8');
  const metadata = await readMetadata(folder);
  const [until = ''] = Object.values(metadata).map(expiryOf).toSorted();
  return { formatVersion: 1, mirror, refreshedAt: now.toISOString(), until, metadata, text };
}

/**
 * Asks a mirror of TUF for its trusted root. Older versions, foreign signatures and what ran out are refused by `tuf-js`, which
 * works on a folder: it is given one, with what was known before.
 * @param first the root.json that is trusted to begin with
 * @throws whatever stands against it
 */
export async function refreshRoot(
  location: TufLocation,
  { first, before }: { readonly first: string; readonly before: KeptRoot | undefined },
  options: RefreshOptions,
): Promise<KeptRoot> {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-tuf-'));
  try {
    await mkdir(join(folder, 'targets'));
    await writeFile(join(folder, 'root.json'), first);
    if (before !== undefined) {
      const { metadata, text } = before;
      for (const role of ROLES) await writeFile(join(folder, `${role}.json`), metadata[role]);
      await writeFile(join(folder, 'targets', TARGET), text);
    }
    return await update(folder, location, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}
