import type * as z from 'zod';
import type { SecretLocation } from '../../credentials/credential-entry.ts';
import type { Notification } from '../notification.ts';

/** A request of a provider, as it is sent. No redirect of its answer is followed: the address is the operator's. */
export interface HttpRequest {
  readonly method?: 'POST' | 'PUT' | 'GET';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The beginning of it. */
  readonly body: string;
}

/** What a provider works with. */
export interface SendDeps {
  /** @throws LandfallError CREDENTIAL_UNREADABLE */
  readonly secret: (where: SecretLocation | string) => Promise<string>;
  /** @throws LandfallError NOTIFY_UNAVAILABLE where nobody answers */
  readonly http: (request: HttpRequest) => Promise<HttpAnswer>;
  /** Publishes to a topic of SNS. @throws LandfallError NOTIFY_UNAVAILABLE, NOTIFY_REFUSED */
  readonly publish: (message: {
    readonly topic: string;
    readonly subject: string;
    readonly text: string;
  }) => Promise<void>;
  /**
   * Says where secrets that were read for this go to, before they do: `smtps://HOST:PORT`. `http` says so itself.
   * @throws LandfallError SECRET_DENIED where one of them may not
   */
  readonly goesTo: (place: string) => void;
  readonly signal: AbortSignal;
}

/**
 * One kind of place that notifications are sent to. Plain, and beside its schema: whoever only reads documents then has
 * the schema alone in its bundle.
 */
export interface Provider<Settings extends z.ZodObject = z.ZodObject> {
  readonly type: string;
  /**
   * Sends it; resolving means that it has been taken, or is nothing for this provider.
   * @throws LandfallError NOTIFY_UNAVAILABLE to be tried again, NOTIFY_REFUSED for good, CREDENTIAL_UNREADABLE
   */
  readonly send: (notification: Notification, settings: z.output<Settings>, deps: SendDeps) => Promise<void>;
}
