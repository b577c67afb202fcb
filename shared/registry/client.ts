import type { Readable } from 'node:stream';
import type { CallOptions } from '../kernel/call-options.ts';
import type { Limits } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Repository } from '../oci/reference.ts';

/** The exact bytes of a manifest, with the digest computed from them. */
export interface FetchedManifest {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  /** The Content-Type header as sent. */
  readonly contentType: string | undefined;
}

/** Of a call to a registry; its signal ends the body, too. */
export interface RegistryCallOptions extends CallOptions {
  /** Of the source the call is for; default: the client's own. */
  readonly limits?: Pick<Limits, 'manifestBytes' | 'tagPages'>;
}

/** What Landfall reads from a registry. Every method throws LandfallError. */
export interface RegistryReader {
  /**
   * One HEAD: the digest the registry claims a tag has, or undefined where it does not say or does not do HEAD (once
   * known, without a request). A hint, never proof: good enough to see that nothing is new, never to decide what is.
   * @throws TAG_NOT_FOUND, REPOSITORY_NOT_FOUND, …
   */
  peek(repository: Repository, tag: string, options?: RegistryCallOptions): Promise<Digest | undefined>;
  /** Fetches by tag or digest, at most `limits.manifestBytes`; by digest, the bytes are checked against it. */
  manifest(
    repository: Repository,
    reference: string | Digest,
    options?: RegistryCallOptions,
  ): Promise<FetchedManifest>;
  /**
   * The blob's bytes as they come: unproven. The reader hashes and counts them (see verifyContent), so that it is
   * done once. Destroying the stream ends the call.
   */
  blob(repository: Repository, descriptor: Descriptor, options?: RegistryCallOptions): Promise<Readable>;
  /** Every tag, over all pages, in the registry's order. */
  tags(repository: Repository, options?: RegistryCallOptions): Promise<readonly string[]>;
  /** Manifests whose subject is `digest`, by the referrers API or the fallback tag. */
  referrers(
    repository: Repository,
    digest: Digest,
    options?: RegistryCallOptions,
  ): Promise<readonly Descriptor[]>;
}

/** Bytes, or how to open them: once for each try, so that none has to be held in memory for the next. */
export type BlobContent = Uint8Array | (() => Readable);

export interface PushBlobOptions extends RegistryCallOptions {
  /** A repository of the same registry that may have the blob: then nothing is sent. */
  readonly mountFrom?: Repository;
  /** How many bytes of a stream were taken for sending; from the start again where it is tried again. */
  readonly onSent?: (sent: number) => void;
}

/** What the registry did with a manifest. */
export interface PushedManifest {
  /** It lists the manifest as a referrer of its subject; where not, whoever pushes keeps the list (listReferrer). */
  readonly isListed: boolean;
}

/** What `push` needs besides. */
export interface RegistryWriter {
  hasBlob(repository: Repository, digest: Digest, options?: RegistryCallOptions): Promise<boolean>;
  pushBlob(
    repository: Repository,
    descriptor: Descriptor,
    content: BlobContent,
    options?: PushBlobOptions,
  ): Promise<'sent' | 'mounted'>;
  /** `reference` is the tag, or the digest for an untagged manifest. */
  pushManifest(
    repository: Repository,
    reference: string,
    mediaType: string,
    bytes: Uint8Array,
    options?: RegistryCallOptions,
  ): Promise<PushedManifest>;
}

/** Where a credential is, already looked up. */
export type Credential =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity-token'; readonly token: string; readonly username?: string }
  | { readonly kind: 'registry-token'; readonly token: string };

/** How a registry is reached. */
export interface Transport {
  readonly plainHttp: boolean;
  readonly insecureSkipTlsVerify: boolean;
  /** The registry is one's own: it may be on a loopback, private or link-local address. plainHttp implies it. */
  readonly local: boolean;
  /** PEM texts, already read. A CA given replaces the system's. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Requests to the registry at the same time, and in a minute, of this whole process; else pace-rule.ts says. */
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
  /** Origin of the token service that may be sent the credential, though it is neither the registry's host nor beside it. */
  readonly tokenService?: string;
}

export const DEFAULT_TRANSPORT: Transport = { plainHttp: false, insecureSkipTlsVerify: false, local: false };

/** Which credential and transport a repository gets. Implemented by shared/credentials. */
export interface Access {
  readonly credential: Credential;
  /** What the credential is and where it was written, without any of it: `username and password of x.yaml:8:5`. */
  readonly given?: string;
  /** What could not be read and was gone on without; it holds no secret. */
  readonly passedOver?: readonly string[];
  readonly transport: Transport;
}

export interface AccessResolver {
  access(repository: Repository): Promise<Access>;
}
