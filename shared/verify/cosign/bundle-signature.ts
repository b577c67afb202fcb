import { type Bundle, bundleFromJSON, type SerializedBundle } from '@sigstore/bundle';
import { isObject, parseUtf8Json } from '../../kernel/json.ts';
import { opensMoreThan } from '../../kernel/open-brackets.ts';
import { BUNDLE_LIST, OPEN_BRACKETS } from '../../limits.ts';
import type { Digest } from '../../oci/digest.ts';
import type { FoundSignature } from '../found/found-signature.ts';
import { quoted } from '../found/quoted.ts';
import { refuse } from '../found/refuse.ts';
import { IN_TOTO_PAYLOAD, readStatement, SIGN_PREDICATE } from './statement.ts';

/** The form that cosign writes since version 3. @see https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto */
export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** @see https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md#signature-definition */
const preAuthentication = (type: string, payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);

/** No list of a bundle is long: its readers make ten objects of each entry before anybody counts them. */
function checkLists(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value) && value.length > BUNDLE_LIST)
    throw refuse(`it has a list of ${value.length}, wanted at most ${BUNDLE_LIST}`);
  for (const inner of Object.values(value)) checkLists(inner);
}

function parseBundle(bytes: Uint8Array): Bundle {
  if (opensMoreThan(Buffer.from(bytes).toString('latin1'), OPEN_BRACKETS))
    throw refuse('it nests too deeply to be read');
  const parsed = parseUtf8Json(bytes);
  if (!parsed.ok || !isObject(parsed.value)) throw refuse('it is no JSON object');
  checkLists(parsed.value);
  try {
    return bundleFromJSON(parsed.value as unknown as SerializedBundle);
  } catch (cause) {
    throw refuse(
      `it is no bundle of Sigstore: ${cause instanceof Error ? cause.message : 'it cannot be read'}`,
      cause,
    );
  }
}

/**
 * Holds the envelope of a bundle to a digest. Who signed it is not looked at here.
 * @throws LandfallError SIGNATURE_REFUSED, MANIFEST_INVALID
 */
export function readEnvelope(bundle: Bundle, digest: Digest, found: string): FoundSignature {
  const { content, verificationMaterial } = bundle;
  if (content.$case !== 'dsseEnvelope')
    throw refuse('it signs bytes and no statement, as cosign does for files');
  const { payload, payloadType, signatures } = content.dsseEnvelope;
  const [signature, ...others] = signatures;
  if (signature === undefined || others.length > 0)
    throw refuse(`its envelope has ${signatures.length} signatures, wanted one`);
  if (payloadType !== IN_TOTO_PAYLOAD)
    throw refuse(`its payload is of type ${quoted(payloadType)}, wanted ${IN_TOTO_PAYLOAD}`);
  const material = verificationMaterial.content;
  if (material.$case === 'publicKey' && signature.keyid !== '' && signature.keyid !== material.publicKey.hint)
    throw refuse('its envelope names another key than the bundle');
  const attested = readStatement(payload, digest);
  const signed = preAuthentication(payloadType, payload);
  return {
    found,
    bundle,
    signed,
    signature: signature.sig,
    ...(attested.predicateType !== SIGN_PREDICATE && { attested }),
  };
}

/** Reads a bundle of Sigstore. @throws LandfallError SIGNATURE_REFUSED, MANIFEST_INVALID */
export const readBundle = (bytes: Uint8Array, digest: Digest, found: string): FoundSignature =>
  readEnvelope(parseBundle(bytes), digest, found);
