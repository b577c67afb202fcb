import assert from 'node:assert/strict';
import { sign, type X509Certificate } from 'node:crypto';
import { ASN1Obj, X509Certificate as Parsed } from '@sigstore/core';
import { checkCriticalExtensions, checkNames } from '../../../shared/verify/cosign/certificate-extensions.ts';
import { readChain } from '../../../shared/verify/notation/certificate-chain.ts';
import { certifiedName } from '../../../shared/verify/notation/certified-name.ts';
import { checkRevoked } from '../../../shared/verify/revocation/check-revoked.ts';
import { der, sequence } from '../../verify/der.ts';
import { mintAuthority, mintLeaf } from '../../verify/minted-certificate.ts';
import { WORKFLOW } from '../../verify/scaffold.ts';
import { type FuzzTarget, taken, takenLater } from '../engine/fuzz-target.ts';

const AUTHORITY = mintAuthority();
const ECDSA_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
/** What of a certificate is signed. */
const signedPart = ({ raw }: X509Certificate): Buffer =>
  ASN1Obj.parseBuffer(Buffer.from(raw)).subs[0]?.toDER() ?? Buffer.alloc(0);

/** As an authority that we trust would sign it, so that what reads it is reached. */
const issued = (tbs: Buffer): Buffer =>
  sequence(tbs, ECDSA_SHA256, der(0x03, Buffer.from([0]), sign('sha256', tbs, AUTHORITY.keys.privateKey)));

/** DER of certificates: what is taken, by the reader of Notation's chains and by that of Fulcio's, is one certificate and nothing else. */
export const target: FuzzTarget = {
  name: 'certificate',
  seeds: [signedPart(mintLeaf(AUTHORITY, WORKFLOW, {}).certificate), signedPart(AUTHORITY.certificate)],
  words: [
    '\x30\x80',
    '\x30\x84\x7f\xff\xff\xff',
    '\x01\x01\xff',
    '\x06\x03\x2a\x03\x04',
    '\x55\x1d\x0f',
    '\x55\x1d\x11',
    '\x55\x1d\x13',
    '\x55\x1d\x25',
    '\x0c\x00',
    '\x1e\x02\x00\x41',
    '\x17\x0d',
    '\x02\x01\x00',
  ].map((bytes) => Buffer.from(bytes, 'latin1')),
  judge: async (input) => {
    const leaf = issued(input);
    const chain = taken(() => readChain([leaf, AUTHORITY.certificate.raw]), 'SIGNATURE_REFUSED');
    const [first] = chain ?? [];
    if (first === undefined) return false;
    assert.ok(first.raw.equals(leaf));
    taken(() => certifiedName(first), 'SIGNATURE_REFUSED');
    await takenLater(
      () => checkRevoked([first, first], { now: new Date(), env: undefined, local: false }),
      'SIGNATURE_REFUSED',
    );
    // Cosign's verdict takes whatever is thrown for a signature that does not count.
    for (const check of [checkCriticalExtensions, checkNames])
      try {
        check(Parsed.parse(Buffer.from(first.raw)));
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    return true;
  },
  hostile: [
    ['60 KB of sequences', () => Buffer.from('3080'.repeat(30_000), 'hex')],
    ['sequences in sequences', () => nested(20_000)],
    ['60 KB of an integer', () => Buffer.concat([Buffer.from('0282ea60', 'hex'), Buffer.alloc(60_000, 1)])],
  ],
};

function nested(depth: number): Buffer {
  let inner: Buffer = Buffer.alloc(0);
  for (let level = 0; level < depth && inner.length < 60_000; level += 1) inner = sequence(inner);
  return inner;
}
