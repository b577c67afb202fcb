import type { WebhookWithBody } from '../webhook.ts';

/** What a sender says was pushed. It says where to look, and decides nothing else. */
export interface PushHint {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Which repositories a receiver speaks for: set by its configuration, never by what is sent. */
export interface ReceiverScope {
  readonly registry: string;
  serves(repository: string): boolean;
}

/** One kind of sender. More kinds are more modules like distribution.ts, and a line in open-receiver.ts. */
export interface Receiver {
  /** Over the raw bytes, before anything is parsed. */
  authenticate(request: WebhookWithBody): boolean;
  /**
   * The pushes in a request, none where it tells of something else.
   * @throws LandfallError WEBHOOK_MALFORMED
   */
  parse(request: WebhookWithBody): readonly PushHint[];
}
