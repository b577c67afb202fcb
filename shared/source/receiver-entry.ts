import type { SecretLocation } from '../credentials/credential-entry.ts';

/** Senders that need nothing but a secret. */
export const PLAIN_RECEIVER_TYPES = [
  'acr',
  'acr-event-grid',
  'distribution',
  'docker-hub',
  'forgejo',
  'generic',
  'ghcr',
  'gitea',
  'harbor',
  'quay',
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

/** What each type has beside what all have. */
export type OwnReceiverOptions = Readonly<Record<PlainType, unknown>>;

export type ReceiverType = keyof OwnReceiverOptions;

/** A webhook endpoint bound to a registry. */
export type ReceiverEntry<T extends ReceiverType = ReceiverType> = {
  readonly [K in T]: Bound & { readonly type: K } & OwnReceiverOptions[K];
}[T];
