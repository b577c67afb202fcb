import * as z from 'zod/mini';
import { type Clock, steadyNow } from '../../clock.ts';
import { ISSUER_TIMEOUT_MS } from '../../limits.ts';
import { type FetchIssuerDocument, issuerUnavailable } from './issuer-document.ts';
import type { Issuer, KeySource } from './key-source.ts';
import { parseKeySet, type VerificationKey } from './verification-key.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long keys are used before the issuer is asked again: as long as it says, within these. */
const FRESH_MS = { least: 5 * MINUTE_MS, standard: HOUR_MS, most: 24 * HOUR_MS };
/** How long they are used beyond that where the issuer cannot be asked. */
const KEPT_MS = 24 * HOUR_MS;
/** A key that is not known is asked for at most this often, whoever names one. */
const ASK_AGAIN_MS = MINUTE_MS;
/** The same where nothing is known yet: senders are waiting, and come back. */
const FIRST_AGAIN_MS = 10_000;

interface Known {
  readonly keys: readonly VerificationKey[];
  readonly readAt: number;
  readonly freshUntil: number;
}

/** What is known of one issuer. */
interface Slot {
  known?: Known;
  /** Why it could not be asked, and until when that is answer enough. */
  failure?: { readonly error: unknown; readonly until: number };
  flight?: Promise<Known>;
}

export interface IssuerKeysDeps {
  readonly fetchDocument: FetchIssuerDocument;
  readonly clock: Pick<Clock, 'now' | 'steady'>;
}

const discovery = z.object({ issuer: z.string(), jwks_uri: z.string() });

/**
 * The URL of the keys, from where the issuer says it is.
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation
 */
function keysUrl(document: unknown, issuer: Issuer): URL {
  const { data } = discovery.safeParse(document);
  if (data === undefined)
    throw issuerUnavailable(issuer.url, 'its discovery document has no issuer and jwks_uri');
  if (data.issuer !== issuer.url) {
    throw issuerUnavailable(issuer.url, 'its discovery document is of another issuer');
  }
  const url = URL.canParse(data.jwks_uri) ? new URL(data.jwks_uri) : undefined;
  if (url?.protocol !== 'https:') throw issuerUnavailable(issuer.url, 'its jwks_uri is no https URL');
  return url;
}

async function readKeys(issuer: Issuer, deps: IssuerKeysDeps): Promise<Known> {
  const { fetchDocument, clock } = deps;
  const options = { local: issuer.local, signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS) };
  const discoveryUrl = new URL(`${issuer.url.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const url = keysUrl((await fetchDocument(discoveryUrl, options)).value, issuer);
  const { value, maxAgeMs = FRESH_MS.standard } = await fetchDocument(url, options);
  const keys = parseKeySet(value) ?? [];
  if (keys.length === 0) throw issuerUnavailable(url, 'has no key for RS256 (2,048 bits or more) or ES256');
  const now = steadyNow(clock);
  const fresh = Math.min(FRESH_MS.most, Math.max(FRESH_MS.least, maxAgeMs));
  return { keys, readAt: now, freshUntil: now + fresh };
}

/**
 * Keys by the issuer's discovery document. Read once for all who wait, and kept as long as the issuer says; a key that
 * is not known has them read again, at most once a minute; where the issuer is down those that are known stay in use.
 */
export function issuerKeys(deps: IssuerKeysDeps): KeySource {
  const { clock } = deps;
  const slots = new Map<string, Slot>();

  function slotOf({ url, local }: Issuer): Slot {
    const key = `${local} ${url}`;
    const slot = slots.get(key) ?? {};
    slots.set(key, slot);
    return slot;
  }

  async function depart(issuer: Issuer, slot: Slot): Promise<Known> {
    try {
      slot.known = await readKeys(issuer, deps);
      delete slot.failure;
      return slot.known;
    } catch (error) {
      const wait = slot.known === undefined ? FIRST_AGAIN_MS : ASK_AGAIN_MS;
      slot.failure = { error, until: steadyNow(clock) + wait };
      throw error;
    } finally {
      delete slot.flight;
    }
  }

  async function refreshed(issuer: Issuer, slot: Slot): Promise<Known> {
    if (slot.failure !== undefined && steadyNow(clock) < slot.failure.until) throw slot.failure.error;
    slot.flight ??= depart(issuer, slot);
    return slot.flight;
  }

  async function usable(issuer: Issuer, slot: Slot): Promise<Known> {
    const { known } = slot;
    if (known === undefined) return refreshed(issuer, slot);
    if (steadyNow(clock) < known.freshUntil) return known;
    try {
      return await refreshed(issuer, slot);
    } catch (error) {
      if (steadyNow(clock) < known.freshUntil + KEPT_MS) return known;
      throw error;
    }
  }

  return {
    find: async (issuer, { kid, algorithm }) => {
      const slot = slotOf(issuer);
      const among = ({ keys }: Known): VerificationKey | undefined =>
        keys.find((key) => key.kid === kid && key.algorithm === algorithm);
      const known = await usable(issuer, slot);
      const found = among(known);
      if (found !== undefined || steadyNow(clock) < known.readAt + ASK_AGAIN_MS) return found;
      return among(await refreshed(issuer, slot));
    },
  };
}
