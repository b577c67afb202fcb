import type { X509Certificate } from 'node:crypto';
import { ASN1Obj } from '@sigstore/core';
import { refuse } from '../found/refuse.ts';
import type { DistinguishedName } from '../policy/distinguished-name.ts';
import { readingDer } from './reading-der.ts';

const NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.17': 'POSTALCODE',
};
/** UTF8String, PrintableString and IA5String: what else there is, readers read differently. */
const TEXTS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x16]);

/**
 * Who a certificate names, of its DER: what is printed of it could be written in two ways.
 * @throws LandfallError SIGNATURE_REFUSED where it says something twice, or in a way that is not read
 */
export const certifiedName = (certificate: X509Certificate): DistinguishedName =>
  readingDer('its certificate', () => subjectOf(certificate));

function subjectOf({ raw }: X509Certificate): DistinguishedName {
  const tbs = ASN1Obj.parseBuffer(Buffer.from(raw)).subs[0]?.subs ?? [];
  const isVersioned = tbs[0]?.tag.isContextSpecific(0) === true;
  const found = new Map<string, string>();
  for (const set of tbs[isVersioned ? 5 : 4]?.subs ?? []) {
    const [attribute, ...others] = set.subs;
    const [type, value] = attribute?.subs ?? [];
    if (type === undefined || value === undefined || others.length > 0)
      throw refuse('its certificate names several things in one');
    const oid = type.toOID();
    const name = Object.hasOwn(NAMES, oid) ? (NAMES[oid] ?? oid) : oid;
    if (found.has(name)) throw refuse(`its certificate names ${name} twice`);
    if (!value.tag.isUniversal() || !TEXTS.has(value.tag.number))
      throw refuse(`its certificate names ${name} in an encoding that is not read`);
    found.set(name, value.value.toString('utf8'));
  }
  return found;
}

export const formatName = (name: DistinguishedName): string =>
  [...name].map(([key, value]) => `${key}=${value}`).join(', ');
