import { isLandfallError, LandfallError } from '../../errors.ts';
import { parseUtf8Json } from '../../kernel/json.ts';
import { ISSUER_DOCUMENT_BYTES } from '../../limits.ts';
import { type ReadUrlOptions, readUrl } from '../../registry/http/read-url.ts';
import { type FetchIssuerDocument, issuerUnavailable, maxAgeOf } from './issuer-document.ts';

export type HttpsDocumentsOptions = Pick<ReadUrlOptions, 'env' | 'ca' | 'lookup'>;

function unavailable(url: URL, cause: unknown, signal: AbortSignal): LandfallError {
  if (signal.aborted) return issuerUnavailable(url, 'no complete answer in time', cause);
  const { message } = cause instanceof Error ? cause : new Error(String(cause));
  if (!isLandfallError(cause)) return issuerUnavailable(url, message, cause);
  const hint = 'If the issuer is in a network of your own, set `local: true` on the receiver.';
  return new LandfallError('ISSUER_UNAVAILABLE', `${url.origin}: ${message}`, { cause, hint });
}

/** Reads documents over https alone, from addresses that may be connected to. A redirect is none: an issuer is where it says it is. */
export const httpsDocuments =
  (options: HttpsDocumentsOptions): FetchIssuerDocument =>
  async (url, { local, signal }) => {
    try {
      if (url.protocol !== 'https:') throw new Error('wanted https:');
      const wanted = {
        ...options,
        local,
        signal,
        accept: 'application/json',
        maxBytes: ISSUER_DOCUMENT_BYTES,
      };
      const { bytes, headers } = await readUrl(url, wanted);
      const parsed = parseUtf8Json(bytes);
      if (!parsed.ok) throw new Error('is not JSON');
      return { value: parsed.value, maxAgeMs: maxAgeOf(headers['cache-control']) };
    } catch (error) {
      throw unavailable(url, error, signal);
    }
  };
