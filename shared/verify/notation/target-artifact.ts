import { isObject } from '../../kernel/json.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { FREE_SHAPE, objectShape } from '../../oci/json-shape.ts';
import { parseStrictJson } from '../../oci/strict-json.ts';
import { quoted } from '../found/quoted.ts';
import { refuse } from '../found/refuse.ts';

const PAYLOAD = objectShape({
  targetArtifact: objectShape({ mediaType: FREE_SHAPE, digest: FREE_SHAPE, size: FREE_SHAPE }),
});

/**
 * Holds what an envelope signs to an artifact, all three of its facts.
 * @see https://github.com/notaryproject/specifications/blob/main/specs/signature-specification.md#payload
 * @throws LandfallError SIGNATURE_REFUSED, MANIFEST_INVALID where readers would disagree on it
 */
export function checkSigned(payload: Uint8Array, artifact: Descriptor): void {
  const value = parseStrictJson(payload, 'its payload', PAYLOAD);
  const target = isObject(value) ? value['targetArtifact'] : undefined;
  if (!isObject(target)) throw refuse('its payload names no artifact');
  for (const key of ['digest', 'mediaType', 'size'] as const)
    if (target[key] !== artifact[key])
      throw refuse(`it is for another artifact: ${key} is ${quoted(target[key])}, wanted ${artifact[key]}`);
}
