import { hash, timingSafeEqual } from 'node:crypto';

/** What the endpoint's construct sets, where webhooks come by CloudFront. */
export const ORIGIN_VARIABLE = 'LANDFALL_ORIGIN_SECRET';
/** What CloudFront shows. */
export const ORIGIN_HEADER = 'x-landfall-origin';

const digest = (text: string): Buffer => hash('sha256', text, 'buffer');

/** Whether a request came the way it should, past the web ACL: any way, where nothing is set. */
export function cameThroughOrigin(
  headers: Readonly<Record<string, string | undefined>>,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const wanted = env[ORIGIN_VARIABLE];
  if (wanted === undefined) return true;
  return timingSafeEqual(digest(headers[ORIGIN_HEADER] ?? ''), digest(wanted));
}
