import { X509Certificate } from 'node:crypto';
import { BUNDLE_V01_MEDIA_TYPE, type Bundle, bundleFromJSON, type SerializedBundle } from '@sigstore/bundle';
import { asLandfallError } from '../../errors.ts';
import { isObject, type JsonObject, parseObject } from '../../kernel/json.ts';
import type { Digest } from '../../oci/digest.ts';
import { digestOf, hexOf } from '../../oci/digest.ts';
import type { Annotations } from '../../oci/manifest.ts';
import type { FoundSignature } from '../found/found-signature.ts';
import { refuse } from '../found/refuse.ts';
import { strictBase64 } from '../found/strict-base64.ts';
import { checkPayload } from './simple-signing.ts';

/** @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md */
export const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
const SIGNATURE = 'dev.cosignproject.cosign/signature';
const CERTIFICATE = 'dev.sigstore.cosign/certificate';
const LOG_BUNDLE = 'dev.sigstore.cosign/bundle';
const TIME_STAMP = 'dev.sigstore.cosign/rfc3161timestamp';

const textOf = (object: JsonObject, key: string): string => {
  const value = object[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

/** Its log entry, as a bundle has it. */
function logEntry(text: string | undefined): readonly JsonObject[] {
  if (text === undefined) return [];
  const given = parseObject(text);
  const payload = given?.['Payload'];
  if (given === undefined || !isObject(payload)) throw refuse(`its annotation ${LOG_BUNDLE} is no log entry`);
  const body = textOf(payload, 'body');
  const { kind, apiVersion } = parseObject(Buffer.from(body, 'base64')) ?? {};
  return [
    {
      logIndex: textOf(payload, 'logIndex'),
      logId: { keyId: Buffer.from(textOf(payload, 'logID'), 'hex').toString('base64') },
      kindVersion: { kind, version: apiVersion },
      integratedTime: textOf(payload, 'integratedTime'),
      inclusionPromise: { signedEntryTimestamp: textOf(given, 'SignedEntryTimestamp') },
      canonicalizedBody: body,
    },
  ];
}

function timeStamps(text: string | undefined): readonly JsonObject[] {
  if (text === undefined) return [];
  const signedTimestamp = parseObject(text)?.['SignedRFC3161Timestamp'];
  if (typeof signedTimestamp !== 'string') throw refuse(`its annotation ${TIME_STAMP} is no time stamp`);
  return [{ signedTimestamp }];
}

/** The certificate's DER. Those of its issuers that come with it are nobody's but the signer's word. */
function certificateOf(pem: string): string {
  try {
    return new X509Certificate(pem).raw.toString('base64');
  } catch (cause) {
    throw refuse(`its annotation ${CERTIFICATE} is no certificate`, cause);
  }
}

/** The same as a bundle, so that logs, certificates and time stamps are judged in one way. */
export function asBundle(content: JsonObject, annotations: Annotations): Bundle {
  const pem = annotations[CERTIFICATE];
  const material = pem
    ? { x509CertificateChain: { certificates: [{ rawBytes: certificateOf(pem) }] } }
    : { publicKey: { hint: '' } };
  const serialized = {
    mediaType: BUNDLE_V01_MEDIA_TYPE,
    verificationMaterial: {
      ...material,
      tlogEntries: logEntry(annotations[LOG_BUNDLE]),
      timestampVerificationData: { rfc3161Timestamps: timeStamps(annotations[TIME_STAMP]) },
    },
    ...content,
  };
  try {
    return bundleFromJSON(serialized as unknown as SerializedBundle);
  } catch (cause) {
    throw refuse(`what it stands on cannot be read: ${asLandfallError(cause).message}`, cause);
  }
}

function messageOf(payload: Uint8Array, signature: string): JsonObject {
  const digest = Buffer.from(hexOf(digestOf(payload)), 'hex').toString('base64');
  return { messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest }, signature } };
}

/**
 * Reads a signature in cosign's first form, a layer of `sha256-<hex>.sig`, and holds what it says to a digest.
 * @throws LandfallError SIGNATURE_REFUSED, MANIFEST_INVALID
 */
export function readLayerSignature(
  payload: Buffer,
  annotations: Annotations,
  digest: Digest,
  found: string,
): FoundSignature {
  checkPayload(payload, digest);
  const text = annotations[SIGNATURE] ?? '';
  const signature = strictBase64(text);
  if (signature === undefined || signature.length === 0)
    throw refuse(`its annotation ${SIGNATURE} is no base64`);
  return {
    found,
    bundle: asBundle(messageOf(payload, text), annotations),
    artifact: payload,
    signed: payload,
    signature,
  };
}
