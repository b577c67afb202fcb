import type { Digest } from '../oci/digest.ts';
import type { Repository } from '../oci/reference.ts';
import type { FetchedManifest, RegistryReader } from '../registry/client.ts';
import type { Ref } from './ref.ts';
import type { SelectOptions } from './tag-policy.ts';

/** What a source is at, as far as resolving cares. */
export interface Current {
  readonly tag: string | null;
  readonly digest: Digest;
}

export interface ResolveRequest extends SelectOptions {
  readonly repository: Repository;
  readonly ref: Ref;
  /** Saves fetching the manifest where the registry says that nothing is new. */
  readonly current?: Current | null;
  /** The tag that is current, whatever its document said: below it nothing is to come unnoticed. */
  readonly floor?: string | null | undefined;
}

export interface ResolveDeps {
  readonly registry: Pick<RegistryReader, 'peek' | 'manifest' | 'tags'>;
  readonly signal?: AbortSignal;
}

interface Resolved {
  /** Undefined where the ref names a digest and no tag. */
  readonly tag: string | undefined;
  readonly digest: Digest;
  /** Worth logging: listed tags that were gone, a move to a lower tag. */
  readonly notes: readonly string[];
}

export type Resolution =
  | (Resolved & { readonly outcome: 'unchanged' })
  /** `manifest` is what the digest was computed from; there is none where the ref is a digest: nothing was read. */
  | (Resolved & { readonly outcome: 'resolved'; readonly manifest?: FetchedManifest });
