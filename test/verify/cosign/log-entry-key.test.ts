import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { isEntryOf } from '../../../shared/verify/cosign/log-entry-key.ts';
import { fingerprintOf } from '../../../shared/verify/policy/public-key.ts';

const key = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
const [OURS, THEIRS] = [key(), key()];
const pem = (each: KeyObject): string =>
  Buffer.from(each.export({ type: 'spki', format: 'pem' })).toString('base64');
const der = (each: KeyObject): string => each.export({ type: 'spki', format: 'der' }).toString('base64');
const hashed = (content: unknown) => ({ signature: { publicKey: { content } } });

const ENTRIES: readonly (readonly [what: string, spec: unknown, isOurs: boolean])[] = [
  ['our key in PEM', hashed(pem(OURS)), true],
  ['our key in DER', hashed(der(OURS)), true],
  ['another key', hashed(pem(THEIRS)), false],
  ['no key', {}, false],
  ['nothing at all', undefined, false],
  ['a key that is a number', hashed(7), false],
  ['a key that cannot be read', hashed('AAAA'), false],
  ['an empty key', hashed(''), false],
  [
    'our key, and another where another form has it',
    { ...hashed(pem(OURS)), signatures: [{ verifier: pem(THEIRS) }] },
    false,
  ],
  [
    'our key, and one that cannot be read',
    { ...hashed(pem(OURS)), signatures: [{ verifier: 'AAAA' }] },
    false,
  ],
  ['our key twice', { ...hashed(pem(OURS)), signatures: [{ verifier: pem(OURS) }] }, true],
  ['our key as the second signer', { signatures: [{}, { verifier: pem(OURS) }] }, false],
];
for (const [what, spec, isOurs] of ENTRIES)
  test(`an entry of ${what} is ${isOurs ? '' : 'not '}one of our signature`, () => {
    const body = Buffer.from(JSON.stringify({ kind: 'hashedrekord', apiVersion: '0.0.1', spec }));
    assert.equal(isEntryOf(body, fingerprintOf(OURS)), isOurs);
  });

test('an entry that is no JSON is nobody’s', () => {
  assert.equal(isEntryOf(Buffer.from('none'), fingerprintOf(OURS)), false);
});
