import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { BUNDLE_LIST, OPEN_BRACKETS } from '../../../shared/limits.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { readBundle, readEnvelope } from '../../../shared/verify/cosign/bundle-signature.ts';
import { BUNDLE, envelopeOf, keyBundle, statementOf } from '../signing.ts';

const DIGEST = `sha256:${'a'.repeat(64)}` as Digest;
const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ENVELOPE = envelopeOf(statementOf(DIGEST), { key, hash: 'sha256' });
const [SIGNATURE] = ENVELOPE.signatures;
const read = (bundle: unknown) => readBundle(Buffer.from(JSON.stringify(bundle)), DIGEST, 'bundle');
const naming = (keyid: string, hint: string) => ({
  ...keyBundle({ ...ENVELOPE, signatures: [{ sig: SIGNATURE?.sig ?? '', keyid }] }),
  verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
});

for (const [keyid, hint, isTaken] of [
  ['', '', true],
  ['', 'a', true],
  ['a', 'a', true],
  ['a', 'b', false],
  ['a', '', false],
] as const)
  test(`an envelope by key "${keyid}" in a bundle of key "${hint}" is ${isTaken ? 'read' : 'refused'}`, () => {
    if (isTaken) assert.equal(read(naming(keyid, hint)).found, 'bundle');
    else
      assert.throws(() => read(naming(keyid, hint)), {
        code: 'SIGNATURE_REFUSED',
        message: /another key than the bundle/,
      });
  });

test('a bundle that signs bytes and no statement is refused', () => {
  const { dsseEnvelope, ...rest } = keyBundle(ENVELOPE);
  const messageSignature = {
    messageDigest: { algorithm: 'SHA2_256', digest: Buffer.alloc(32).toString('base64') },
    signature: SIGNATURE?.sig,
  };
  assert.throws(() => read({ ...rest, messageSignature }), {
    code: 'SIGNATURE_REFUSED',
    message: /signs bytes and no statement/,
  });
});

test('an envelope has one signature, whoever read the bundle', () => {
  const { bundle } = read(keyBundle(ENVELOPE));
  assert.ok(bundle.content.$case === 'dsseEnvelope');
  const { dsseEnvelope } = bundle.content;
  for (const count of [0, 2]) {
    const signatures = dsseEnvelope.signatures.flatMap((each) => Array.from({ length: count }, () => each));
    const content = { $case: 'dsseEnvelope' as const, dsseEnvelope: { ...dsseEnvelope, signatures } };
    assert.throws(() => readEnvelope({ ...bundle, content } as typeof bundle, DIGEST, 'bundle'), {
      code: 'SIGNATURE_REFUSED',
      message: `its envelope has ${count} signatures, wanted one`,
    });
  }
});

test('a bundle that nests or lists more than anybody needs is refused before it is read', () => {
  const nested = (depth: number) => Buffer.from(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`);
  assert.throws(() => readBundle(nested(OPEN_BRACKETS), DIGEST, 'bundle'), { message: /nests too deeply/ });
  const listing = (length: number) => ({
    mediaType: BUNDLE,
    more: { list: Array.from({ length }, () => 1) },
  });
  assert.throws(() => read(listing(BUNDLE_LIST + 1)), { message: /a list of 129, wanted at most 128/ });
  assert.throws(() => read(listing(BUNDLE_LIST)), { message: /no bundle of Sigstore/ });
});
