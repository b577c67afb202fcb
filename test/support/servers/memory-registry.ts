import { Readable } from 'node:stream';
import { LandfallError } from '../../../shared/errors.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { type Digest, digestOf } from '../../../shared/oci/digest.ts';
import { OCI_EMPTY, OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { formatRepository, type Repository } from '../../../shared/oci/reference.ts';
import type {
  FetchedManifest,
  RegistryCallOptions,
  RegistryReader,
} from '../../../shared/registry/client.ts';

/** A registry of one repository, in memory, that counts what is asked of it. */
export class MemoryRegistry implements RegistryReader {
  /** `peek 1.0.0`, `manifest sha256:…`, `tags`, … in order. */
  readonly calls: string[] = [];
  /** What the list shows besides the tags that are there. */
  readonly listedInVain: string[] = [];
  /** Thrown by the call of that name, e.g. `tags` or `peek 1.0.0`. */
  readonly failures = new Map<string, LandfallError>();
  /** What peek says in place of the truth; null says nothing. */
  readonly claims = new Map<string, Digest | null>();
  readonly blobs = new Map<Digest, Uint8Array>();
  /** Listed as referring to a digest. */
  readonly referring = new Map<Digest, readonly Descriptor[]>();
  private readonly manifests = new Map<Digest, FetchedManifest>();
  private readonly byTag = new Map<string, Digest>();

  /** Pushes a manifest under a tag; without bytes, a small one that is different for each `seed`. */
  push(tag: string, seed: string | Uint8Array = tag, contentType = OCI_MANIFEST): Digest {
    const empty = { mediaType: OCI_EMPTY, digest: digestOf('{}'), size: 2 };
    const text = JSON.stringify({
      schemaVersion: 2,
      config: empty,
      layers: [],
      annotations: { seed: String(seed) },
    });
    const bytes = typeof seed === 'string' ? Buffer.from(text) : seed;
    const digest = digestOf(bytes);
    this.manifests.set(digest, { bytes, digest, contentType });
    this.byTag.set(tag, digest);
    return digest;
  }

  /** Has a tag point at a manifest that is there; false: it is not. */
  retag(tag: string, digest: Digest): boolean {
    if (!this.manifests.has(digest)) return false;
    this.byTag.set(tag, digest);
    return true;
  }

  remove(tag: string): void {
    this.byTag.delete(tag);
  }

  async peek(
    repository: Repository,
    tag: string,
    options?: RegistryCallOptions,
  ): Promise<Digest | undefined> {
    this.record(`peek ${tag}`, options);
    const claim = this.claims.get(tag);
    return claim === undefined ? this.find(repository, tag).digest : (claim ?? undefined);
  }

  async manifest(
    repository: Repository,
    reference: string,
    options?: RegistryCallOptions,
  ): Promise<FetchedManifest> {
    this.record(`manifest ${reference}`, options);
    return this.find(repository, reference);
  }

  async blob(
    repository: Repository,
    { digest }: Descriptor,
    options?: RegistryCallOptions,
  ): Promise<Readable> {
    this.record(`blob ${digest}`, options);
    const bytes = this.blobs.get(digest);
    if (bytes !== undefined) return Readable.from([bytes]);
    throw new LandfallError('BLOB_NOT_FOUND', `${formatRepository(repository)} has no blob ${digest}`);
  }

  async tags(_repository: Repository, options?: RegistryCallOptions): Promise<readonly string[]> {
    this.record('tags', options);
    return [...this.listedInVain, ...this.byTag.keys()];
  }

  async referrers(
    _repository: Repository,
    digest: Digest,
    options?: RegistryCallOptions,
  ): Promise<readonly Descriptor[]> {
    this.record(`referrers ${digest}`, options);
    return this.referring.get(digest) ?? [];
  }

  private record(call: string, options: RegistryCallOptions = {}): void {
    if (options.signal?.aborted === true) throw new LandfallError('CANCELLED', `${call} was cancelled`);
    this.calls.push(call);
    const failure = this.failures.get(call);
    if (failure !== undefined) throw failure;
  }

  private find(repository: Repository, reference: string): FetchedManifest {
    const digest = this.byTag.get(reference) ?? (reference as Digest);
    const manifest = this.manifests.get(digest);
    if (manifest !== undefined) return manifest;
    throw new LandfallError('TAG_NOT_FOUND', `${formatRepository(repository)} has no ${reference}`);
  }
}
