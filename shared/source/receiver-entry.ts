import type { SecretLocation } from '../credentials/credential-entry.ts';

/** Senders that need nothing but a secret. */
export const PLAIN_RECEIVER_TYPES = [
  'acr',
  'cloudevents',
  'distribution',
  'docker-hub',
  'forgejo',
  'generic',
  'ghcr',
  'gitea',
  'harbor',
  'nexus',
  'quay',
  'zot',
] as const;
type PlainType = (typeof PLAIN_RECEIVER_TYPES)[number];

interface Bound {
  readonly name: string;
  readonly registry: string;
  /** Other names of the same registry in the urls of sources. */
  readonly hosts?: readonly string[];
  /** Globs; absent means every repository of the registry. */
  readonly repositories?: readonly string[];
  /** The first components of a repository as the sender says them, and as sources do; '' drops them. */
  readonly aliases?: Readonly<Record<string, string>>;
  readonly secret: SecretLocation;
}

/** Google's tokens are for an audience, and of the service account that a subscription pushes as. */
interface GarOptions {
  readonly audience: string;
  readonly serviceAccount: string;
}

interface OidcOptions {
  /** An https URL. */
  readonly issuer: string;
  readonly audience: string;
  /** Globs over the claims that a token must have. */
  readonly claims: Readonly<Record<string, string>>;
  /** The issuer is in a network of one's own. */
  readonly local?: boolean;
}

export interface JfrogOptions {
  /** The secret signs, and is not sent. */
  readonly signed?: boolean;
}

/** Event Grid's tokens are of a tenant, for an application of yours, and of Event Grid or an identity of yours. */
export interface EntraOptions {
  readonly tenant: string;
  readonly audience: string;
  /** Absent: Event Grid's own. */
  readonly application?: string;
}

/** What each type has beside what all have. */
type OwnReceiverOptions = Readonly<Record<PlainType, unknown>> & {
  readonly 'acr-event-grid': { readonly entra?: EntraOptions };
  readonly gar: GarOptions;
  readonly jfrog: JfrogOptions;
  readonly oidc: OidcOptions;
};

export type ReceiverType = keyof OwnReceiverOptions;

/** A webhook endpoint bound to a registry. */
export type ReceiverEntry<T extends ReceiverType = ReceiverType> = {
  readonly [K in T]: Bound & { readonly type: K } & OwnReceiverOptions[K];
}[T];
