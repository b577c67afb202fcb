import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { LandfallError } from '../../errors.ts';
import { BoundedMap } from '../../kernel/bounded-map.ts';
import { KEYS_KNOWN } from '../../limits.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';

/** A key that a policy names, and what it is known by. */
export interface PolicyKey {
  readonly key: KeyObject;
  /** Of its SPKI in DER, as `openssl pkey -pubin -outform DER | sha256sum` says. */
  readonly fingerprint: Digest;
  /** The hashes that a signer with this key may have used, the usual one first; empty: none is chosen (Ed25519). */
  readonly hashes: readonly string[];
}

const RSA_BITS = 2048;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;

/**
 * Cosign hashes with SHA-256 whatever the curve was, and with that of the curve since 3.1.3.
 * @see https://github.com/sigstore/cosign/pull/5019
 */
const CURVE_HASHES: Readonly<Record<string, readonly string[]>> = {
  prime256v1: ['sha256'],
  secp384r1: ['sha384', 'sha256'],
  secp521r1: ['sha512', 'sha256'],
};

const refuse = (where: string, why: string, cause?: unknown): LandfallError =>
  new LandfallError('CONFIG_INVALID', `verify: ${where} ${why}`, {
    cause,
    hint: 'Give one public key in PEM, as `cosign public-key` or `openssl pkey -pubout` write it.',
  });

function hashesOf(key: KeyObject, where: string): readonly string[] {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return [];
    case 'ec': {
      const hashes = Object.hasOwn(CURVE_HASHES, namedCurve) ? CURVE_HASHES[namedCurve] : undefined;
      if (hashes === undefined)
        throw refuse(where, `is a key on the curve ${namedCurve}, wanted P-256, P-384 or P-521`);
      return hashes;
    }
    case 'rsa':
      if (modulusLength < RSA_BITS)
        throw refuse(where, `is an RSA key of ${modulusLength} bits, wanted at least ${RSA_BITS}`);
      return ['sha256', 'sha384', 'sha512'];
    default:
      throw refuse(where, `is a key of type ${key.asymmetricKeyType}, wanted ECDSA, RSA or Ed25519`);
  }
}

const toPolicyKey = (key: KeyObject, where: string): PolicyKey => ({
  key,
  fingerprint: fingerprintOf(key),
  hashes: hashesOf(key, where),
});

/** Keys by their PEM: a policy is read at each look at its source, and is mostly what it was. */
const READ = new BoundedMap<string, PolicyKey>(KEYS_KNOWN);

/**
 * Reads one public key: `createPublicKey` alone would also take a private one, text before it, and the first of many.
 * @param where names the key in errors
 * @throws LandfallError CONFIG_INVALID
 */
export function readPublicKey(pem: string, where: string): PolicyKey {
  const known = READ.get(pem) ?? readAnew(pem, where);
  READ.set(pem, known);
  return known;
}

function readAnew(pem: string, where: string): PolicyKey {
  const blocks = [...pem.matchAll(BLOCK)].map(([, label = '']) => label);
  if (blocks.some((label) => label.includes('PRIVATE')))
    throw refuse(where, 'has a private key: whoever reads this document could sign with it');
  const [label, ...more] = blocks;
  if (label === undefined) throw refuse(where, 'has no key in PEM');
  if (more.length > 0) throw refuse(where, `has ${blocks.length} blocks of PEM, wanted one key`);
  if (label !== 'PUBLIC KEY' && label !== 'RSA PUBLIC KEY')
    throw refuse(where, `has a ${label}, wanted a PUBLIC KEY`);
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw refuse(where, 'is no key that can be read', cause);
  }
  return toPolicyKey(key, where);
}

/** @param where names the key in errors. @throws LandfallError CONFIG_INVALID */
export function readPublicDer(der: Uint8Array, where: string): PolicyKey {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  } catch (cause) {
    throw refuse(where, 'is no key that can be read', cause);
  }
  return toPolicyKey(key, where);
}

export const fingerprintOf = (key: KeyObject): Digest =>
  digestOf(key.export({ type: 'spki', format: 'der' }));

/** Whether `signature` is the key's over `bytes`. Never throws: what cannot be a signature is none. */
export function isMadeWith({ key, hashes }: PolicyKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  const by = (hash: string | null): boolean => {
    try {
      return verify(hash, bytes, key, signature);
    } catch {
      return false;
    }
  };
  return hashes.length === 0 ? by(null) : hashes.some(by);
}
