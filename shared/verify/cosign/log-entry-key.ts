import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isObject, parseObject } from '../../kernel/json.ts';
import type { Digest } from '../../oci/digest.ts';
import { fingerprintOf } from '../policy/public-key.ts';

/** Steps into JSON of which nothing is known. */
const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => {
    if (typeof key === 'number') return Array.isArray(inner) ? inner[key] : undefined;
    return isObject(inner) ? inner[key] : undefined;
  }, value);

const bytesOf = (value: unknown): Buffer | undefined =>
  typeof value === 'string' ? Buffer.from(value, 'base64') : undefined;

/** A key or a certificate, in PEM or DER. */
function keyOf(bytes: Buffer | undefined): KeyObject | undefined {
  if (bytes === undefined) return undefined;
  const isPem = bytes.includes('-----BEGIN ');
  for (const read of [
    () => new X509Certificate(bytes).publicKey,
    () => createPublicKey(isPem ? bytes : { key: bytes, format: 'der', type: 'spki' }),
  ]) {
    try {
      return read();
    } catch {
      // The other of the two, or none.
    }
  }
  return undefined;
}

/** Where the entries of Rekor say who signed, by kind and version. @see https://github.com/sigstore/rekor/tree/main/pkg/types */
function verifiersOf(body: unknown): readonly (Buffer | undefined)[] {
  const v2 = (path: readonly (string | number)[]): readonly unknown[] => [
    at(body, 'spec', ...path, 'x509Certificate', 'rawBytes'),
    at(body, 'spec', ...path, 'publicKey', 'rawBytes'),
  ];
  const found = [
    at(body, 'spec', 'signature', 'publicKey', 'content'),
    at(body, 'spec', 'signatures', 0, 'verifier'),
    at(body, 'spec', 'content', 'envelope', 'signatures', 0, 'publicKey'),
    ...v2(['hashedRekordV002', 'signature', 'verifier']),
    ...v2(['dsseV002', 'signatures', 0, 'verifier']),
  ];
  return found.filter((each) => each !== undefined).map(bytesOf);
}

/**
 * Whether an entry of a log says that this key signed, and no other: an entry of somebody else's signature would prove
 * nothing of ours. What verifies entries compares their signatures alone.
 */
export function isEntryOf(canonicalizedBody: Uint8Array, fingerprint: Digest): boolean {
  const keys = verifiersOf(parseObject(canonicalizedBody)).map(keyOf);
  return keys.length > 0 && keys.every((key) => key !== undefined && fingerprintOf(key) === fingerprint);
}
