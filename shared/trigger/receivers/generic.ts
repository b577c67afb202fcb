import * as z from 'zod/mini';
import { LandfallError } from '../../errors.ts';
import type { WebhookWithBody } from '../webhook.ts';
import { standardSignature } from './auth/standard-webhook.ts';
import { parseWebhookJson } from './hints/webhook-json.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';

/** `host` is part of the form, and never used: the receiver is bound to its registry. */
const push = z.object({
  repository: z.string().check(z.minLength(1)),
  tag: z.nullish(z.string()),
  digest: z.nullish(z.string()),
  host: z.nullish(z.string()),
});

/** A body that says of one push where it was. @throws LandfallError WEBHOOK_MALFORMED */
export function parseGenericPush({ body }: WebhookWithBody): readonly PushHint[] {
  const { data } = push.safeParse(parseWebhookJson(body));
  if (data === undefined) {
    throw new LandfallError(
      'WEBHOOK_MALFORMED',
      'a webhook is not {"repository": "…", "tag"?: "…", "digest"?: "…"}',
    );
  }
  const { repository, tag, digest } = data;
  return [
    { repository, ...(typeof tag === 'string' && { tag }), ...(typeof digest === 'string' && { digest }) },
  ];
}

/**
 * Anything that can sign: a CI job, a script, a gateway. HMAC-SHA256 over id, timestamp and body.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const genericReceiver = ({ secret, clock }: ReceiverOptions): Receiver => ({
  authenticate: standardSignature(secret, clock),
  parse: parseGenericPush,
});
