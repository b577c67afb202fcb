import { parseObject } from '../../kernel/json.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Annotations } from '../../oci/manifest.ts';
import type { FoundSignature } from '../found/found-signature.ts';
import { refuse } from '../found/refuse.ts';
import { readEnvelope } from './bundle-signature.ts';
import { asBundle } from './layer-signature.ts';

/** What a layer of `sha256-<hex>.att` is. */
export const DSSE = 'application/vnd.dsse.envelope.v1+json';

/**
 * Reads an attestation in cosign's first form, and holds what it says to a digest.
 * @see https://github.com/sigstore/cosign/blob/main/specs/ATTESTATION_SPEC.md
 * @throws LandfallError SIGNATURE_REFUSED, MANIFEST_INVALID
 */
export function readLayerAttestation(
  envelope: Uint8Array,
  annotations: Annotations,
  digest: Digest,
  found: string,
): FoundSignature {
  const dsseEnvelope = parseObject(envelope);
  if (dsseEnvelope === undefined) throw refuse('its envelope is no JSON object');
  const read = readEnvelope(asBundle({ dsseEnvelope }, annotations), digest, found);
  // A signature stands under .sig: what is here is an attestation, whatever it says.
  if (read.attested === undefined) throw refuse('it is no attestation');
  return read;
}
