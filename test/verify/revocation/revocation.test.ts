import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import {
  FAILED_ASK_MS,
  REVOCATION_LIST_BYTES,
  REVOCATION_LIST_MS,
  REVOCATION_LISTS,
} from '../../../shared/limits.ts';
import { der, sequence } from '../der.ts';
import { extension, type Minted, mintAuthority, nameOf } from '../minted-certificate.ts';
import { signer } from '../notation-scene.ts';
import {
  askedAt,
  DELTA,
  FRESHEST,
  type ListAnswer,
  type ListOptions,
  listedAt,
  mintList,
  openLists,
  pointsOf,
  SCOPE,
} from './minted-list.ts';
import { AUTHORITY, openRevocation as open } from './revocation-scene.ts';

const revoking = (options: ListOptions = {}): Buffer =>
  mintList(AUTHORITY, { entries: [{ serial: 1 }], ...options });

test('a certificate that its list has is refused; one that it has not is taken', async (t) => {
  const revoked = await open(t, revoking());
  await assert.rejects(revoked.judged(), {
    code: 'SIGNATURE_REFUSED',
    message: /was revoked, as the list at "http:/,
  });
  const good = await open(t, mintList(AUTHORITY, { entries: [{ serial: 2 }] }));
  assert.equal((await good.judged()).signatures.length, 1);
  assert.deepEqual(good.requests, [good.path]);
});

test('what fails of revocation is refused, told or not looked at, as the level has it', async (t) => {
  const { judged, requests } = await open(t, revoking());
  for (const level of ['permissive', 'audit'] as const)
    assert.match((await judged({ level })).tolerated?.join() ?? '', /^revocation: .*was revoked/, level);
  await assert.rejects(judged({ level: 'permissive', override: { revocation: 'enforce' } }), {
    message: /was revoked/,
  });
  assert.match((await judged({ override: { revocation: 'log' } })).tolerated?.join() ?? '', /was revoked/);
  requests.length = 0;
  assert.equal((await judged({ override: { revocation: 'skip' } })).tolerated, undefined);
  await judged({ level: 'skip', trustStores: [], trustedIdentities: [] });
  assert.deepEqual(requests, []);
});

const UNKNOWN = hexed('0500');
function hexed(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
const scopeOf = (...parts: readonly Buffer[]): Buffer => extension(SCOPE, sequence(...parts), true);
const flag = (tag: number): Buffer => der(tag, hexed('ff'));

const BROKEN: readonly (readonly [
  what: string,
  answer: ListAnswer | ((url: string) => ListAnswer),
  why: RegExp,
])[] = [
  ['is not there', { status: 404 }, /answered 404/],
  ['is elsewhere', { location: 'http://127.0.0.1:1/a' }, /answered 302/],
  ['has no end', 'endless', new RegExp(`over ${REVOCATION_LIST_BYTES} bytes`)],
  ['is none', Buffer.from('no list'), /DER/],
  ['ran out', mintList(AUTHORITY, { next: -1 }), /ran out at/],
  ['says no end', mintList(AUTHORITY, { next: null }), /does not say when/],
  ['is signed by others', mintList(mintAuthority()), /did not sign it/],
  ['names another issuer', mintList(AUTHORITY, { issuer: 'theirs' }), /another issuer/],
  ['has bytes behind it', Buffer.concat([mintList(AUTHORITY), Buffer.alloc(1)]), /DER/],
  [
    'has something critical that nobody reads',
    mintList(AUTHORITY, { extensions: [extension('06032a0304', UNKNOWN, true)] }),
    /critical extension 2a0304/,
  ],
  [
    'is a delta',
    mintList(AUTHORITY, { extensions: [extension(DELTA, hexed('020101'), true)] }),
    /is a delta, which is not read/,
  ],
  [
    'has a delta beside it',
    (url) => mintList(AUTHORITY, { extensions: [extension(FRESHEST, pointsOf(url))] }),
    /a delta to it, which is not read/,
  ],
  [
    'is of another place',
    mintList(AUTHORITY, {
      extensions: [scopeOf(der(0xa0, der(0xa0, der(0x86, Buffer.from('http://a.example/b.crl')))))],
    }),
    /another distribution point/,
  ],
  [
    'is of authorities alone',
    mintList(AUTHORITY, { extensions: [scopeOf(flag(0x82))] }),
    /authorities alone/,
  ],
  ['is of several issuers', mintList(AUTHORITY, { extensions: [scopeOf(flag(0x84))] }), /several issuers/],
  ['is of attributes', mintList(AUTHORITY, { extensions: [scopeOf(flag(0x85))] }), /attributes alone/],
  [
    'is of some reasons',
    mintList(AUTHORITY, { extensions: [scopeOf(der(0x83, hexed('0640')))] }),
    /some reasons/,
  ],
];
for (const [what, answer, why] of BROKEN) {
  test(`where its list ${what}, a certificate is refused, and how to take it is told; nothing of it is kept`, async (t) => {
    const { judged, answers, path } = await open(t, answer);
    await assert.rejects(judged(), { code: 'SIGNATURE_REFUSED', message: why });
    await assert.rejects(judged(), { message: /is not known: .*override: \{ revocation: log \}/ });
    assert.match((await judged({ level: 'permissive' })).tolerated?.join() ?? '', why);
    answers.set(path, mintList(AUTHORITY));
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + FAILED_ASK_MS });
    assert.equal((await judged()).tolerated, undefined);
  });
}

test('a list is read once until the next one comes', async (t) => {
  const { judged, requests, answers, path } = await open(t, mintList(AUTHORITY, { next: 1 }));
  await judged();
  answers.set(path, revoking());
  await judged();
  assert.equal(requests.length, 1);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 });
  await assert.rejects(judged(), { message: /was revoked/ });
  assert.equal(requests.length, 2);
});

test('the scope of a list that is the certificate’s own is no reason against it', async (t) => {
  const own = (url: string): Buffer =>
    mintList(AUTHORITY, {
      extensions: [scopeOf(der(0xa0, der(0xa0, der(0x86, Buffer.from(url)))), flag(0x81))],
    });
  const { judged } = await open(t, own);
  assert.equal((await judged()).signatures.length, 1);
});

test('a list at a private or loopback address is read only where the policy says that it may be', async (t) => {
  const { judged, requests } = await open(t, mintList(AUTHORITY));
  await assert.rejects(judged({ local: false }), { message: /127\.0\.0\.1 is a loopback address/ });
  assert.deepEqual(requests, []);
});

test('lists are read over http alone, and no more than so many of one certificate', async (t) => {
  for (const url of ['https://127.0.0.1:1/a.crl', 'ldap://a.example/cn=a', 'file:///etc/passwd']) {
    const { judged } = await open(t, undefined, { signer: signer({ more: [listedAt(url)] }, AUTHORITY) });
    await assert.rejects(judged(), { message: /not reached over http/ });
  }
  const { url, answers, path, judged } = await open(t, mintList(AUTHORITY));
  assert.equal((await judged()).signatures.length, 1);
  const many = (count: number): Minted => {
    const point = sequence(der(0xa0, der(0xa0, der(0x86, Buffer.from(url)))));
    const points = sequence(...Array.from({ length: count }, () => point));
    return signer({ more: [extension('0603551d1f', points)] }, AUTHORITY);
  };
  answers.set(path, mintList(AUTHORITY));
  const most = await open(t, undefined, {}, many(REVOCATION_LISTS));
  assert.equal((await most.judged()).signatures.length, 1);
  const over = await open(t, undefined, {}, many(REVOCATION_LISTS + 1));
  await assert.rejects(over.judged(), { message: /names 9 lists, wanted at most 8/ });
});

const byUrl = sequence(der(0xa0, der(0xa0, der(0x86, Buffer.from('http://127.0.0.1:1/a.crl')))));
const UNNAMED: readonly (readonly [what: string, point: Buffer])[] = [
  ['by the name of a directory', sequence(der(0xa0, der(0xa0, der(0xa4, nameOf('lists')))))],
  ['by its issuer’s name and more', sequence(der(0xa0, der(0xa1, hexed('300a06035504030c03616263'))))],
  ['by its issuer alone', sequence(der(0xa2, der(0xa4, nameOf('lists'))))],
];
for (const [what, point] of UNNAMED) {
  test(`a certificate that names a list ${what} is refused, beside a URL too: whether it was revoked is not known`, async (t) => {
    for (const points of [[point], [byUrl, point]]) {
      const by = signer({ more: [extension('0603551d1f', sequence(...points))] }, AUTHORITY);
      const { judged } = await open(t, undefined, {}, by);
      await assert.rejects(judged(), {
        code: 'SIGNATURE_REFUSED',
        message: /is not known: it names a list by no URL/,
      });
    }
  });
}

test('a certificate that says that it names lists, and names none, is refused', async (t) => {
  const { judged } = await open(
    t,
    undefined,
    {},
    signer({ more: [extension('0603551d1f', sequence())] }, AUTHORITY),
  );
  await assert.rejects(judged(), { message: /is said where it cannot be read/ });
});

test('a certificate that names a service alone is refused; with a list beside it the list is read', async (t) => {
  const alone = await open(t, undefined, {}, signer({ more: [askedAt('http://ocsp.example')] }, AUTHORITY));
  await assert.rejects(alone.judged(), {
    message: /a service \(OCSP\) says it, which is not asked, and no list/,
  });
  const { url } = await open(t, mintList(AUTHORITY));
  const both = await open(
    t,
    undefined,
    {},
    signer({ more: [askedAt('http://ocsp.example'), listedAt(url)] }, AUTHORITY),
  );
  assert.equal((await both.judged()).signatures.length, 1);
});

test('where nobody is trusted, nobody’s list is read, however lenient the level', async (t) => {
  const theirs = mintAuthority();
  const lists = await openLists(t);
  const by = signer({ more: [listedAt(`${lists.url}/theirs.crl`)] }, theirs);
  const { judged } = await open(t, undefined, { signer: by, chain: [by, theirs] });
  const { tolerated } = await judged({ level: 'audit' });
  assert.match(tolerated?.join() ?? '', /revocation: .*its list is not read, as nobody trusts it/);
  assert.deepEqual(lists.requests, []);
});

test('an authority whose key is not for lists has none', async (t) => {
  const authority = mintAuthority();
  const lists = await openLists(t);
  lists.answers.set('/a.crl', mintList(authority));
  const by = signer({ more: [listedAt(`${lists.url}/a.crl`)] }, authority);
  const certificates = [{ pem: authority.certificate.toString() }];
  const { judged } = await open(t, undefined, { signer: by, chain: [by, authority] });
  await assert.rejects(judged({ trustStores: [{ type: 'ca', name: 'ours', certificates }] }), {
    message: /may not sign lists/,
  });
});

test('the reading of a list ends in time', async (t) => {
  const { judged, requests } = await open(t, 'silent');
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const asked = judged();
  while (requests.length === 0) await new Promise(setImmediate);
  mock.timers.tick(REVOCATION_LIST_MS);
  await assert.rejects(asked, { message: /no complete answer within 5 s/ });
});
