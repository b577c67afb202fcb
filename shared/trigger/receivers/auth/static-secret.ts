import { onlyHeader, type Webhook } from '../../webhook.ts';
import { equalsInConstantTime } from './constant-time.ts';

/** What stands after `Bearer` in `Authorization`. */
export function bearerTokenOf(request: Webhook): string | undefined {
  const [, token] = /^bearer +(.*)$/i.exec(onlyHeader(request, 'authorization') ?? '') ?? [];
  return token;
}

/** `Authorization: Bearer <secret>`. */
export function isBearer(request: Webhook, secret: string): boolean {
  const token = bearerTokenOf(request);
  return token !== undefined && equalsInConstantTime(token, secret);
}

/** A header that is the secret and nothing else. */
export function isInHeader(request: Webhook, header: string, secret: string): boolean {
  const value = onlyHeader(request, header);
  return value !== undefined && equalsInConstantTime(value, secret);
}

/** `Authorization` with the secret, where users write the whole value: as it is, or after `Bearer`. */
export const isAuthorization = (request: Webhook, secret: string): boolean =>
  isBearer(request, secret) || isInHeader(request, 'authorization', secret);
