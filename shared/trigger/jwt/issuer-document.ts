import { LandfallError } from '../../errors.ts';

/** A JSON document of an issuer, and how long it may be used. */
interface IssuerDocument {
  readonly value: unknown;
  /** undefined where it does not say. */
  readonly maxAgeMs: number | undefined;
}

/** @throws LandfallError ISSUER_UNAVAILABLE */
export type FetchIssuerDocument = (
  url: URL,
  options: { readonly local: boolean; readonly signal: AbortSignal },
) => Promise<IssuerDocument>;

/** The URL without its query is all of the network that the message tells. */
export const issuerUnavailable = (url: URL | string, why: string, cause?: unknown): LandfallError => {
  const { origin, pathname } = new URL(url);
  return new LandfallError('ISSUER_UNAVAILABLE', `${origin}${pathname}: ${why}`, { cause });
};

/** What a Cache-Control header lets a document be used for, in milliseconds. */
export function maxAgeOf(cacheControl: string | undefined): number | undefined {
  const directives = (cacheControl ?? '').toLowerCase().split(/\s*,\s*/);
  if (directives.some((directive) => /^no-(?:store|cache)\b/.test(directive.trim()))) return 0;
  const seconds = directives.flatMap(
    (directive) => /^max-age="?(\d{1,10})/.exec(directive.trim())?.[1] ?? [],
  );
  return seconds[0] === undefined ? undefined : Number(seconds[0]) * 1000;
}
