import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { algorithmOfKey } from '../../../shared/verify/notation/algorithm.ts';
import { readChain } from '../../../shared/verify/notation/certificate-chain.ts';
import { sequence } from '../der.ts';
import type { Keys, Minted, Signing } from '../minted-certificate.ts';
import { AUTHORITY, constraints, keyPair, LEAF, type Link, mintChain, usage, uses } from './minted-chain.ts';

const read = (chain: readonly Minted[]) => readChain(chain.map(({ certificate }) => certificate.raw));
const held = (what: string, chain: () => readonly Minted[], why?: RegExp) =>
  test(`a chain ${what} is ${why === undefined ? 'read' : 'refused'}`, () => {
    if (why === undefined) assert.equal(read(chain()).length, chain().length);
    else assert.throws(() => read(chain()), { code: 'SIGNATURE_REFUSED', message: why });
  });

const [SIGNATURE, REPUDIATION, CERT_SIGN, CRL_SIGN] = [0, 1, 5, 6] as const;
const NOT_ALONE = /its certificate is not for signing alone/;
const LEAVES: readonly (readonly [what: string, extensions: readonly Buffer[], why?: RegExp])[] = [
  ['for digital signatures', [usage([SIGNATURE])]],
  ['that also binds who signs', [usage([SIGNATURE, REPUDIATION])]],
  ['that binds who signs alone', [usage([REPUDIATION])], NOT_ALONE],
  ['for nothing', [usage([])], /not in order, or broken/],
  ...[2, 3, 4, CERT_SIGN, CRL_SIGN].map(
    (bit) => [`for signatures and use ${bit}`, [usage([SIGNATURE, bit])], NOT_ALONE] as const,
  ),
  ['that says by the way what it is for', [usage([SIGNATURE], false)], /does not say, as critical/],
  ['that does not say what it is for', [], /does not say, as critical/],
  ['that is no authority’s, and says so', [usage([SIGNATURE]), constraints(false)]],
  ['that is an authority’s', [usage([SIGNATURE]), constraints(true)], /its certificate is an authority’s/],
];
for (const [what, extensions, why] of LEAVES)
  held(`of a signer ${what}`, () => mintChain({ extensions }, {}), why);

/** 1.3.6.1.5.5.7.3.n, what TLS, mail, time stamps and OCSP need; 3 is signing code. */
const KEY_PURPOSE = '2b060105050703';
const ELSE = /its certificate is for something else than signing code/;
const USES: readonly (readonly [what: string, oids: readonly string[], why?: RegExp])[] = [
  ['signing code', [`${KEY_PURPOSE}03`]],
  ['what nobody knows', ['2a0304']],
  ['anything', ['551d2500'], ELSE],
  ...['01', '02', '04', '08', '09'].map(
    (use) => [`signing code and use ${use}`, [`${KEY_PURPOSE}03`, `${KEY_PURPOSE}${use}`], ELSE] as const,
  ),
];
for (const [what, oids, why] of USES)
  held(`of a signer for ${what}`, () => mintChain({ extensions: [...LEAF, uses(...oids)] }, {}), why);

const certify = usage([CERT_SIGN]);
const NONE = /certificate 2 of its chain is no authority’s/;
const AUTHORITIES: readonly (readonly [what: string, chain: () => readonly Minted[], why?: RegExp])[] = [
  ['without constraints', () => mintChain({}, { extensions: [certify] }, {}), NONE],
  ['that is none', () => mintChain({}, { extensions: [certify, constraints(false)] }, {}), NONE],
  [
    'that is one by the way',
    () => mintChain({}, { extensions: [certify, constraints(true, undefined, false)] }, {}),
    NONE,
  ],
  ['that may have none below it', () => mintChain({}, { extensions: [certify, constraints(true, 0)] }, {})],
  [
    'below a root that may have none below it',
    () => mintChain({}, {}, { extensions: [certify, constraints(true, 0)] }),
    /certificate 3 of its chain may not have so many below it/,
  ],
  [
    'below a root that may have one',
    () => mintChain({}, {}, { extensions: [certify, constraints(true, 1)] }),
  ],
  [
    'and two below a root that may have one',
    () => mintChain({}, {}, {}, { extensions: [certify, constraints(true, 1)] }),
    /certificate 4 of its chain may not have so many below it/,
  ],
  [
    'that may not certify',
    () => mintChain({}, { extensions: [usage([CRL_SIGN]), constraints(true)] }, {}),
    /not in order, or broken/,
  ],
  [
    'that does not say what it is for',
    () => mintChain({}, { extensions: [constraints(true)] }, {}),
    /certificate 2 of its chain does not say, as critical/,
  ],
  [
    'that says it by the way',
    () => mintChain({}, { extensions: [usage([CERT_SIGN], false), constraints(true)] }, {}),
    /certificate 2 of its chain does not say, as critical/,
  ],
  [
    'with a key that notation does not sign with',
    () => mintChain({}, { keys: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }) }, {}),
    /a key that notation does not sign with: ec secp256k1/,
  ],
];
for (const [what, chain, why] of AUTHORITIES) held(`with an authority ${what}`, chain, why);

held('of ten certificates', () => mintChain(...Array.from({ length: 10 }, (): Link => ({}))));
held(
  'of eleven',
  () => mintChain(...Array.from({ length: 11 }, (): Link => ({}))),
  /11 certificates, wanted 1 to 10/,
);
held('of none', () => [], /0 certificates, wanted 1 to 10/);
held('that ends before its root', () => mintChain({}, {}, {}).slice(0, 2), /ends in no root/);
held(
  'that leaves one out',
  () => mintChain({}, {}, {}).filter((_, at) => at !== 1),
  /not in order, or broken/,
);
held(
  'whose root is of the same name and another key',
  () => [...mintChain({}, {}).slice(0, 1), ...mintChain({})],
  /not in order, or broken/,
);
held(
  'with another root behind its own',
  () => [...mintChain({}, {}), ...mintChain({ extensions: AUTHORITY })],
  /goes on behind a root/,
);

const oid = (hex: string): Buffer =>
  sequence(Buffer.from(`06${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`, 'hex'));
const hashed = (hash: string, hex: string): Signing => ({
  algorithm: oid(hex),
  sign: (bytes, key) => sign(hash, bytes, key),
});
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ECDSA = '2a8648ce3d0403';
const PKCS1 = '2a864886f70d0101';
const ALGORITHMS: readonly (readonly [what: string, keys: Keys, signing: Signing, isTaken: boolean])[] = [
  ['ECDSA with SHA-224', keyPair(), hashed('sha224', `${ECDSA}01`), false],
  ['ECDSA with SHA-256', keyPair(), hashed('sha256', `${ECDSA}02`), true],
  ['ECDSA with SHA-384', keyPair(), hashed('sha384', `${ECDSA}03`), true],
  ['ECDSA with SHA-512', keyPair(), hashed('sha512', `${ECDSA}04`), true],
  ['RSA with SHA-224', RSA, hashed('sha224', `${PKCS1}0e`), false],
  ['RSA with SHA-256', RSA, hashed('sha256', `${PKCS1}0b`), true],
  ['RSA with SHA-384', RSA, hashed('sha384', `${PKCS1}0c`), true],
  ['RSA with SHA-512', RSA, hashed('sha512', `${PKCS1}0d`), true],
];
for (const [what, keys, signing, isTaken] of ALGORITHMS)
  for (const [at, whose] of ['its signer’s', 'its root’s'].entries()) {
    const usual = keys === RSA ? { signing: hashed('sha256', `${PKCS1}0b`) } : {};
    held(
      `of which ${whose} certificate is signed by ${what}`,
      () => mintChain(at === 0 ? { signing } : usual, { ...(at === 1 ? { signing } : usual), keys }),
      isTaken ? undefined : new RegExp(`certificate ${at + 1} of its chain is signed by the algorithm 1\\.`),
    );
  }

/** SHA-256 with its own mask and 32 bytes of salt, as PSS is asked for. */
const PSS: Signing = {
  algorithm: sequence(
    Buffer.from(`0609${PKCS1}0a`, 'hex'),
    Buffer.from(
      '3030a00d300b0609608648016503040201a11a301806092a864886f70d010108300b0609608648016503040201a203020120',
      'hex',
    ),
  ),
  sign: (bytes, key) =>
    sign('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
};
held('that is signed by RSA-PSS', () => mintChain({ signing: PSS }, { keys: RSA, signing: PSS }));

test('a certificate of a chain is the DER of one and nothing else', () => {
  const [leaf, root] = mintChain({}, {});
  assert.ok(leaf !== undefined && root !== undefined);
  const { raw } = leaf.certificate;
  for (const [bytes, why] of [
    [Buffer.from('none'), /cannot be read/],
    [Buffer.concat([raw, Buffer.from('x')]), /not the DER of one and nothing else/],
    [Buffer.from(leaf.certificate.toString()), /not the DER of one and nothing else/],
  ] as const)
    assert.throws(() => readChain([bytes, root.certificate.raw]), {
      code: 'SIGNATURE_REFUSED',
      message: why,
    });
});

test('of RSA a signer has a key of 2,048, 3,072 or 4,096 bits, of a curve one of the three', () => {
  const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });
  const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
  const algorithms = {
    PS256: rsa(2048),
    PS384: rsa(3072),
    PS512: rsa(4096),
    ES256: ec('P-256'),
    ES384: ec('P-384'),
    ES512: ec('P-521'),
  };
  for (const [name, { publicKey }] of Object.entries(algorithms))
    assert.equal(algorithmOfKey(publicKey).name, name);
  const others = {
    'rsa 2056 bits': rsa(2056),
    'ec secp256k1': ec('secp256k1'),
    ed25519: generateKeyPairSync('ed25519'),
    'rsa-pss': generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
  };
  for (const [what, { publicKey }] of Object.entries(others))
    assert.throws(() => algorithmOfKey(publicKey), {
      code: 'SIGNATURE_REFUSED',
      message: `its certificate has a key that notation does not sign with: ${what}`,
    });
});
