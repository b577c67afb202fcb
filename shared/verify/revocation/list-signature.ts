import { constants, verify, type X509Certificate } from 'node:crypto';
import { derParts, OID } from './der.ts';
import type { RevocationList } from './revocation-list.ts';

/** In hex, as they are in DER. None with SHA-1. */
const HASHES: Readonly<Record<string, string | null>> = {
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2b6570': null,
};
const PSS = '2a864886f70d01010a';
const PSS_HASHES: Readonly<Record<string, string>> = {
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
};

/** The hash of RSASSA-PSS-params; its default, SHA-1, is none. @see https://www.rfc-editor.org/rfc/rfc4055#section-3.1 */
function pssHash(parameters: Buffer): string | undefined {
  const [hash] = derParts(parameters);
  const [algorithm] = hash?.tag === 0xa0 ? derParts(hash.value) : [];
  const [id] = algorithm === undefined ? [] : derParts(algorithm.value);
  const name = id?.value.toString('hex') ?? '';
  return Object.hasOwn(PSS_HASHES, name) ? PSS_HASHES[name] : undefined;
}

/** Whether a list was signed with the key of a certificate. @throws Error where its algorithm is none that is taken */
export function isListOf(
  { algorithm, signed, signature }: Pick<RevocationList, 'algorithm' | 'signed' | 'signature'>,
  { publicKey: key }: X509Certificate,
): boolean {
  const [id, parameters] = derParts(algorithm);
  const name = id?.tag === OID ? id.value.toString('hex') : '';
  if (name === PSS) {
    const hash = parameters && pssHash(parameters.value);
    if (hash === undefined) throw new Error('it is signed by RSA-PSS with a hash that is not taken');
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    return verify(hash, signed, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, signature);
  }
  const hash = Object.hasOwn(HASHES, name) ? HASHES[name] : undefined;
  if (hash === undefined) throw new Error(`it is signed by the algorithm ${name}`);
  return verify(hash, signed, key, signature);
}
