import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNamed, parseIdentity } from '../../../shared/verify/policy/distinguished-name.ts';

const read = (text: string) => Object.fromEntries(parseIdentity(`x509.subject:${text}`));
const LEAST = 'C=US, ST=WA, O=acme';
const ACME = { C: 'US', ST: 'WA', O: 'acme' };

const TAKEN: readonly (readonly [text: string, names: Readonly<Record<string, string>>])[] = [
  [` ${LEAST}`, ACME],
  ['C=US,ST=WA,O=acme', ACME],
  ['  c = US ,  st=WA,O=acme  ', ACME],
  ['C=US, S=WA, O=acme', ACME],
  [`${LEAST}, CN=a\\, b`, { ...ACME, CN: 'a, b' }],
  [`${LEAST}, OU=\\"x\\"`, { ...ACME, OU: '"x"' }],
  [
    `${LEAST}, STREET=a b, POSTALCODE=1, SERIALNUMBER=2, L=c`,
    { ...ACME, STREET: 'a b', POSTALCODE: '1', SERIALNUMBER: '2', L: 'c' },
  ],
];
for (const [text, names] of TAKEN)
  test(`a trusted identity ${text} names ${Object.keys(names).join(', ')}`, () => {
    assert.deepEqual(read(text), names);
  });
test('a second identity is read from its beginning', () => {
  assert.deepEqual([read(LEAST), read(LEAST)], [ACME, ACME]);
});

const REFUSED: readonly (readonly [text: string, why: RegExp])[] = [
  [LEAST, /does not begin with x509.subject:/],
  [`x509.subject ${LEAST}`, /does not begin with/],
  [`x:x509.subject:${LEAST}`, /does not begin with/],
  ['x509.subject:', /has no C and no ST and no O/],
  ['x509.subject: C=US, ST=WA', /has no O/],
  ['x509.subject: C=US, ST=WA, O=', /has no O/],
  [`x509.subject: ${LEAST}, O=evil`, /has O twice/],
  ['x509.subject: C=US, ST=WA, S=CA, O=acme', /has ST twice/],
  [`x509.subject: ${LEAST}, MAIL=x`, /has the attribute MAIL/],
  [`x509.subject: ${LEAST} + CN=x`, /is no list of attributes/],
  [`x509.subject: ${LEAST}; CN=x`, /is no list of attributes/],
  [`x509.subject: ${LEAST}, =x`, /is no list of attributes/],
  [`x509.subject: ${LEAST}, CN="x"`, /is no list of attributes/],
  [`x509.subject: ${LEAST}, CN=a=b`, /is no list of attributes/],
];
for (const [text, why] of REFUSED)
  test(`${text} is no trusted identity`, () => {
    assert.throws(() => parseIdentity(text), { code: 'CONFIG_INVALID', message: why });
  });

const MATCHES: readonly (readonly [certified: Readonly<Record<string, string>>, isSo: boolean])[] = [
  [ACME, true],
  [{ ...ACME, CN: 'release' }, true],
  [{ C: 'US', ST: 'WA' }, false],
  [{ ...ACME, O: 'acme2' }, false],
  [{ ...ACME, O: 'ACME' }, false],
  [{ ...ACME, ST: 'CA' }, false],
];
for (const [certified, isSo] of MATCHES)
  test(`who is certified as ${JSON.stringify(certified)} is ${isSo ? '' : 'not '}who is wanted`, () => {
    assert.equal(isNamed(parseIdentity(`x509.subject:${LEAST}`), new Map(Object.entries(certified))), isSo);
  });
