import { knownSecrets } from '../credentials/known-secrets.ts';
import { LandfallError, messageOf } from '../errors.ts';
import { startDeadline } from '../kernel/deadline.ts';
import { readAtMost } from '../kernel/read-bytes.ts';
import { ERROR_BODY_BYTES, NOTIFY_TIMEOUT_MS } from '../limits.ts';
import type { HttpAnswer, HttpRequest } from './providers/provider.ts';

const unreached = (url: URL | null, why: string, cause?: unknown): LandfallError =>
  new LandfallError('NOTIFY_UNAVAILABLE', `${url?.host ?? 'the provider'} cannot be reached: ${why}`, {
    cause,
  });

function addressOf(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new LandfallError('NOTIFY_REFUSED', 'the address of the provider is no http:// or https:// URL', {
    hint: 'Correct it where the entry says that it is; it is not shown, as it may be a secret.',
  });
}

/**
 * Sends one request, and reads the beginning of its answer. No redirect is followed, and no path or query is in what
 * is thrown: in most addresses of providers it is the secret.
 * @throws LandfallError NOTIFY_UNAVAILABLE where nobody answers in time, NOTIFY_REFUSED where the address is none
 */
export async function sendHttp(
  { method = 'POST', url, headers = {}, body }: HttpRequest,
  signal: AbortSignal,
  timeoutMs = NOTIFY_TIMEOUT_MS,
): Promise<HttpAnswer> {
  const address = addressOf(url);
  const late = (): Error => new Error(`no answer in ${timeoutMs} ms`);
  using deadline = startDeadline(timeoutMs, late, { signal });
  try {
    const { request } = await import('./notify-http-client.ts');
    const answer = await request(address, {
      method,
      headers: { ...headers },
      signal: deadline.signal,
      ...(body !== undefined && { body }),
    });
    const { bytes } = await readAtMost(answer.body, ERROR_BODY_BYTES);
    const named = Object.entries(answer.headers).map(
      ([name, value]) => [name, Array.isArray(value) ? value[0] : value] as const,
    );
    return { status: answer.statusCode, headers: Object.fromEntries(named), body: bytes.toString('utf8') };
  } catch (cause) {
    const why = messageOf(cause);
    throw unreached(
      address,
      knownSecrets.mask(why).replaceAll(address.pathname + address.search, '/…'),
      cause,
    );
  }
}
