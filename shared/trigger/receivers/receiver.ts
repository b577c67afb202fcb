import type { Clock } from '../../clock.ts';
import type { ReceiverEntry, ReceiverType } from '../../source/receiver-entry.ts';
import type { KeySource } from '../jwt/key-source.ts';
import type { WebhookAnswer, WebhookWithBody } from '../webhook.ts';

/** What a sender says was pushed. It says where to look, and decides nothing else. */
export interface PushHint {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Which repositories a receiver speaks for: set by its configuration, never by what is sent. */
export interface ReceiverScope {
  /** The registry, under each name that sources may call it by. */
  readonly registries: readonly string[];
  /** What sources may call a repository that the sender names so, itself included; absent: itself alone. */
  namesOf?(repository: string): readonly string[];
  serves(repository: string): boolean;
}

/** What of a configured receiver matters once its secret is read. */
export type ReceiverBinding<T extends ReceiverType = ReceiverType> = {
  readonly [K in T]: Omit<ReceiverEntry<K>, 'secret'>;
}[T];

/** What a receiver is opened with. */
export interface ReceiverDeps {
  /** As it was read; never empty. */
  readonly secret: string;
  readonly clock: Clock;
  /** Of those who sign tokens. */
  readonly keys: KeySource;
}

export interface ReceiverOptions<T extends ReceiverType = ReceiverType> extends ReceiverDeps {
  readonly entry: ReceiverBinding<T>;
}

/** One kind of sender. More kinds are more modules like distribution.ts, and a line in open-receiver.ts. */
export interface Receiver {
  /** What it is called with. Absent: POST alone. */
  readonly methods?: readonly string[];
  /**
   * Over the raw bytes, before anything is parsed.
   * @throws LandfallError WEBHOOK_UNAUTHENTICATED to say why it is not, in words of ours; any other where it cannot be
   * said now, such as without an issuer's keys: the sender is to try again
   */
  authenticate(request: WebhookWithBody): boolean | Promise<boolean>;
  /** What an authentic request gets that is a handshake and no push. undefined: it is none, and is parsed. */
  answer?(request: WebhookWithBody): WebhookAnswer | undefined;
  /**
   * The pushes in a request, none where it tells of something else.
   * @throws LandfallError WEBHOOK_MALFORMED
   */
  parse(request: WebhookWithBody): readonly PushHint[];
  /** What the sender says where it is wrapped, for the log of what was no push. Absent: the JSON of the body. */
  said?(request: WebhookWithBody): unknown;
}
