import type { Readable } from 'node:stream';
import { openStore } from '../local/store/open-store.ts';
import type { CallOptions } from '../shared/kernel/call-options.ts';
import type { ArtifactRecord } from '../shared/model/artifact-record.ts';
import type { ArtifactId, SourceId } from '../shared/model/ids.ts';
import type { Status } from '../shared/model/status.ts';
import { listSources, readStatus } from '../shared/store/status-store.ts';

/** Reads a store, and changes nothing in it. */
export interface StoreReader extends AsyncDisposable {
  sources(options?: CallOptions): AsyncIterable<SourceId>;
  /** Undefined: no such source has been looked at. @throws LandfallError STORE_CORRUPT, STORE_VERSION */
  status(source: SourceId, options?: CallOptions): Promise<Status | undefined>;
  artifacts(options?: CallOptions): AsyncIterable<ArtifactId>;
  /** Undefined: there is no such artifact. */
  record(artifact: ArtifactId, options?: CallOptions): Promise<ArtifactRecord | undefined>;
  /** One file of an artifact. @throws LandfallError ARTIFACT_NOT_FOUND */
  open(artifact: ArtifactId, path: string, options?: CallOptions): Promise<Readable>;
}

/**
 * Opens a store that is there, to read it.
 * @param where a folder, or `s3://bucket[/prefix]`
 * @throws LandfallError USAGE where it is none, STORE_UNAVAILABLE, STORE_DENIED
 */
export async function readStore(where: string): Promise<StoreReader> {
  const store = await openStore(where);
  const { objects, artifacts } = store;
  return {
    sources: (options) => listSources(objects, options),
    status: async (source, options) => (await readStatus(objects, source, options))?.status,
    artifacts: (options) => artifacts.list(options),
    record: (artifact, options) => artifacts.record(artifact, options),
    open: (artifact, path, options) => artifacts.open(artifact, path, options),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
