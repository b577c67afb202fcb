import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AUTHENTIC_TIME,
  EXPIRY,
  SCHEME,
  SIGNING_TIME,
  signedTimes,
} from '../../../shared/verify/notation/signed-header.ts';

const AUTHORITY = 'notary.x509.signingAuthority';
const [AT, LATER] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'];
const PLUGIN = 'io.cncf.notary.verificationPlugin';
const own = (more: object = {}) => ({ [SCHEME]: 'notary.x509', [SIGNING_TIME]: AT, crit: [SCHEME], ...more });
const authority = (more: object = {}) => ({
  [SCHEME]: AUTHORITY,
  [AUTHENTIC_TIME]: AT,
  crit: [SCHEME, AUTHENTIC_TIME],
  ...more,
});
const read = (header: object) => signedTimes(header as Parameters<typeof signedTimes>[0]);

test('a header says by whose word and when it was signed, and until when it is good', () => {
  const signingTime = new Date(AT);
  assert.deepEqual(read(own()), { scheme: 'notary.x509', signingTime, expiry: undefined });
  assert.deepEqual(read(authority()), { scheme: AUTHORITY, signingTime, expiry: undefined });
  const expiring = own({ [EXPIRY]: LATER, crit: [SCHEME, EXPIRY] });
  assert.deepEqual(read(expiring).expiry, new Date(LATER));
  for (const same of ['2026-01-01T01:00:00+01:00', '2025-12-31T19:00:00.000-05:00'])
    assert.deepEqual(read(own({ [SIGNING_TIME]: same })).signingTime, signingTime);
});

const REFUSED: readonly (readonly [what: string, header: object, why: RegExp])[] = [
  ['of no scheme', own({ [SCHEME]: undefined }), /signing scheme is/],
  ['of another scheme', own({ [SCHEME]: 'notary.x510' }), /signing scheme is "notary.x510"/],
  ['of a signer who says an authority’s time', own({ [AUTHENTIC_TIME]: AT }), /which notary.x509 has not/],
  [
    'of an authority that says a signer’s time',
    authority({ [SIGNING_TIME]: AT }),
    /signingAuthority has not/,
  ],
  ['without a time', own({ [SIGNING_TIME]: undefined }), /has no io.cncf.notary.signingTime/],
  [
    'without an authority’s time',
    authority({ [AUTHENTIC_TIME]: undefined }),
    /has no .*authenticSigningTime/,
  ],
  ['whose time is a number', own({ [SIGNING_TIME]: 5 }), /is no time/],
  ['whose time is a list of one', own({ [SIGNING_TIME]: [AT] }), /is no time/],
  ['whose time has no zone', own({ [SIGNING_TIME]: '2026-01-01T00:00:00' }), /is no time/],
  ['whose time is another form', own({ [SIGNING_TIME]: '1 January 2026' }), /is no time/],
  ['whose time is none of a calendar', own({ [SIGNING_TIME]: '2026-13-01T00:00:00Z' }), /is no time/],
  ['that expires as it is signed', own({ [EXPIRY]: AT, crit: [SCHEME, EXPIRY] }), /expires before/],
  ['whose expiry is no time', own({ [EXPIRY]: 'never', crit: [SCHEME, EXPIRY] }), /expiry is no time/],
  ['whose expiry is not critical', own({ [EXPIRY]: LATER }), /does not say that .*expiry is critical/],
  [
    'of an authority whose time is not critical',
    authority({ crit: [SCHEME] }),
    /authenticSigningTime is critical/,
  ],
  ['whose scheme is not critical', own({ crit: [] }), /signingScheme is critical/],
  ['without what is critical', own({ crit: undefined }), /does not say what in it is critical/],
  ['whose critical is a text', own({ crit: SCHEME }), /does not say what in it is critical/],
  ['whose critical has a number', own({ crit: [SCHEME, 1] }), /does not say what in it is critical/],
  [
    'that calls critical what it has not',
    own({ crit: [SCHEME, 'x'] }),
    /has not "x", which it calls critical/,
  ],
  ['that calls critical what it inherits', own({ crit: [SCHEME, 'toString'] }), /has not "toString"/],
  ['that calls critical what nobody reads', own({ crit: [SCHEME, 'x'], x: 1 }), /has "x", which is critical/],
  ['that wants a plugin', own({ crit: [SCHEME, PLUGIN], [PLUGIN]: 'aws' }), /wants the plugin "aws"/],
  [
    'that wants a version of one',
    own({ crit: [SCHEME, `${PLUGIN}MinVersion`], [`${PLUGIN}MinVersion`]: '1' }),
    /no plugin is run/,
  ],
  ['that names its scheme twice', own({ crit: [SCHEME, SCHEME] }), /critical twice/],
];
for (const [what, header, why] of REFUSED)
  test(`a header ${what} is refused`, () => {
    assert.throws(() => read(header), { code: 'SIGNATURE_REFUSED', message: why });
  });
