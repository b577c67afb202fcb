import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import { WEBHOOK_TOLERANCE_MS } from '../../limits.ts';
import { onlyHeader, type WebhookWithBody } from '../webhook.ts';
import { equalsInConstantTime } from './constant-time.ts';
import type { PushHint, Receiver } from './receiver.ts';
import { parseWebhookJson } from './webhook-json.ts';

/** Signatures looked at in one header: enough to rotate a key, too few to be worth sending many. */
const MAX_SIGNATURES = 8;
const SECRET_PREFIX = 'whsec_';

/** `host` is part of the form, and never used: the receiver is bound to its registry. */
const push = z.object({
  repository: z.string().min(1),
  tag: z.string().nullish(),
  digest: z.string().nullish(),
  host: z.string().nullish(),
});

/** Standard Webhooks writes keys as `whsec_<base64>`; any other secret is its own bytes. */
const keyOf = (secret: string): Uint8Array =>
  secret.startsWith(SECRET_PREFIX)
    ? Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
    : Buffer.from(secret, 'utf8');

/** The value of a `v1` signature over a delivery. `timestamp` is in seconds since the epoch. */
export function signWebhook(
  { id, timestamp, body }: { readonly id: string; readonly timestamp: string; readonly body: Uint8Array },
  secret: string,
): string {
  const mac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body);
  return `v1,${mac.digest('base64')}`;
}

function isInTime(timestamp: string, now: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(Number(timestamp) * 1000 - now) <= WEBHOOK_TOLERANCE_MS;
}

function isSigned(request: WebhookWithBody, secret: string, clock: Clock): boolean {
  const id = onlyHeader(request, 'webhook-id');
  const timestamp = onlyHeader(request, 'webhook-timestamp');
  const signatures = onlyHeader(request, 'webhook-signature')?.split(' ', MAX_SIGNATURES);
  if (id === undefined || id === '' || timestamp === undefined || signatures === undefined) return false;
  const wanted = signWebhook({ id, timestamp, body: request.body }, secret);
  const isAuthentic = signatures.filter((given) => equalsInConstantTime(given, wanted)).length > 0;
  return isAuthentic && isInTime(timestamp, clock.now());
}

function parse({ body }: WebhookWithBody): readonly PushHint[] {
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
export const genericReceiver = (secret: string, clock: Clock): Receiver => ({
  authenticate: (request) => isSigned(request, secret, clock),
  parse,
});
