import { isObject } from '../../kernel/json.ts';
import { algorithmOf, type Digest, hexOf } from '../../oci/digest.ts';
import { FREE_SHAPE, objectShape } from '../../oci/json-shape.ts';
import { parseStrictJson } from '../../oci/strict-json.ts';
import type { Attested } from '../found/found-signature.ts';
import { quoted } from '../found/quoted.ts';
import { refuse } from '../found/refuse.ts';

/** What a plain `cosign sign` says of an image since version 3. */
export const SIGN_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';
/** @see https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md */
export const IN_TOTO_PAYLOAD = 'application/vnd.in-toto+json';
const STATEMENTS: readonly unknown[] = [
  'https://in-toto.io/Statement/v1',
  'https://in-toto.io/Statement/v0.1',
];
/** @see https://github.com/sigstore/sigstore-go/blob/v1.3.0/pkg/verify/signature.go, which takes as many */
const SUBJECTS = 1024;

/** What readers written in Go know of it: another spelling of a key would be a second value to them. */
const STATEMENT_SHAPE = objectShape({
  _type: FREE_SHAPE,
  subject: { kind: 'list', of: objectShape({ digest: FREE_SHAPE }) },
  predicateType: FREE_SHAPE,
  predicate: FREE_SHAPE,
});

/**
 * What an in-toto statement says of a digest: one of its subjects is it.
 * @throws LandfallError SIGNATURE_REFUSED, MANIFEST_INVALID where readers would disagree on it
 */
export function readStatement(payload: Uint8Array, digest: Digest): Attested {
  const statement = parseStrictJson(payload, 'its payload', STATEMENT_SHAPE);
  if (!isObject(statement)) throw refuse('its payload is no JSON object');
  const { _type: type, subject, predicateType, predicate } = statement;
  if (!STATEMENTS.includes(type))
    throw refuse(`its payload is no in-toto statement: _type is ${quoted(type)}`);
  if (typeof predicateType !== 'string') throw refuse('its statement has no predicateType');
  if (!Array.isArray(subject) || subject.length > SUBJECTS)
    throw refuse('its statement has no list of subjects');
  const wanted = hexOf(digest);
  const names = (each: unknown): boolean =>
    isObject(each) && isObject(each['digest']) && each['digest'][algorithmOf(digest)] === wanted;
  if (!subject.some(names)) throw refuse(`it is for another artifact: none of its subjects is ${digest}`);
  return { predicateType, predicate };
}
