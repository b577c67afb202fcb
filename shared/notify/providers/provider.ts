import type * as z from 'zod';
import type { SecretLocation } from '../../credentials/credential-entry.ts';
import type { Notification } from '../notification.ts';
import type { NotifyEntry } from '../notify-entry.ts';

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
  readonly signal: AbortSignal;
}

/** One kind of place that notifications are sent to. */
export interface Provider {
  readonly type: string;
  /** Its own fields in a document. */
  readonly settings: z.ZodObject;
  /** Told of by default; absent: what everybody is. */
  readonly events?: NotifyEntry['events'];
  /** It keeps one state for each thing, so that nothing is held back from it. */
  readonly keepsState?: true;
  /**
   * Sends it; resolving means that it has been taken, or is nothing for this provider.
   * @throws LandfallError NOTIFY_UNAVAILABLE to be tried again, NOTIFY_REFUSED for good, CREDENTIAL_UNREADABLE
   */
  send(notification: Notification, settings: unknown, deps: SendDeps): Promise<void>;
}

/** Types a provider by its schema. */
export const defineProvider = <S extends z.ZodObject>(provider: {
  readonly type: string;
  readonly settings: S;
  readonly events?: NotifyEntry['events'];
  readonly keepsState?: true;
  readonly send: (notification: Notification, settings: z.output<S>, deps: SendDeps) => Promise<void>;
}): Provider => ({
  ...provider,
  send: (notification, settings, deps) => provider.send(notification, settings as z.output<S>, deps),
});
