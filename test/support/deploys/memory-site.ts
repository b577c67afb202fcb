import { hash } from 'node:crypto';
import type { SiteBucket, SiteHeaders } from '../../../shared/deploy/kit/site-bucket.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { throwIfCancelled } from '../../../shared/kernel/cancelled.ts';

export interface SiteObject {
  readonly text: string;
  /** Undefined: somebody else put it, by hand. */
  readonly headers: SiteHeaders | undefined;
  /** The deploy that put it. */
  readonly owner?: string;
}

/** What a site does to its bucket: `put a.css`, `delete a.css b.css`. */
export interface MemorySite extends SiteBucket {
  readonly objects: Map<string, SiteObject>;
  readonly calls: string[];
  /** Runs before each call; what it throws, the call throws. */
  before: (call: string) => void | Promise<void>;
}

export interface MemorySiteOptions {
  readonly pathBytes?: number | undefined;
  /** Of another deploy that has the same place. */
  readonly objects?: Map<string, SiteObject>;
  readonly owner?: string;
}

/** A site's bucket in memory. `files` are those of the artifact, by path. */
export function openMemorySite(
  files: () => Readonly<Record<string, string>>,
  { pathBytes = 1024, objects = new Map(), owner = 'live' }: MemorySiteOptions = {},
): MemorySite {
  const calls: string[] = [];
  const versionOf = ({ text }: SiteObject): string => hash('sha256', text).slice(0, 8);
  const meet = async (call: string): Promise<void> => {
    await site.before(call);
    calls.push(call);
  };
  const site: MemorySite = {
    ...{ objects, calls, pathBytes, place: 'memory://site', before: () => undefined },
    list: async (found, { signal } = {}) => {
      throwIfCancelled('list', signal);
      await meet('list');
      for (const [path, object] of objects) found({ path, version: versionOf(object) });
    },
    copy: async ({ path, from, sha256, headers }, { signal } = {}) => {
      throwIfCancelled(`put ${path}`, signal);
      await meet(`put ${path}`);
      const text = files()[from];
      if (text === undefined) throw new LandfallError('ARTIFACT_NOT_FOUND', `${from} is not there`);
      if (hash('sha256', text) !== sha256)
        throw new LandfallError('STORE_CORRUPT', `${from} is not as listed`);
      const object = { text, headers, owner };
      objects.set(path, object);
      return versionOf(object);
    },
    delete: async (paths, { signal } = {}) => {
      throwIfCancelled('delete', signal);
      await meet(`delete ${paths.join(' ')}`);
      const ours = paths.filter((path) => !objects.has(path) || objects.get(path)?.owner === owner);
      for (const path of ours) objects.delete(path);
      return ours.length;
    },
  };
  return site;
}
