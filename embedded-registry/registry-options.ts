import type { Clock } from '../shared/clock.ts';
import type { RegistryAuth } from './auth/registry-auth.ts';
import type { NotificationTarget } from './notifier.ts';
import type { Quirk } from './quirk.ts';

export interface EmbeddedRegistryOptions {
  /** On 127.0.0.1. Left out or 0: any free one. */
  readonly port?: number;
  readonly auth?: RegistryAuth;
  /** PEM texts. Given, the registry speaks HTTPS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Told of every push, mount and delete. */
  readonly notifications?: readonly NotificationTarget[];
  /** Tags a page has at most; default 1,000. */
  readonly pageSize?: number;
  /** False: no referrers API, so that clients have to use the fallback tag. */
  readonly referrers?: boolean;
  /** Default `limits.manifestBytes` and `limits.layerBytes`. */
  readonly manifestBytes?: number;
  readonly blobBytes?: number;
  /** How it differs from the specification, as one of the registries in quirks/ does. */
  readonly quirk?: Quirk;
  readonly clock?: Clock;
}

export const DEFAULT_PAGE_SIZE = 1_000;
