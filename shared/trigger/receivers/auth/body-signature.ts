import { createHmac } from 'node:crypto';
import { equalsInConstantTime } from './constant-time.ts';

/** Lower-case hex of the HMAC-SHA256, as most senders write it. Compared with what was given, in constant time. */
export function isHexSignature(
  given: string | undefined,
  {
    body,
    secret,
    prefix = '',
  }: { readonly body: Uint8Array; readonly secret: string; readonly prefix?: string },
): boolean {
  if (given === undefined) return false;
  return equalsInConstantTime(given, prefix + createHmac('sha256', secret).update(body).digest('hex'));
}
