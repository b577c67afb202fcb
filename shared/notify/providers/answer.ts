import { knownSecrets } from '../../credentials/known-secrets.ts';
import { LandfallError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { parseRetryAfter } from '../../registry/manners/retry-after.ts';
import type { HttpAnswer, HttpRequest, SendDeps } from './provider.ts';

/** Of an answer's body, in a message. */
const EXCERPT_CHARACTERS = 200;

/**
 * Whether an answer says "later". GitHub limits rates with a 403 that has one of two headers.
 * @see https://github.com/prometheus/alertmanager/blob/main/notify/util.go Retrier
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
const isLater = ({ status, headers }: HttpAnswer): boolean =>
  status === 408 ||
  status === 425 ||
  status === 429 ||
  status >= 500 ||
  (status === 403 && (headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0'));

/** Never the path: in most of these addresses it is the secret. */
const hostOf = (url: string): string => URL.parse(url)?.host ?? 'an address that is none';

const excerpt = (body: string): string => {
  const text = printable(knownSecrets.mask(body.trim()).slice(0, EXCERPT_CHARACTERS));
  return text === '' ? '' : `: ${text}`;
};

export const notifyRefused = (what: string, hint?: string): LandfallError =>
  new LandfallError('NOTIFY_REFUSED', what, hint === undefined ? {} : { hint });

export const notifyUnavailable = (what: string, retryAfterMs?: number): LandfallError =>
  new LandfallError('NOTIFY_UNAVAILABLE', what, retryAfterMs === undefined ? {} : { retryAfterMs });

/** What an answer other than success means. Redirects are refused: nobody but the operator says where things go. */
export function providerFailure(type: string, url: string, answer: HttpAnswer): LandfallError {
  const { status, headers, body } = answer;
  const what = `${type}: ${hostOf(url)} answered ${status}`;
  if (status >= 300 && status < 400)
    return notifyRefused(`${what}, a redirect, which is not followed`, 'Give the address that it leads to.');
  if (!isLater(answer)) return notifyRefused(`${what}${excerpt(body)}`);
  const wait = headers['retry-after'];
  return notifyUnavailable(
    `${what}${excerpt(body)}`,
    wait === undefined ? undefined : parseRetryAfter(wait, Date.now()),
  );
}

/** POSTs JSON; any 2xx is success. */
export async function postJson(
  type: string,
  request: Omit<HttpRequest, 'body'> & { readonly body: unknown },
  { http }: SendDeps,
): Promise<HttpAnswer> {
  const headers = { 'content-type': 'application/json; charset=utf-8', ...request.headers };
  const answer = await http({ method: 'POST', ...request, headers, body: JSON.stringify(request.body) });
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw providerFailure(type, request.url, answer);
}
