import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { certificateFacts, listsOf, urlsOf } from '../../../shared/verify/revocation/certificate-facts.ts';
import { checkRevoked } from '../../../shared/verify/revocation/check-revoked.ts';
import { der, octets, sequence } from '../der.ts';
import { signer } from '../notation-scene.ts';
import { listedAt } from './minted-list.ts';
import { AUTHORITY } from './revocation-scene.ts';

const integer = (value: number): Buffer => der(0x02, Buffer.from([value]));
/** What of a certificate is signed, of so many parts: behind its version 1, 2, 3, … */
const factsOf = (count: number) => {
  const parts = Array.from({ length: count }, (_, at) => integer(at + 1));
  return certificateFacts({ raw: sequence(sequence(...parts)) } as X509Certificate);
};

test('a certificate has ten parts at the most, and a serial, an issuer and a subject at the least', () => {
  const { serial, issuer, subject } = factsOf(10);
  assert.deepEqual([serial, issuer, subject], [Buffer.from([1]), integer(3), integer(5)]);
  assert.throws(() => factsOf(11), { message: /more than 10 elements/ });
  for (const count of [0, 1, 2, 3, 4])
    assert.throws(() => factsOf(count), { message: 'it is no certificate' });
});

const url = (text: string): Buffer => der(0x86, Buffer.from(text));
const full = (...urls: readonly string[]): Buffer => der(0xa0, ...urls.map(url));

test('a place of lists has one name, which may be several URLs', () => {
  assert.deepEqual(urlsOf(full('http://a', 'http://b')), ['http://a', 'http://b']);
  assert.throws(() => urlsOf(Buffer.concat([full('http://a'), full('http://b')])), {
    message: /more than 1 element/,
  });
});

test('a place of lists has a name, reasons and an issuer, and nothing more', () => {
  const listing = (...more: readonly Buffer[]) => {
    const value = sequence(sequence(der(0xa0, full('http://a')), ...more));
    const extensions = new Map([['551d1f', { id: '551d1f', isCritical: false, value }]]);
    return listsOf({ issuer: value, subject: value, serial: value, extensions });
  };
  assert.deepEqual(listing(der(0x81), der(0xa2)), [['http://a']]);
  assert.throws(() => listing(der(0x81), der(0xa2), octets(Buffer.alloc(1))), {
    message: /more than 3 elements/,
  });
});

test('whoever does not want to wait for a list any more is told so, and not that nothing is known of it', async () => {
  const by = signer({ more: [listedAt('http://127.0.0.1:9/gone.crl')] }, AUTHORITY);
  const options = { now: new Date(), env: {}, local: true, signal: AbortSignal.abort(new Error('enough')) };
  await assert.rejects(checkRevoked([by.certificate, AUTHORITY.certificate], options), { code: 'CANCELLED' });
});
