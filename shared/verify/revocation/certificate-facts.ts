import type { X509Certificate } from 'node:crypto';
import { DER_NAMES } from '../../limits.ts';
import { derParts, type Extension, extensionsOf, fewParts, OID, onlyPart, SEQUENCE } from './der.ts';

/** What of a certificate says whether, and where, it is revoked. */
export interface CertificateFacts {
  /** In DER. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** Content of its INTEGER. */
  readonly serial: Buffer;
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** Of what of a certificate is signed. */
const CERTIFICATE_PARTS = 10;

/** @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1 @throws Error */
export function certificateFacts({ raw }: X509Certificate): CertificateFacts {
  const [signed] = derParts(onlyPart(raw, SEQUENCE).value);
  const parts = fewParts(signed?.value ?? Buffer.alloc(0), CERTIFICATE_PARTS);
  const versioned = parts[0]?.tag === 0xa0 ? 1 : 0;
  const [serial, , issuer, , subject] = parts.slice(versioned);
  const extensions = parts.find(({ tag }) => tag === 0xa3);
  if (serial === undefined || issuer === undefined || subject === undefined)
    throw new Error('it is no certificate');
  return {
    issuer: issuer.whole,
    subject: subject.whole,
    serial: serial.value,
    extensions: extensions === undefined ? new Map() : extensionsOf(extensions.value),
  };
}

/** Extensions as they are in DER, in hex. */
export const [KEY_USAGE, FRESHEST_CRL] = ['551d0f', '551d2e'] as const;
const [CRL_POINTS, AUTHORITY_ACCESS] = ['551d1f', '2b06010505070101'] as const;
const OCSP = '2b06010505073001';
const URI = 0x86;

/** URLs of a `DistributionPointName`. @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.13 @throws Error */
export const urlsOf = (name: Buffer): readonly string[] =>
  fewParts(name, 1).flatMap((full) =>
    full.tag === 0xa0
      ? fewParts(full.value, DER_NAMES).flatMap(({ tag, value }) =>
          tag === URI ? [value.toString('latin1')] : [],
        )
      : [],
  );

/**
 * URLs of each list that it names, all of which have to be looked at: each may be of some reasons alone. One may be named by no URL,
 * but by the name of a directory.
 * @throws Error
 */
export function listsOf({ extensions }: CertificateFacts): readonly (readonly string[])[] {
  const points = extensions.get(CRL_POINTS);
  if (points === undefined) return [];
  const lists = fewParts(onlyPart(points.value, SEQUENCE).value, DER_NAMES).map((point) =>
    fewParts(point.value, 3).flatMap(({ tag, value }) => (tag === 0xa0 ? urlsOf(value) : [])),
  );
  if (lists.length === 0) throw new Error('it says that there are lists, and names none');
  return lists;
}

/** Whether it names a service (OCSP) to ask. @throws Error */
export function hasService({ extensions }: CertificateFacts): boolean {
  const access = extensions.get(AUTHORITY_ACCESS);
  if (access === undefined) return false;
  return fewParts(onlyPart(access.value, SEQUENCE).value, DER_NAMES).some(({ value }) => {
    const [method] = derParts(value);
    return method?.tag === OID && method.value.toString('hex') === OCSP;
  });
}
