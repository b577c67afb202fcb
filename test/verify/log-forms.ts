import { createHash } from 'node:crypto';
import type { Envelope } from './signing.ts';

/** What is logged of a signature over a statement. */
export interface Logged {
  readonly envelope: Envelope;
  /** What was signed: the statement with its type before it. */
  readonly signed: Buffer;
  /** The signer in PEM, and in DER with what that is. */
  readonly pem: string;
  readonly der: { readonly x509Certificate: object } | { readonly publicKey: object };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes);
const payloadOf = ({ payload }: Envelope): Buffer => Buffer.from(payload, 'base64');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const hexHash = (bytes: Uint8Array) => ({ algorithm: 'sha256', value: sha256(bytes).digest('hex') });
const v2Hash = (bytes: Uint8Array) => ({ algorithm: 'SHA2_256', digest: sha256(bytes).digest('base64') });
const signatureOf = ({ signatures: [first] }: Envelope): string => first?.sig ?? '';
const v2Signature = ({ envelope, der }: Logged) => ({
  content: signatureOf(envelope),
  verifier: { ...der, keyDetails: 'PKIX_ECDSA_P256_SHA_256' },
});

/**
 * The entries that Rekor makes of it, by kind and version.
 * @see https://github.com/sigstore/rekor/tree/main/pkg/types
 * @see https://github.com/sigstore/rekor-tiles/tree/main/api/proto/rekor/v2
 */
export const LOG_FORMS = {
  'dsse 0.0.1': (logged: Logged) => ({
    envelopeHash: hexHash(Buffer.from(JSON.stringify(logged.envelope))),
    payloadHash: hexHash(payloadOf(logged.envelope)),
    signatures: [{ signature: signatureOf(logged.envelope), verifier: base64(logged.pem) }],
  }),
  'intoto 0.0.2': ({ envelope, pem }: Logged) => ({
    content: {
      envelope: {
        payloadType: envelope.payloadType,
        signatures: [{ publicKey: base64(pem), sig: base64(signatureOf(envelope)) }],
      },
      hash: hexHash(Buffer.from(JSON.stringify(envelope))),
      payloadHash: hexHash(payloadOf(envelope)),
    },
  }),
  'hashedrekord 0.0.1': ({ envelope, signed, pem }: Logged) => ({
    data: { hash: hexHash(signed) },
    signature: { content: signatureOf(envelope), publicKey: { content: base64(pem) } },
  }),
  'dsse 0.0.2': (logged: Logged) => ({
    dsseV002: { payloadHash: v2Hash(payloadOf(logged.envelope)), signatures: [v2Signature(logged)] },
  }),
  'hashedrekord 0.0.2': (logged: Logged) => ({
    hashedRekordV002: { data: v2Hash(logged.signed), signature: v2Signature(logged) },
  }),
} as const;
export type LogForm = keyof typeof LOG_FORMS;

/** Of Rekor 2, which says of no time: what proves when it was signed is a time stamp. */
export const isUndated = (form: LogForm): boolean => form === 'dsse 0.0.2' || form === 'hashedrekord 0.0.2';
