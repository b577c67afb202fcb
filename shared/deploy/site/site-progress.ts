import type { CallOptions } from '../../kernel/call-options.ts';
import type { SourceId } from '../../model/ids.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import type { SiteCopy } from '../kit/site-bucket.ts';
import { type PendingFile, type SiteFile, type SiteManifest, writeManifest } from './site-manifest.ts';
import { formatHeaders, type SitePlan } from './site-plan.ts';

export interface SiteBegin {
  readonly identity: SourceId & Pick<SiteManifest, 'deploy' | 'place' | 'generation'>;
  /** The manifest as it was found, where it is of the same place. */
  readonly before: Pick<SiteManifest, 'files'> | undefined;
  readonly pending: SitePlan['pending'];
  /** Of the manifest that is replaced. */
  readonly version: string | undefined;
}

/** How far a site has come, and the manifest that says so. Each write is a compare-and-swap: only one worker gets on. */
export class SiteProgress {
  readonly #objects: ObjectStore;
  readonly #identity: SiteBegin['identity'];
  readonly #files: Map<string, SiteFile>;
  readonly #pending: Map<string, PendingFile>;
  #version: string | undefined;

  constructor(objects: ObjectStore, { identity, before, pending, version }: SiteBegin) {
    this.#objects = objects;
    this.#identity = identity;
    this.#files = new Map((before?.files ?? []).map((file) => [file.path, file]));
    this.#pending = new Map(pending.map((file) => [file.path, file]));
    this.#version = version;
  }

  /** A file is there as it is to be. */
  done({ path, sha256, headers }: SiteCopy, version: string): void {
    this.#files.set(path, { path, sha256, headers: formatHeaders(headers), version });
    this.#pending.delete(path);
  }

  /** Writes down what was put and what is about to be. @throws LandfallError STORE_CONFLICT when another worker was first */
  async save({ signal }: CallOptions = {}): Promise<void> {
    const files = [...this.#files.values()];
    const manifest = {
      formatVersion: 1,
      ...this.#identity,
      files,
      pending: [...this.#pending.values()],
    } as const;
    const { version } = await writeManifest(this.#objects, manifest, { version: this.#version, signal });
    this.#version = version;
  }

  /** Everything that is wanted is there, and what was to go is gone. */
  async finish(wanted: ReadonlySet<string>, options?: CallOptions): Promise<void> {
    for (const path of [...this.#files.keys()]) if (!wanted.has(path)) this.#files.delete(path);
    this.#pending.clear();
    await this.save(options);
  }
}
