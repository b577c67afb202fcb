import { hash } from 'node:crypto';
import type { SiteDeps, SiteResult } from '../../../shared/deploy/site/site-deployer.ts';
import { deploySite } from '../../../shared/deploy/site/site-deployer.ts';
import { readManifest, type SiteManifest } from '../../../shared/deploy/site/site-manifest.ts';
import type { ArtifactRecord } from '../../../shared/model/artifact-record.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';
import { openMemoryStore } from '../../../shared/store/memory/memory-store.ts';
import type { ObjectStore } from '../../../shared/store/object-store.ts';
import { type MemorySite, openMemorySite } from '../../support/deploys/memory-site.ts';
import { type Files, ID, ManualClock } from '../../support/stores/memory-sources.ts';

const DIGEST = parseDigest(`sha256:${'0'.repeat(64)}`);

export const recordOf = (files: Files): ArtifactRecord => ({
  ...{ formatVersion: 1, digest: DIGEST, manifest: DIGEST, contentDigest: DIGEST, variant: 'default' },
  ...{ mediaType: 'm', artifactType: null, annotations: {}, size: 0, layers: [], links: [] },
  files: Object.entries(files).map(([path, text]) => ({
    ...{ path, size: text.length, sha256: hash('sha256', text), mode: 0o644 },
  })),
});

export interface SiteWorld {
  readonly site: MemorySite;
  readonly objects: ObjectStore;
  /** Deploys the next generation, or this one. */
  deploy(files: Files, options?: SiteOptions): Promise<SiteResult>;
  /** What is served: paths and texts. */
  served(): Files;
  manifest(): Promise<SiteManifest | undefined>;
  /** What was done to the bucket since the last time, looking apart. */
  done(): readonly string[];
}

export interface SiteOptions {
  readonly path?: string;
  readonly generation?: number;
  readonly signal?: AbortSignal;
  readonly deps?: Partial<SiteDeps>;
}

export function openSiteWorld(pathBytes?: number): SiteWorld {
  let artifact: Files = {};
  let latest = 0;
  const { objects } = openMemoryStore(new ManualClock());
  const site = openMemorySite(() => artifact, { pathBytes });
  const settings = { immutable: ['assets/**'], cacheControl: 'no-cache' };
  return {
    ...{ site, objects },
    deploy: (files, { path, generation = latest + 1, signal = new AbortController().signal, deps } = {}) => {
      artifact = files;
      latest = Math.max(latest, generation);
      const request = { deploy: 'live', source: ID, record: recordOf(files), path, generation, signal };
      return deploySite(request, { site, settings, objects, assertHeld: () => undefined, ...deps });
    },
    served: () => Object.fromEntries([...site.objects].map(([path, { text }]) => [path, text])),
    manifest: async () => (await readManifest(objects, 'live', ID)).manifest,
    done: () => site.calls.splice(0).filter((call) => call !== 'list'),
  };
}
