import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { isGoodIn } from '../../../shared/verify/notation/certificate-time.ts';
import { certifiedName, formatName } from '../../../shared/verify/notation/certified-name.ts';
import { der, sequence } from '../der.ts';
import { ALGORITHM, minted, nameOf, timeOf } from '../minted-certificate.ts';
import { keyPair } from './minted-chain.ts';

const KEYS = keyPair();
/** `O=acme` in an encoding, by its tag. */
const attribute = (tag: number, text = 'acme', oid = '060355040a'): Buffer =>
  sequence(Buffer.from(oid, 'hex'), der(tag, Buffer.from(text)));
const name = (...parts: readonly (readonly Buffer[])[]): Buffer =>
  sequence(...parts.map((part) => der(0x31, ...part)));
const named = (subject: string | Buffer) =>
  certifiedName(minted({ subject, keys: KEYS, extensions: [] }, KEYS).certificate);

const TAKEN: readonly (readonly [what: string, subject: string | Buffer, text: string])[] = [
  ['several attributes', 'C=US, ST=WA, O=acme, CN=release', 'C=US, ST=WA, O=acme, CN=release'],
  ['UTF-8', name([attribute(0x0c, 'ä')]), 'O=ä'],
  ['a PrintableString', name([attribute(0x13)]), 'O=acme'],
  ['an IA5String', name([attribute(0x16)]), 'O=acme'],
  ['an attribute of no name', name([attribute(0x0c, 'x', '06032a0304')]), '1.2.3.4=x'],
  ['nothing', name(), ''],
];
for (const [what, subject, text] of TAKEN)
  test(`a certificate that names ${what} is of ${text === '' ? 'nobody' : text}`, () => {
    assert.equal(formatName(named(subject)), text);
  });

const REFUSED: readonly (readonly [what: string, subject: string | Buffer, why: RegExp])[] = [
  ['its organization twice', 'O=acme, O=acme', /names O twice/],
  ['two things in one', name([attribute(0x0c), attribute(0x0c, 'x', '0603550403')]), /several things in one/],
  ['in T61', name([attribute(0x14)]), /names O in an encoding that is not read/],
  ['in BMP', name([attribute(0x1e)]), /names O in an encoding that is not read/],
];
for (const [what, subject, why] of REFUSED)
  test(`a certificate that names ${what} is refused`, () => {
    assert.throws(() => named(subject), { code: 'SIGNATURE_REFUSED', message: why });
  });

test('a certificate of the first version of X.509, which does not say so, is of its subject', () => {
  const { certificate } = minted({ subject: 'O=acme', keys: KEYS, extensions: [] }, KEYS);
  const time = timeOf(new Date());
  const spki = KEYS.publicKey.export({ type: 'spki', format: 'der' });
  const signed = sequence(
    ...[
      Buffer.from('020101', 'hex'),
      ALGORITHM,
      nameOf('O=issuer'),
      sequence(time, time),
      nameOf('O=first'),
      spki,
    ],
  );
  const first = new X509Certificate(sequence(signed, ALGORITHM, der(0x03, Buffer.alloc(9))));
  assert.equal(formatName(certifiedName(first)), 'O=first');
  assert.equal(formatName(certifiedName(certificate)), 'O=acme');
});

test('a certificate is good from its first moment to its last', () => {
  const { certificate } = minted({ subject: 'O=acme', keys: KEYS, extensions: [] }, KEYS);
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  const isGood = (first: number, last: number) => isGoodIn(certificate, new Date(first), new Date(last));
  assert.deepEqual(
    [isGood(from, to), isGood(from - 1, to), isGood(from, to + 1), isGood(to, to), isGood(from, from)],
    [true, false, false, true, true],
  );
});
