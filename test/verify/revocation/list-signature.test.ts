import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, type KeyObject, sign, type X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { isListOf } from '../../../shared/verify/revocation/list-signature.ts';
import { der, sequence } from '../der.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const SIGNED = Buffer.from('a list');
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const [P256, RSA, ED25519] = [
  ec('P-256'),
  generateKeyPairSync('rsa', { modulusLength: 2048 }),
  generateKeyPairSync('ed25519'),
];
type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

/** What an `AlgorithmIdentifier` holds. */
const ECDSA = (last: string): Buffer => hex(`06082a8648ce3d0403${last}`);
const PKCS1 = (last: string): Buffer => Buffer.concat([hex(`06092a864886f70d0101${last}`), hex('0500')]);
const SHA = (last: string): Buffer => sequence(hex(`06096086480165030402${last}`), hex('0500'));
const pss = (...parameters: readonly Buffer[]): Buffer =>
  Buffer.concat([hex('06092a864886f70d01010a'), sequence(...parameters)]);
const usesHash = (hash: Buffer): Buffer => pss(der(0xa0, hash));

const signed = (hash: string | null, { privateKey: key }: Pair, isPss = false): Buffer =>
  sign(hash, SIGNED, isPss ? { key, padding: constants.RSA_PKCS1_PSS_PADDING } : key);
const judged = (algorithm: Buffer, signature: Buffer, { publicKey }: Pair): boolean =>
  isListOf({ algorithm, signed: SIGNED, signature }, { publicKey } as X509Certificate);

const TAKEN: readonly (readonly [what: string, algorithm: Buffer, signature: Buffer, by: Pair])[] = [
  ['ECDSA with SHA-256', ECDSA('02'), signed('sha256', P256), P256],
  ['ECDSA with SHA-384', ECDSA('03'), signed('sha384', P256), P256],
  ['ECDSA with SHA-512', ECDSA('04'), signed('sha512', P256), P256],
  ['RSA with SHA-256', PKCS1('0b'), signed('sha256', RSA), RSA],
  ['RSA with SHA-384', PKCS1('0c'), signed('sha384', RSA), RSA],
  ['RSA with SHA-512', PKCS1('0d'), signed('sha512', RSA), RSA],
  ['RSA-PSS with SHA-256', usesHash(SHA('01')), signed('sha256', RSA, true), RSA],
  ['RSA-PSS with SHA-384', usesHash(SHA('02')), signed('sha384', RSA, true), RSA],
  ['RSA-PSS with SHA-512', usesHash(SHA('03')), signed('sha512', RSA, true), RSA],
  ['Ed25519', hex('06032b6570'), signed(null, ED25519), ED25519],
];
for (const [what, algorithm, signature, by] of TAKEN)
  test(`a list that is signed by ${what} is its issuer’s, and neither another’s nor one that was changed`, () => {
    assert.equal(judged(algorithm, signature, by), true);
    const type = by.publicKey.asymmetricKeyType;
    const other =
      type === 'ec'
        ? ec('P-256')
        : type === 'rsa'
          ? generateKeyPairSync('rsa', { modulusLength: 2048 })
          : generateKeyPairSync('ed25519');
    assert.equal(judged(algorithm, signature, other), false);
    assert.equal(
      isListOf({ algorithm, signed: Buffer.from('b list'), signature }, {
        publicKey: by.publicKey,
      } as X509Certificate),
      false,
    );
  });

test('a signature with one padding is none by the algorithm of the other', () => {
  assert.equal(judged(PKCS1('0b'), signed('sha256', RSA, true), RSA), false);
  assert.equal(judged(usesHash(SHA('01')), signed('sha256', RSA), RSA), false);
});

const REFUSED: readonly (readonly [what: string, algorithm: Buffer, why: RegExp])[] = [
  ['RSA with SHA-1', PKCS1('05'), /algorithm 2a864886f70d010105/],
  ['ECDSA with SHA-1', hex('06072a8648ce3d0401'), /algorithm 2a8648ce3d0401/],
  ['what objects inherit', der(0x06, Buffer.from('constructor')), /by the algorithm/],
  ['a good one under another tag', hex('04082a8648ce3d040302'), /by the algorithm $/],
  ['nothing', hex(''), /by the algorithm $/],
  ['RSA-PSS with its default, SHA-1', pss(), /with a hash that is not taken/],
  ['RSA-PSS without parameters', hex('06092a864886f70d01010a'), /with a hash that is not taken/],
  ['RSA-PSS with SHA-1 by name', usesHash(sequence(hex('06052b0e03021a'))), /with a hash that is not taken/],
  ['RSA-PSS with SHA-224', usesHash(SHA('04')), /with a hash that is not taken/],
  ['RSA-PSS with a hash where its mask is', pss(der(0xa1, SHA('01'))), /with a hash that is not taken/],
  ['RSA-PSS with an empty hash', pss(der(0xa0)), /with a hash that is not taken/],
];
for (const [what, algorithm, why] of REFUSED)
  test(`a list that is signed by ${what} is not taken`, () => {
    assert.throws(() => judged(algorithm, signed('sha256', RSA), RSA), { message: why });
  });
