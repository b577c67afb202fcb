import { createHmac } from 'node:crypto';
import type { Clock } from '../../../clock.ts';
import { LandfallError } from '../../../errors.ts';
import { WEBHOOK_SIGNATURES, WEBHOOK_TOLERANCE_MS } from '../../../limits.ts';
import { onlyHeader, type WebhookWithBody } from '../../webhook.ts';
import { equalsInConstantTime } from './constant-time.ts';

const SECRET_PREFIX = 'whsec_';

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

/**
 * Whether a request is signed with a secret: HMAC-SHA256 over id, timestamp and body.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @throws LandfallError CONFIG_INVALID at once, where the secret is no key
 */
export function standardSignature(
  secret: string,
  clock: Pick<Clock, 'now'>,
): (request: WebhookWithBody) => boolean {
  const key = keyOf(secret);
  return (request) => {
    const id = onlyHeader(request, 'webhook-id');
    const timestamp = onlyHeader(request, 'webhook-timestamp');
    const signatures = onlyHeader(request, 'webhook-signature')?.split(' ', WEBHOOK_SIGNATURES);
    if (id === undefined || id === '' || timestamp === undefined || signatures === undefined) return false;
    const wanted = sign({ id, timestamp, body: request.body }, key);
    const isAuthentic = signatures.filter((given) => equalsInConstantTime(given, wanted)).length > 0;
    return isAuthentic && isInTime(timestamp, clock.now());
  };
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
