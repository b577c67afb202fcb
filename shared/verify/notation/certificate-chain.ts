import type { X509Certificate } from 'node:crypto';
import { X509Certificate as Parsed } from '@sigstore/core';
import { readDer } from '../found/der-certificate.ts';
import { refuse } from '../found/refuse.ts';
import { isSelfSigned } from '../policy/self-signed.ts';
import { algorithmOfKey } from './algorithm.ts';
import type { CertificateChain } from './envelope.ts';
import { readingDer } from './reading-der.ts';

const [KEY_USAGE, EXTENDED_USAGE] = ['2.5.29.15', '2.5.29.37'] as const;
/** Bits of a key's usage: X.509 counts them from the highest of the first byte. */
const DIGITAL_SIGNATURE = 0;
const CERT_SIGN = 5;
/** keyEncipherment, dataEncipherment, keyAgreement, keyCertSign, cRLSign. */
const FORBIDDEN_BITS = [2, 3, 4, CERT_SIGN, 6];
/** Any, serverAuth, clientAuth, emailProtection, timeStamping, OCSPSigning. */
const FORBIDDEN_USES: ReadonlySet<string> = new Set([
  '2.5.29.37.0',
  ...[1, 2, 4, 8, 9].map((use) => `1.3.6.1.5.5.7.3.${use}`),
]);
/** Of ECDSA, RSA and RSA-PSS with SHA-256 and longer: none with SHA-1. */
const SIGNATURES: ReadonlySet<string> = new Set([
  ...[2, 3, 4].map((hash) => `1.2.840.10045.4.3.${hash}`),
  ...[10, 11, 12, 13].map((hash) => `1.2.840.113549.1.1.${hash}`),
]);
const CERTIFICATES = 10;

function usageOf(parsed: Parsed, whose: string): readonly number[] {
  const usage = parsed.extension(KEY_USAGE);
  if (usage === undefined || !usage.critical)
    throw refuse(`${whose} does not say, as critical, what its key is for`);
  return usage.valueObj.subs[0]?.toBitString() ?? [];
}

function checkSignatureAlgorithm(parsed: Parsed, whose: string): void {
  const oid = parsed.root.subs[1]?.subs[0]?.toOID() ?? '';
  if (!SIGNATURES.has(oid)) throw refuse(`${whose} is signed by the algorithm ${oid}`);
}

function checkLeaf(certificate: X509Certificate, parsed: Parsed): void {
  const whose = 'its certificate';
  const usage = usageOf(parsed, whose);
  if (usage[DIGITAL_SIGNATURE] !== 1 || FORBIDDEN_BITS.some((bit) => usage[bit] === 1))
    throw refuse('its certificate is not for signing alone');
  if (parsed.extBasicConstraints?.isCA === true) throw refuse('its certificate is an authority’s');
  const uses: readonly string[] = certificate.keyUsage ?? [];
  if (parsed.extension(EXTENDED_USAGE) !== undefined && uses.some((use) => FORBIDDEN_USES.has(use)))
    throw refuse('its certificate is for something else than signing code');
  algorithmOfKey(certificate.publicKey);
}

function checkAuthority(certificate: X509Certificate, parsed: Parsed, below: number): void {
  const whose = `certificate ${below + 1} of its chain`;
  const constraints = parsed.extBasicConstraints;
  if (constraints?.critical !== true || !constraints.isCA) throw refuse(`${whose} is no authority’s`);
  const { pathLenConstraint: most } = constraints;
  if (most !== undefined && most < BigInt(below - 1)) throw refuse(`${whose} may not have so many below it`);
  // That its key may sign certificates was asked where it was taken for the issuer of the one before.
  usageOf(parsed, whose);
  algorithmOfKey(certificate.publicKey);
}

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

/** What a certificate is, and that the one behind it issued it. */
function checkPlace(chain: readonly X509Certificate[], at: number): void {
  const certificate = chain[at] as X509Certificate;
  const issuer = chain[at + 1];
  const isRoot = isSelfSigned(certificate);
  if (issuer === undefined && !isRoot) throw refuse('its chain ends in no root');
  if (issuer !== undefined && isRoot) throw refuse('its chain goes on behind a root');
  if (issuer !== undefined && !isIssuedBy(certificate, issuer))
    throw refuse('its chain is not in order, or broken');
  const parsed = Parsed.parse(Buffer.from(certificate.raw));
  checkSignatureAlgorithm(parsed, `certificate ${at + 1} of its chain`);
  if (at === 0) checkLeaf(certificate, parsed);
  else checkAuthority(certificate, parsed, at);
}

/**
 * Reads a chain: the signer's certificate, those of authorities, and a root that signed itself, in this order and no other.
 * @see https://github.com/notaryproject/specifications/blob/main/specs/signature-specification.md#certificate-requirements
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function readChain(ders: readonly Uint8Array[]): CertificateChain {
  const [signer, ...issuers] = ders;
  if (signer === undefined || ders.length > CERTIFICATES)
    throw refuse(`its chain has ${ders.length} certificates, wanted 1 to ${CERTIFICATES}`);
  const ofChain = (raw: Uint8Array): X509Certificate => readDer(raw, 'a certificate of its chain');
  const chain = [ofChain(signer), ...issuers.map(ofChain)] as const;
  for (const at of chain.keys())
    readingDer(`certificate ${at + 1} of its chain`, () => checkPlace(chain, at));
  return chain;
}
