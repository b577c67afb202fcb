import type { X509Certificate } from 'node:crypto';
import { X509Certificate as Parsed } from '@sigstore/core';
import type { SignedEnvelope } from './envelope.ts';
import { readingDer, refuse } from './refuse.ts';

const [CRL_POINTS, AUTHORITY_ACCESS] = ['2.5.29.31', '1.3.6.1.5.5.7.1.1'] as const;

/** Where a certificate says that it may be asked whether it was revoked. */
function placesOf({ raw }: X509Certificate): readonly string[] {
  const parsed = Parsed.parse(Buffer.from(raw));
  return [
    ...(parsed.extension(CRL_POINTS) === undefined ? [] : ['a list (CRL)']),
    ...(parsed.extension(AUTHORITY_ACCESS) === undefined ? [] : ['a service (OCSP)']),
  ];
}

/**
 * That none of the certificates was revoked. One that names nowhere to ask is taken, as Notation takes it; the others are told
 * of, as nobody is asked.
 * @throws LandfallError SIGNATURE_REFUSED
 */
export async function checkRevocation({ chain }: Pick<SignedEnvelope, 'chain'>): Promise<void> {
  // A root is trusted or not, and is not revoked by itself.
  for (const certificate of chain.slice(0, -1)) {
    const places = readingDer('a certificate of its chain', () => placesOf(certificate));
    if (places.length > 0)
      throw refuse(
        `whether its certificates were revoked is said by ${places.join(' and ')}, which is not asked: override revocation with log or skip`,
      );
  }
}
