import { type Digest, digestOf } from '../shared/oci/digest.ts';
import { readManifest, type StoredManifest } from './stored-manifest.ts';

/** What a repository holds. A blob is visible only in the repositories it was pushed to or mounted into. */
export interface RepositoryContent {
  readonly blobs: Map<Digest, Buffer>;
  readonly manifests: Map<Digest, StoredManifest>;
  readonly tags: Map<string, Digest>;
}

/**
 * Everything the registry holds, in memory. The endpoints go through it, and so may a test that wants to plant
 * what no push would be allowed to: nothing is checked here.
 */
export class RegistryContent {
  readonly #repositories = new Map<string, RepositoryContent>();

  repository(name: string): RepositoryContent | undefined {
    return this.#repositories.get(name);
  }

  /** The repository, made where it is not there yet. */
  ensure(name: string): RepositoryContent {
    const found = this.#repositories.get(name);
    if (found !== undefined) return found;
    const made: RepositoryContent = { blobs: new Map(), manifests: new Map(), tags: new Map() };
    this.#repositories.set(name, made);
    return made;
  }

  addBlob(name: string, bytes: Uint8Array, digest: Digest = digestOf(bytes)): Digest {
    this.ensure(name).blobs.set(digest, Buffer.from(bytes));
    return digest;
  }

  addManifest(
    name: string,
    mediaType: string,
    bytes: Uint8Array,
    { tag, digest = digestOf(bytes) }: { readonly tag?: string; readonly digest?: Digest } = {},
  ): Digest {
    const repository = this.ensure(name);
    repository.manifests.set(digest, readManifest(mediaType, Buffer.from(bytes)));
    if (tag !== undefined) repository.tags.set(tag, digest);
    return digest;
  }

  /** Points `tag` at `digest`, whether or not that is there. */
  moveTag(name: string, tag: string, digest: Digest): void {
    this.ensure(name).tags.set(tag, digest);
  }
}
