import { isObject } from '../../kernel/json.ts';
import type { Digest } from '../../oci/digest.ts';
import { FREE_SHAPE, objectShape } from '../../oci/json-shape.ts';
import { parseStrictJson } from '../../oci/strict-json.ts';
import { quoted } from '../found/quoted.ts';
import { refuse } from '../found/refuse.ts';

const TYPE = 'cosign container image signature';

/** What cosign, which is written in Go, reads of a payload: another spelling of a key would be a second value to it. */
const PAYLOAD_SHAPE = objectShape({
  critical: objectShape({
    identity: objectShape({ 'docker-reference': FREE_SHAPE }),
    image: objectShape({ 'docker-manifest-digest': FREE_SHAPE }),
    type: FREE_SHAPE,
  }),
  optional: FREE_SHAPE,
});

/**
 * Holds the payload of a signature in cosign's first form to a digest. What it says of the repository is not held
 * against it: an artifact may be copied with its signatures.
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 * @throws LandfallError SIGNATURE_REFUSED, MANIFEST_INVALID where readers would disagree on it
 */
export function checkPayload(payload: Uint8Array, digest: Digest): void {
  const value = parseStrictJson(payload, 'its payload', PAYLOAD_SHAPE);
  const critical = isObject(value) ? value['critical'] : FREE_SHAPE;
  if (!isObject(critical) || !isObject(critical['image'])) throw refuse('its payload says of no image');
  if (critical['type'] !== TYPE)
    throw refuse(`its payload is of type ${quoted(critical['type'])}, wanted ${JSON.stringify(TYPE)}`);
  const signed = critical['image']['docker-manifest-digest'];
  if (signed !== digest) throw refuse(`it is for another artifact: ${quoted(signed)}`);
}
