import type { X509Certificate } from 'node:crypto';

/**
 * Whether a certificate is signed with its own key, whatever that key is for: OpenSSL takes for an issuer only what may sign
 * certificates, which a signer's own one (as `notation cert generate-test` makes it) may not.
 */
export const isSelfSigned = (certificate: X509Certificate): boolean =>
  certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
