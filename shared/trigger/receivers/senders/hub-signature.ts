import { createHmac } from 'node:crypto';

/** Lower-case hex of the HMAC-SHA256 over a body. */
export const hubSignature = (body: string, secret: string): string =>
  createHmac('sha256', secret).update(body).digest('hex');
