import { isLandfallError, LandfallError } from '../errors.ts';
import { eachOf, mapOf } from '../kernel/each-of.ts';
import { COPIED_MANIFESTS, COPY_CONCURRENCY } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, hexOf } from '../oci/digest.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import type { RegistryCallOptions, RegistryReader, RegistryWriter } from '../registry/client.ts';
import { contentNamedBy, type NamedContent } from './content-named.ts';
import { listReferrer } from './list-referrer.ts';
import { verifiedBlob } from './verified-blob.ts';

export interface CopyInput {
  readonly from: Repository;
  readonly to: Repository;
  /** Of the manifest or index in `from`. */
  readonly digest: Digest;
  /** That it gets in `to`; none: it can be had by its digest only. */
  readonly tags: readonly string[];
  /** Signatures and all else that refers to it. */
  readonly referrers: boolean;
}

export interface CopyDeps {
  readonly registry: RegistryReader & RegistryWriter;
  readonly signal?: AbortSignal;
  readonly onBlob?: (fact: CopiedBlob) => void;
  readonly onSent?: (fact: { readonly digest: Digest; readonly sent: number; readonly size: number }) => void;
}

/** What became of a blob: `exists` was there, `mounted` came from a repository beside it. */
interface CopiedBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly outcome: 'sent' | 'mounted' | 'exists';
}

export interface Copied {
  /** Of it and of its referrers, those that were there already included. */
  readonly manifests: number;
  readonly referrers: number;
  readonly blobs: Readonly<Record<CopiedBlob['outcome'], number>>;
  /** Sent to the registry. */
  readonly bytes: number;
}

/** cosign's and imgpkg's, which no list of referrers has. */
const TAGGED_REFERRERS = ['.sig', '.att', '.sbom', '.imgpkg'];

interface FetchedContent extends NamedContent {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

class Copy {
  readonly #input: CopyInput;
  readonly #deps: CopyDeps;
  readonly #options: RegistryCallOptions;
  readonly #manifests = new Set<Digest>();
  readonly #blobs = new Map<Digest, Promise<void>>();
  readonly #counts = { sent: 0, mounted: 0, exists: 0 };
  #bytes = 0;
  #referrers = 0;

  constructor(input: CopyInput, deps: CopyDeps) {
    this.#input = input;
    this.#deps = deps;
    this.#options = deps.signal ? { signal: deps.signal } : {};
  }

  async run(): Promise<Copied> {
    const { digest, to, tags, referrers } = this.#input;
    const root = await this.#fetch(digest);
    const isThere = await this.#isThere(digest);
    if (!isThere) await this.#content(root);
    else await this.#known(root);
    // A tag that arrives before its signature is refused by whoever verifies.
    if (!isThere && (referrers || tags.length === 0)) await this.#push(to, digest, root);
    if (referrers) for (const each of [...this.#manifests]) await this.#refer(each);
    for (const tag of tags) await this.#push(to, tag, root);
    const { size: manifests } = this.#manifests;
    return { manifests, referrers: this.#referrers, blobs: this.#counts, bytes: this.#bytes };
  }

  async #fetch(digest: Digest): Promise<FetchedContent> {
    this.#manifests.add(digest);
    if (this.#manifests.size > COPIED_MANIFESTS) {
      throw new LandfallError(
        'MANIFEST_TOO_LARGE',
        `${formatRepository(this.#input.from)}@${this.#input.digest} and what refers to it are over ${COPIED_MANIFESTS} manifests`,
      );
    }
    const { bytes, contentType } = await this.#deps.registry.manifest(
      this.#input.from,
      digest,
      this.#options,
    );
    return { digest, bytes, ...contentNamedBy(bytes, digest, contentType) };
  }

  /** Everything under a manifest, the innermost first. */
  async #content({ manifests, blobs }: NamedContent): Promise<void> {
    for (const child of manifests) await this.#tree(child.digest);
    const fanOut = { limit: COPY_CONCURRENCY, signal: this.#deps.signal };
    await eachOf(blobs, fanOut, (blob) => this.#blob(blob));
  }

  /** A manifest that is there has all it names: its registry saw to that. */
  async #tree(digest: Digest): Promise<void> {
    if (this.#manifests.has(digest)) return;
    const fetched = await this.#fetch(digest);
    if (await this.#isThere(digest)) return this.#known(fetched);
    await this.#content(fetched);
    await this.#push(this.#input.to, digest, fetched);
  }

  /** What is under a manifest that is there may have referrers that are not. */
  async #known({ manifests }: NamedContent): Promise<void> {
    if (!this.#input.referrers) return;
    for (const { digest } of manifests)
      if (!this.#manifests.has(digest)) await this.#known(await this.#fetch(digest));
  }

  async #isThere(digest: Digest): Promise<boolean> {
    try {
      return (await this.#deps.registry.peek(this.#input.to, digest, this.#options)) === digest;
    } catch (error) {
      if (isLandfallError(error) && error.kind === 'permanent') return false;
      throw error;
    }
  }

  #blob(blob: Descriptor): Promise<void> {
    const begun = this.#blobs.get(blob.digest) ?? this.#copyBlob(blob);
    this.#blobs.set(blob.digest, begun);
    return begun;
  }

  async #copyBlob(blob: Descriptor): Promise<void> {
    const { from, to } = this.#input;
    const { registry, onBlob, onSent } = this.#deps;
    const { digest, size } = blob;
    const isBeside = from.registry === to.registry && from.repository !== to.repository;
    const send = (): Promise<'sent' | 'mounted'> =>
      registry.pushBlob(
        to,
        blob,
        () => verifiedBlob(from, blob, { reader: registry, options: this.#options }),
        {
          ...this.#options,
          ...(isBeside && { mountFrom: from }),
          onSent: (sent) => onSent?.({ digest, sent, size }),
        },
      );
    const outcome = (await registry.hasBlob(to, digest, this.#options)) ? 'exists' : await send();
    this.#counts[outcome] += 1;
    if (outcome === 'sent') this.#bytes += size;
    onBlob?.({ digest, size, outcome });
  }

  async #push(to: Repository, reference: string, { mediaType, bytes }: FetchedContent): Promise<void> {
    await this.#deps.registry.pushManifest(to, reference, mediaType, bytes, this.#options);
  }

  /** What refers to a manifest, and what refers to that. */
  async #refer(subject: Digest): Promise<void> {
    const { registry } = this.#deps;
    const { from, to } = this.#input;
    const fresh = (await registry.referrers(from, subject, this.#options)).filter(
      ({ digest }) => !this.#manifests.has(digest),
    );
    for (const referrer of fresh) {
      const fetched = await this.#fetch(referrer.digest);
      await this.#content(fetched);
      const { mediaType, bytes } = fetched;
      const { isListed } = await registry.pushManifest(to, referrer.digest, mediaType, bytes, this.#options);
      if (!isListed) await listReferrer(to, subject, referrer, { registry, options: this.#options });
      this.#referrers += 1;
      await this.#refer(referrer.digest);
    }
    await this.#referByTag(subject);
  }

  async #referByTag(subject: Digest): Promise<void> {
    const stem = `${algorithmOf(subject)}-${hexOf(subject)}`;
    const tags = TAGGED_REFERRERS.map((ending) => `${stem}${ending}`);
    const fanOut = { limit: TAGGED_REFERRERS.length, signal: this.#deps.signal };
    const digests = await mapOf(tags, fanOut, (tag) => this.#taggedDigest(this.#input.from, tag));
    for (const [at, tag] of tags.entries()) {
      const digest = digests[at];
      if (digest === undefined) continue;
      const fetched = await this.#fetch(digest);
      await this.#requireCovered(tag, fetched);
      await this.#content(fetched);
      await this.#push(this.#input.to, tag, fetched);
      this.#referrers += 1;
    }
  }

  /** Signatures by tag are one manifest with a layer for each: what is in `to` alone would be lost. */
  async #requireCovered(tag: string, fetched: FetchedContent): Promise<void> {
    const { to } = this.#input;
    const there = await this.#taggedDigest(to, tag);
    if (there === undefined || there === fetched.digest) return;
    const { bytes, contentType } = await this.#deps.registry.manifest(to, there, this.#options);
    const brought = new Set(fetched.blobs.map(({ digest }) => digest));
    // The first is the config, which lists the layers.
    const layers = contentNamedBy(bytes, there, contentType).blobs.slice(1);
    if (layers.every(({ digest }) => brought.has(digest))) return;
    throw new LandfallError(
      'PUSH_REFUSED',
      `${formatRepository(to)}:${tag} has what ${formatRepository(this.#input.from)} has not, and would lose it`,
      { hint: 'Copy with --no-referrers, and sign there again.' },
    );
  }

  async #taggedDigest(from: Repository, tag: string): Promise<Digest | undefined> {
    const { registry } = this.#deps;
    try {
      const claimed = await registry.peek(from, tag, this.#options);
      return claimed ?? (await registry.manifest(from, tag, this.#options)).digest;
    } catch (error) {
      if (isLandfallError(error) && /^(?:TAG|REPOSITORY)_NOT_FOUND$/.test(error.code)) return undefined;
      throw error;
    }
  }
}

/**
 * Copies an artifact byte for byte, so that its digest and every signature of it stay true: blobs that are not there
 * (mounted where both repositories are in one registry), the manifests of an index, the referrers, and its tags last.
 * What was copied when it failed is taken up by the next try.
 * @throws LandfallError MANIFEST_INVALID, MANIFEST_TOO_LARGE, PUSH_REFUSED, DIGEST_MISMATCH, …
 */
export const copyArtifact = (input: CopyInput, deps: CopyDeps): Promise<Copied> =>
  new Copy(input, deps).run();
