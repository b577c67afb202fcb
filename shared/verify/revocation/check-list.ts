import type { X509Certificate } from 'node:crypto';
import {
  type CertificateFacts,
  certificateFacts,
  FRESHEST_CRL,
  KEY_USAGE,
  urlsOf,
} from './certificate-facts.ts';
import { BITS, derParts, onlyPart, SEQUENCE } from './der.ts';
import { isListOf } from './list-signature.ts';
import type { RevocationList } from './revocation-list.ts';

const [DISTRIBUTION, DELTA] = ['551d1c', '551d1b'] as const;
/** cRLSign, counted from the highest bit of the first byte. */
const CRL_SIGN = 6;

interface Asked {
  readonly certificate: X509Certificate;
  readonly facts: CertificateFacts;
  readonly issuer: X509Certificate;
  /** Where the list was had from. */
  readonly url: string;
  readonly now: Date;
}

function maySignLists(issuer: X509Certificate): boolean {
  const usage = certificateFacts(issuer).extensions.get(KEY_USAGE);
  if (usage === undefined) return issuer.ca;
  const bits = onlyPart(usage.value, BITS).value;
  return issuer.ca && ((bits[1] ?? 0) & (0x80 >> CRL_SIGN)) !== 0;
}

/**
 * Which certificates a list is of: without a look at that, another list of the same issuer could be given in its place.
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-5.2.5
 * @throws Error
 */
function checkScope(scope: Buffer, { certificate, url }: Asked): void {
  for (const { tag, value } of derParts(onlyPart(scope, SEQUENCE).value)) {
    const isSo = value[0] !== 0;
    if (tag === 0xa0 && !urlsOf(value).includes(url)) throw new Error('it is of another distribution point');
    if (tag === 0x81 && isSo && certificate.ca) throw new Error('it is not of authorities');
    if (tag === 0x82 && isSo && !certificate.ca) throw new Error('it is of authorities alone');
    if (tag === 0xa3 || tag === 0x83) throw new Error('it is of some reasons alone');
    if (tag === 0x84 && isSo) throw new Error('it is of several issuers');
    if (tag === 0x85 && isSo) throw new Error('it is of attributes alone');
  }
}

/**
 * That a list is the newest of a certificate's issuer, of this certificate among others, and whole.
 * @throws Error that says why it is not
 */
export function checkList(list: RevocationList, asked: Asked): void {
  const { issuer, facts, now } = asked;
  if (!list.issuer.equals(facts.issuer)) throw new Error('it is of another issuer');
  if (!maySignLists(issuer)) throw new Error('its issuer may not sign lists');
  if (!isListOf(list, issuer)) throw new Error('its issuer did not sign it');
  if (list.nextUpdate === undefined) throw new Error('it does not say when the next one comes');
  if (list.nextUpdate < now) throw new Error(`it ran out at ${list.nextUpdate.toISOString()}`);
  if (list.extensions.has(DELTA)) throw new Error('it is a delta, which is not read');
  if (list.extensions.has(FRESHEST_CRL) || facts.extensions.has(FRESHEST_CRL))
    throw new Error('there is a delta to it, which is not read');
  for (const { id, isCritical, value } of list.extensions.values()) {
    if (id === DISTRIBUTION) checkScope(value, asked);
    else if (isCritical) throw new Error(`it has the critical extension ${id}, which nobody reads`);
  }
}
