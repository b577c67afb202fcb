import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import {
  fingerprintOf,
  isMadeWith,
  readPublicDer,
  readPublicKey,
} from '../../../shared/verify/policy/public-key.ts';
import { mintAuthority } from '../minted-certificate.ts';

const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const derOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });
const OURS = ec('P-256');
const PEM = pemOf(OURS.publicKey);
const PRIVATE = OURS.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const RSA = rsa(2048);

const TAKEN: readonly (readonly [what: string, key: KeyObject, hashes: readonly string[]])[] = [
  ['P-256', OURS.publicKey, ['sha256']],
  ['P-384', ec('P-384').publicKey, ['sha384', 'sha256']],
  ['P-521', ec('P-521').publicKey, ['sha512', 'sha256']],
  ['RSA of 2048 bits', RSA.publicKey, ['sha256', 'sha384', 'sha512']],
  ['Ed25519', generateKeyPairSync('ed25519').publicKey, []],
];
for (const [what, key, hashes] of TAKEN)
  test(`a key of ${what} is read from PEM and DER as the same, with the hashes it may sign by`, () => {
    const read = readPublicKey(pemOf(key), 'a');
    assert.deepEqual(read.hashes, hashes);
    assert.equal(read.fingerprint, fingerprintOf(key));
    assert.equal(readPublicDer(derOf(key), 'a').fingerprint, read.fingerprint);
  });

test('an RSA key is read under its own label, too, and one with text around it', () => {
  const pkcs1 = RSA.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  assert.equal(readPublicKey(pkcs1, 'a').fingerprint, fingerprintOf(RSA.publicKey));
  assert.ok(readPublicKey(`# ours\n${PEM}\n`, 'a'));
});

const REFUSED: readonly (readonly [what: string, pem: string, why: RegExp])[] = [
  ['a private key', PRIVATE, /a has a private key/],
  ['a private key behind a public one', `${PEM}${PRIVATE}`, /has a private key/],
  ['nothing', '', /has no key in PEM/],
  ['text', 'ours', /has no key in PEM/],
  ['two keys', `${PEM}${PEM}`, /has 2 blocks of PEM, wanted one key/],
  ['a certificate', mintAuthority().certificate.toString(), /has a CERTIFICATE, wanted a PUBLIC KEY/],
  ['what is no key under its label', PEM.replace(/\n.+\n/, '\nAAAA\n'), /is no key that can be read/],
  ['a key on another curve', pemOf(ec('secp256k1').publicKey), /on the curve secp256k1/],
  [
    'a key of RSA that is too short',
    pemOf(rsa(2040).publicKey),
    /RSA key of 2040 bits, wanted at least 2048/,
  ],
  ['a key that agrees and does not sign', pemOf(generateKeyPairSync('x25519').publicKey), /of type x25519/],
  ['a key of Ed448', pemOf(generateKeyPairSync('ed448').publicKey), /of type ed448/],
];
for (const [what, pem, why] of REFUSED)
  test(`a policy whose key is ${what} is refused`, () => {
    assert.throws(() => readPublicKey(pem, 'a'), { code: 'CONFIG_INVALID', message: why });
  });

test('a key in DER that is none, or none that signs so, is refused as well', () => {
  for (const [der, why] of [
    [Buffer.from('none'), /a is no key that can be read/],
    [derOf(ec('secp256k1').publicKey), /on the curve secp256k1/],
    [derOf(rsa(1024).publicKey), /RSA key of 1024 bits/],
  ] as const)
    assert.throws(() => readPublicDer(der, 'a'), { code: 'CONFIG_INVALID', message: why });
});

test('a signature counts by a hash that its key may sign by, over these bytes, and never throws', () => {
  const bytes = Buffer.from('signed');
  const read = readPublicKey(PEM, 'a');
  const by = (hash: string): Buffer => sign(hash, bytes, OURS.privateKey);
  assert.equal(isMadeWith(read, bytes, by('sha256')), true);
  for (const signature of [by('sha512'), by('sha1'), Buffer.alloc(0), Buffer.from('none')])
    assert.equal(isMadeWith(read, bytes, signature), false);
  assert.equal(isMadeWith(read, Buffer.from('other'), by('sha256')), false);
  const wide = ec('P-384');
  const both = readPublicKey(pemOf(wide.publicKey), 'a');
  for (const hash of both.hashes)
    assert.equal(isMadeWith(both, bytes, sign(hash, bytes, wide.privateKey)), true);
  const odd = { ...read, hashes: ['no hash'] };
  assert.equal(isMadeWith(odd, bytes, by('sha256')), false);
});
