import { createHash, X509Certificate } from 'node:crypto';
import { ASN1Obj, X509Certificate as Parsed, RFC3161Timestamp } from '@sigstore/core';
import { messageOf } from '../../errors.ts';
import { refuse } from '../found/refuse.ts';
import { isForTimeStamps } from '../found/time-stamp-use.ts';
import { isGoodIn } from './certificate-time.ts';

const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const CERTIFICATES = 10;

/** As a TimeStampResp that was granted: what reads tokens wants one around them. */
function asResponse(token: Buffer): Buffer {
  const granted = Buffer.from('3003020100', 'hex');
  const hex = (granted.length + token.length).toString(16);
  const length = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x30, 0x80 | length.length]), length, granted, token]);
}

interface Signed {
  readonly certificates: readonly Parsed[];
  readonly attributes: readonly ASN1Obj[];
}

/** @see https://www.rfc-editor.org/rfc/rfc5652#section-5.1 */
function signedData(token: Buffer): Signed {
  const parts = ASN1Obj.parseBuffer(Buffer.from(token)).subs[1]?.subs[0]?.subs ?? [];
  const embedded = parts.find(({ tag }) => tag.isContextSpecific(0))?.subs ?? [];
  const signers = parts.at(-1)?.subs ?? [];
  const [signer, ...others] = signers;
  if (signer === undefined || others.length > 0)
    throw refuse(`its time stamp has ${signers.length} signers, wanted one`);
  return {
    certificates: embedded.slice(0, CERTIFICATES).map((each) => Parsed.parse(Buffer.from(each.toDER()))),
    attributes: signer.subs.find(({ tag }) => tag.isContextSpecific(0))?.subs ?? [],
  };
}

/** That the token was signed for this certificate, and not for another with the same key. @see https://www.rfc-editor.org/rfc/rfc5816 */
function checkNamed(attributes: readonly ASN1Obj[], signer: X509Certificate): void {
  const named = attributes.find(({ subs }) => subs[0]?.toOID() === SIGNING_CERTIFICATE_V2);
  const id = named?.subs[1]?.subs[0]?.subs[0]?.subs[0]?.subs ?? [];
  // The default, SHA-256, is left out in DER; another hash stands before what it gives.
  const [hash] = id;
  if (hash === undefined || !hash.tag.isOctetString())
    throw refuse('its time stamp does not name its certificate by SHA-256');
  if (!createHash('sha256').update(signer.raw).digest().equals(hash.value))
    throw refuse('its time stamp names another certificate than the one that signed it');
}

const asNode = (parsed: Parsed): X509Certificate => new X509Certificate(parsed.root.toDER());

/** Up to a trusted one, by those that came along; every one of them good at that time. */
function checkPath(
  signer: X509Certificate,
  embedded: readonly X509Certificate[],
  { trusted, at }: { readonly trusted: readonly X509Certificate[]; readonly at: readonly [Date, Date] },
): readonly X509Certificate[] {
  let below = signer;
  const path = [signer];
  for (let depth = 0; depth < CERTIFICATES; depth += 1) {
    const one = below;
    if (!isGoodIn(one, ...at)) throw refuse('a certificate of its time stamp was not good at its time');
    const isIssuer = (each: X509Certificate): boolean =>
      each.ca && one.checkIssued(each) && one.verify(each.publicKey);
    const root = trusted.find(isIssuer);
    if (root !== undefined) {
      if (!isGoodIn(root, ...at)) throw refuse('the authority of its time stamp was not good at its time');
      return [...path, root];
    }
    const next = embedded.find(isIssuer);
    if (next === undefined) break;
    below = next;
    path.push(next);
  }
  throw refuse('its time stamp is of none of the authorities in the trust stores of type tsa');
}

/** How far from its time it may be, in milliseconds. @see https://www.rfc-editor.org/rfc/rfc3161#section-2.4.2 */
function accuracyOf(info: ASN1Obj): number {
  const accuracy = info.subs.slice(5).find(({ tag }) => tag.number === 0x10);
  const units = (accuracy?.subs ?? []).map((part) => {
    const value = Number(BigInt(`0x${part.value.toString('hex') || '0'}`));
    if (part.tag.isInteger()) return value * 1000;
    return part.tag.isContextSpecific(0) ? value : value / 1000;
  });
  return Math.ceil(units.reduce((sum, unit) => sum + unit, 0));
}

/** Between which times something was stamped, and by whom: the signer first, one that is trusted last. */
export interface TimeStamp {
  readonly at: readonly [from: Date, to: Date];
  readonly path: readonly X509Certificate[];
}

/**
 * Between which times a signature was stamped, by an authority of the trust stores.
 * @see https://github.com/notaryproject/specifications/blob/main/specs/trust-store-trust-policy.md#authentic-timestamp
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function readTimeStamp(
  token: Uint8Array,
  signature: Uint8Array,
  trusted: readonly X509Certificate[],
): TimeStamp {
  try {
    const der = Buffer.from(token);
    const stamp = RFC3161Timestamp.parse(Buffer.from(asResponse(der)));
    const { certificates, attributes } = signedData(der);
    const signer = certificates.find(
      (each) => each.serialNumber.equals(stamp.signerSerialNumber) && each.issuer.equals(stamp.signerIssuer),
    );
    if (signer === undefined) throw refuse('its time stamp comes without the certificate that signed it');
    if (!isForTimeStamps(signer))
      throw refuse('its time stamp is signed by a certificate that is not for time stamps alone');
    const certificate = asNode(signer);
    stamp.verify(Buffer.from(signature), certificate.publicKey);
    checkNamed(attributes, certificate);
    const accuracy = accuracyOf(ASN1Obj.parseBuffer(Buffer.from(stamp.tstInfo.raw)));
    const time = stamp.signingTime.getTime();
    const at = [new Date(time - accuracy), new Date(time + accuracy)] as const;
    const path = checkPath(certificate, certificates.map(asNode), { trusted, at });
    return { at, path };
  } catch (error) {
    throw refuse(`its time stamp does not count: ${messageOf(error)}`, error);
  }
}
