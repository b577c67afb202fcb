import { createHmac } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import { WEBHOOK_TOLERANCE_MS } from '../../limits.ts';
import { onlyHeader, type WebhookWithBody } from '../webhook.ts';
import { equalsInConstantTime } from './constant-time.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';
import { parseWebhookJson } from './webhook-json.ts';

/** Signatures looked at in one header: enough to rotate a key, too few to be worth sending many. */
const MAX_SIGNATURES = 8;
const SECRET_PREFIX = 'whsec_';

/** `host` is part of the form, and never used: the receiver is bound to its registry. */
const push = z.object({
  repository: z.string().check(z.minLength(1)),
  tag: z.nullish(z.string()),
  digest: z.nullish(z.string()),
  host: z.nullish(z.string()),
});

/**
 * Standard Webhooks writes keys as `whsec_<base64>`; any other secret is its own bytes.
 * @throws LandfallError CONFIG_INVALID: what decodes to nothing would be a key that everybody has
 */
function keyOf(secret: string): Uint8Array {
  if (!secret.startsWith(SECRET_PREFIX)) return Buffer.from(secret, 'utf8');
  const text = secret.slice(SECRET_PREFIX.length);
  if (/^[A-Za-z0-9+/]{4,}={0,2}$/.test(text)) return Buffer.from(text, 'base64');
  throw new LandfallError(
    'CONFIG_INVALID',
    `a webhook secret begins with ${SECRET_PREFIX} but does not go on in base64`,
    {
      hint: `Make one with: echo ${SECRET_PREFIX}$(openssl rand -base64 32)`,
    },
  );
}

function sign(
  { id, timestamp, body }: { readonly id: string; readonly timestamp: string; readonly body: Uint8Array },
  key: Uint8Array,
): string {
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body);
  return `v1,${mac.digest('base64')}`;
}

function isInTime(timestamp: string, now: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(Number(timestamp) * 1000 - now) <= WEBHOOK_TOLERANCE_MS;
}

function isSigned(request: WebhookWithBody, key: Uint8Array, clock: Clock): boolean {
  const id = onlyHeader(request, 'webhook-id');
  const timestamp = onlyHeader(request, 'webhook-timestamp');
  const signatures = onlyHeader(request, 'webhook-signature')?.split(' ', MAX_SIGNATURES);
  if (id === undefined || id === '' || timestamp === undefined || signatures === undefined) return false;
  const wanted = sign({ id, timestamp, body: request.body }, key);
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

/** A signed delivery's headers, for those who send one. `timestamp` is in seconds since the epoch. */
export function signedHeaders(
  delivery: { readonly id: string; readonly timestamp: number; readonly body: Uint8Array },
  secret: string,
): Readonly<Record<string, string>> {
  const timestamp = String(delivery.timestamp);
  return {
    'webhook-id': delivery.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': sign({ ...delivery, timestamp }, keyOf(secret)),
  };
}

/**
 * Anything that can sign: a CI job, a script, a gateway. HMAC-SHA256 over id, timestamp and body.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function genericReceiver({ secret, clock }: ReceiverOptions): Receiver {
  const key = keyOf(secret);
  return { authenticate: (request) => isSigned(request, key, clock), parse };
}
