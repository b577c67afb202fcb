import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  certificateFacts,
  hasService,
  listsOf,
} from '../../../shared/verify/revocation/certificate-facts.ts';
import { checkList } from '../../../shared/verify/revocation/check-list.ts';
import { parseRevocationList } from '../../../shared/verify/revocation/revocation-list.ts';
import { der, sequence } from '../der.ts';
import { extension, type Minted, mintAuthority } from '../minted-certificate.ts';
import { signer } from '../notation-scene.ts';
import { askedAt, FRESHEST, type ListOptions, mintList, pointsOf, SCOPE } from './minted-list.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const URL_OF = 'http://a.example/a.crl';
const AUTHORITY = mintAuthority([-60, 60], '03020106');

interface Asked {
  readonly of?: Minted;
  readonly issuer?: Minted;
  readonly later?: number;
}
/** Holds a list to a certificate, by default one that is no authority's. */
function check(
  options: ListOptions,
  { of = signer({}, AUTHORITY), issuer = AUTHORITY, later = 0 }: Asked = {},
): void {
  checkList(parseRevocationList(mintList(issuer, options)), {
    certificate: of.certificate,
    facts: certificateFacts(of.certificate),
    issuer: issuer.certificate,
    url: URL_OF,
    now: new Date(Date.now() + later),
  });
}

const flag = (tag: number, value = 'ff'): Buffer => der(tag, hex(value));
const place = (...urls: readonly string[]): Buffer =>
  der(0xa0, der(0xa0, ...urls.map((url) => der(0x86, Buffer.from(url)))));
const scope = (...parts: readonly Buffer[]): ListOptions => ({
  extensions: [extension(SCOPE, sequence(...parts), true)],
});

const OF_SIGNER: readonly (readonly [what: string, options: ListOptions, why?: RegExp])[] = [
  ['of no scope', {}],
  ['of no authorities', scope(flag(0x81))],
  ['of authorities alone', scope(flag(0x82)), /of authorities alone/],
  ['that says that it is not of authorities alone', scope(flag(0x82, '00'))],
  ['of several issuers', scope(flag(0x84)), /several issuers/],
  ['that says that it is not of several issuers', scope(flag(0x84, '00'))],
  ['of attributes', scope(flag(0x85)), /attributes alone/],
  ['that says that it is not of attributes', scope(flag(0x85, '00'))],
  ['of some reasons', scope(der(0x83, hex('0640'))), /some reasons/],
  ['of some reasons, in another form', scope(der(0xa3, hex('030206 40'.replace(' ', '')))), /some reasons/],
  ['of its place', scope(place(URL_OF))],
  ['of its place among others', scope(place('http://b.example/b.crl', URL_OF))],
  ['of another place', scope(place('http://b.example/b.crl')), /another distribution point/],
  ['of a place whose name begins alike', scope(place(`${URL_OF}x`)), /another distribution point/],
  ['of its place and of authorities alone', scope(place(URL_OF), flag(0x82)), /of authorities alone/],
  ['with an extension that is not critical', { extensions: [extension('06032a0304', hex('0500'))] }],
];
for (const [what, options, why] of OF_SIGNER)
  test(`a list ${what} ${why === undefined ? 'counts' : 'does not count'} for a signer’s certificate`, () => {
    if (why === undefined) check(options);
    else assert.throws(() => check(options), { message: why });
  });

test('a list of no authorities does not count for an authority’s certificate, and one of authorities alone does', () => {
  const asked = { of: AUTHORITY };
  assert.throws(() => check(scope(flag(0x81)), asked), { message: /not of authorities/ });
  check(scope(flag(0x81, '00')), asked);
  check(scope(flag(0x82)), asked);
});

test('a certificate that names a delta of its own is not held to the whole list alone', () => {
  const of = signer({ more: [extension(FRESHEST, pointsOf(URL_OF))] }, AUTHORITY);
  assert.throws(() => check({}, { of }), { message: /there is a delta to it/ });
});

test('a list counts until the next one comes, and not a moment longer', () => {
  const next = parseRevocationList(mintList(AUTHORITY)).nextUpdate?.getTime() ?? 0;
  const at = (now: number): void => {
    const { certificate } = signer({}, AUTHORITY);
    const list = parseRevocationList(mintList(AUTHORITY));
    const [facts, issuer] = [certificateFacts(certificate), AUTHORITY.certificate];
    checkList(
      { ...list, nextUpdate: new Date(next) },
      { certificate, facts, issuer, url: URL_OF, now: new Date(now) },
    );
  };
  at(next);
  assert.throws(() => at(next + 1), { message: /it ran out at/ });
});

const USAGES: readonly (readonly [what: string, usage: string | null, mayList: boolean])[] = [
  ['certificates and lists', '03020106', true],
  ['lists alone, which certifies nobody', '03020102', false],
  ['certificates alone', '03020204', false],
  ['signatures', '03020780', false],
  ['whatever it wants', null, true],
];
for (const [what, usage, mayList] of USAGES)
  test(`an authority whose key is for ${what} ${mayList ? 'has lists' : 'has none'}`, () => {
    const issuer = mintAuthority([-60, 60], usage);
    const asked = { of: signer({}, issuer), issuer };
    if (mayList) check({}, asked);
    else assert.throws(() => check({}, asked), { message: /may not sign lists/ });
  });

test('a customer of an authority has no list of its own, whatever its key is for', () => {
  const issuer = signer({ usage: '03020106' }, AUTHORITY);
  assert.throws(() => check({}, { issuer }), { message: /may not sign lists/ });
});

const factsOf = (...more: readonly Buffer[]) => certificateFacts(signer({ more }, AUTHORITY).certificate);
const point = (...names: readonly Buffer[]): Buffer => sequence(der(0xa0, der(0xa0, ...names)));
const url = (text: string): Buffer => der(0x86, Buffer.from(text));

test('of each list its URLs are read, and no other name', () => {
  assert.deepEqual(listsOf(factsOf()), []);
  const points = sequence(
    point(url('http://a'), der(0x82, Buffer.from('b.example')), url('ldap://c')),
    sequence(der(0xa0, der(0xa1, url('http://d'))), der(0x81, hex('0640'))),
    sequence(der(0xa2, url('http://e'))),
  );
  assert.deepEqual(listsOf(factsOf(extension('0603551d1f', points))), [['http://a', 'ldap://c'], [], []]);
});

test('a service is one of OCSP alone', () => {
  const access = (method: string): Buffer =>
    extension('06082b06010505070101', sequence(sequence(hex(method), url('http://a'))));
  assert.equal(hasService(factsOf()), false);
  assert.equal(hasService(factsOf(askedAt('http://a'))), true);
  assert.equal(hasService(factsOf(access('06082b06010505073002'))), false, 'where its issuer is');
  assert.equal(hasService(factsOf(access('04082b06010505073001'))), false, 'no identifier');
});

test('a certificate is known by the names and the number that OpenSSL reads', () => {
  const { certificate } = signer({}, AUTHORITY);
  const { serial, issuer, subject, extensions } = certificateFacts(certificate);
  assert.equal(serial.toString('hex').toUpperCase(), certificate.serialNumber);
  assert.ok(certificateFacts(AUTHORITY.certificate).subject.equals(issuer));
  assert.ok(!subject.equals(issuer));
  assert.ok(extensions.has('551d0f') && extensions.has('551d11'));
});

test('a certificate of the first version, which has no extensions, is read', () => {
  const { certificate } = AUTHORITY;
  const none = sequence(
    sequence(hex('020107'), sequence(), sequence(hex('0500')), sequence(), sequence(hex('0501')), sequence()),
  );
  const { serial, issuer, subject, extensions } = certificateFacts({
    ...certificate,
    raw: none,
  } as typeof certificate);
  assert.deepEqual(
    [serial, issuer, subject].map((each) => each.toString('hex')),
    ['07', '30020500', '30020501'],
  );
  assert.equal(extensions.size, 0);
  for (const raw of [
    sequence(sequence()),
    sequence(),
    sequence(sequence(hex('020107'), sequence(), sequence())),
  ])
    assert.throws(() => certificateFacts({ raw } as typeof certificate), { message: /no certificate/ });
});
