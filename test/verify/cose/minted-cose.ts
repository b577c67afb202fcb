import { constants, sign } from 'node:crypto';
import type { Minted } from '../minted-certificate.ts';
import { AUTHORITY, type Scene, SIGNER } from '../notation-scene.ts';

const NOTARY = 'io.cncf.notary.';
export const [SCHEME, TIME, AUTHENTIC, EXPIRY] = [
  `${NOTARY}signingScheme`,
  `${NOTARY}signingTime`,
  `${NOTARY}authenticSigningTime`,
  `${NOTARY}expiry`,
] as const;

/** The first bytes of a value: its kind, and its number or how much of it there is. */
export function head(kind: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(kind << 5) | count]);
  if (count < 0x100) return Buffer.from([(kind << 5) | 24, count]);
  if (count < 0x10000) return Buffer.from([(kind << 5) | 25, count >> 8, count & 0xff]);
  const wide = Buffer.alloc(5);
  wide[0] = (kind << 5) | 26;
  wide.writeUInt32BE(count, 1);
  return wide;
}

/** CBOR, as it is. */
export const raw = (hex: string) => ({ raw: Buffer.from(hex, 'hex') });
/** Seconds since the epoch, as CBOR has times. */
export const epoch = (minutes = 0) => ({
  raw: Buffer.concat([head(6, 1), head(0, Math.floor(Date.now() / 1000) + minutes * 60)]),
});
type Value = string | number | Uint8Array | { readonly raw: Buffer } | readonly Value[];
export type Pairs = readonly (readonly [label: string | number, value: Value])[];

export function cbor(value: Value): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  return (value as { readonly raw: Buffer }).raw;
}

export const map = (pairs: Pairs): Buffer =>
  Buffer.concat([head(5, pairs.length), ...pairs.flatMap(([label, value]) => [cbor(label), cbor(value)])]);

/** By curve or bits of a key, as IANA numbers them. */
const ALGORITHMS: Readonly<Record<string, readonly [algorithm: number, hash: string]>> = {
  prime256v1: [-7, 'sha256'],
  secp384r1: [-35, 'sha384'],
  secp521r1: [-36, 'sha512'],
  2048: [-37, 'sha256'],
  3072: [-38, 'sha384'],
  4096: [-39, 'sha512'],
};

export interface CoseWanted {
  readonly signer?: Minted;
  /** Signer's first. */
  readonly chain?: readonly Minted[];
  readonly header?: (usual: Pairs) => Pairs;
  readonly unsigned?: (usual: Pairs) => Pairs;
  readonly payload?: unknown;
  /** What is around the four parts. */
  readonly outer?: (parts: readonly Value[]) => Buffer;
  /** In place of the protected header, after it was signed. */
  readonly spoil?: (header: Buffer) => Buffer;
}

/** An envelope as `notation sign --signature-format cose` writes it, with whatever is wrong with it. */
export function coseOf({ target }: Pick<Scene, 'target'>, wanted: CoseWanted = {}): Buffer {
  const { signer = SIGNER, chain = [signer, AUTHORITY], payload = { targetArtifact: target } } = wanted;
  const { header = (usual) => usual, unsigned = (usual) => usual } = wanted;
  const { outer = (parts) => Buffer.concat([head(6, 18), cbor(parts)]), spoil = (bytes) => bytes } = wanted;
  const { namedCurve, modulusLength } = signer.keys.publicKey.asymmetricKeyDetails ?? {};
  const [algorithm, hash] = ALGORITHMS[namedCurve ?? String(modulusLength)] ?? [0, 'sha256'];
  const signed = map(
    header([
      [1, algorithm],
      [2, [SCHEME]],
      [3, 'application/vnd.cncf.notary.payload.v1+json'],
      [SCHEME, 'notary.x509'],
      [TIME, epoch()],
    ]),
  );
  const body = Buffer.from(JSON.stringify(payload));
  const { privateKey } = signer.keys;
  const key =
    privateKey.asymmetricKeyType === 'rsa'
      ? {
          key: privateKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        }
      : { key: privateKey, dsaEncoding: 'ieee-p1363' as const };
  const signature = sign(hash, cbor(['Signature1', signed, Buffer.alloc(0), body]), key);
  const beside = map(
    unsigned([
      [33, chain.map(({ certificate }) => certificate.raw)],
      [`${NOTARY}signingAgent`, 'tests'],
    ]),
  );
  return outer([spoil(signed), { raw: beside }, body, signature]);
}
