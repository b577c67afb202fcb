import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extension } from '../minted-certificate.ts';
import { type ListOptions, mintList } from './minted-list.ts';
import { AUTHORITY, openRevocation as open } from './revocation-scene.ts';

const NOTARY = 'io.cncf.notary.';
const UNKNOWN = Buffer.from('0500', 'hex');

test('where the entry of a certificate has something critical that nobody reads, it is refused', async (t) => {
  const more = [extension('0603551d1d', UNKNOWN, true)];
  const { judged } = await open(t, mintList(AUTHORITY, { entries: [{ serial: 1, reason: 8, more }] }));
  await assert.rejects(judged(), { message: /is not known: .*an entry has the critical extension 551d1d/ });
});

const ENTRIES: readonly (readonly [what: string, options: ListOptions, isTaken: boolean])[] = [
  ['for no reason that is given', { entries: [{ serial: 1 }] }, false],
  ['as its key was lost', { entries: [{ serial: 1, reason: 1 }] }, false],
  ['for a while', { entries: [{ serial: 1, reason: 6 }] }, false],
  [
    'and was taken off',
    {
      entries: [
        { serial: 1, reason: 6, revoked: -9 },
        { serial: 1, reason: 8, revoked: -2 },
      ],
    },
    true,
  ],
  [
    'again after it was taken off',
    {
      entries: [
        { serial: 1, reason: 6, revoked: -2 },
        { serial: 1, reason: 8, revoked: -9 },
      ],
    },
    false,
  ],
  ['since after it signed, by its own word', { entries: [{ serial: 1, invalidSince: 10 }] }, false],
  [
    'among many others',
    { entries: [...Array.from({ length: 200 }, (_, at) => ({ serial: (at % 100) + 2 })), { serial: 1 }] },
    false,
  ],
  ['of the same serial with a zero before it', { entries: [{ serial: 0 }] }, true],
];
for (const [what, options, isTaken] of ENTRIES) {
  test(`a certificate that is listed ${what} is ${isTaken ? 'taken' : 'refused'}`, async (t) => {
    const { judged } = await open(t, mintList(AUTHORITY, options));
    if (isTaken) assert.equal((await judged()).signatures.length, 1);
    else await assert.rejects(judged(), { message: /was revoked/ });
  });
}

test('a signing authority’s word of when it signed counts against the time since which a key is not trusted', async (t) => {
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const header = {
    crit: [`${NOTARY}signingScheme`, `${NOTARY}authenticSigningTime`],
    [`${NOTARY}signingScheme`]: 'notary.x509.signingAuthority',
    [`${NOTARY}authenticSigningTime`]: now,
    [`${NOTARY}signingTime`]: undefined,
  };
  const trustStores = [
    { type: 'signingAuthority', name: 'ours', certificates: [{ pem: AUTHORITY.certificate.toString() }] },
  ] as const;
  for (const [invalidSince, isTaken] of [
    [10, true],
    [-10, false],
  ] as const) {
    const { judged } = await open(t, mintList(AUTHORITY, { entries: [{ serial: 1, invalidSince }] }), {
      header,
    });
    if (isTaken) assert.equal((await judged({ trustStores })).signatures.length, 1);
    else await assert.rejects(judged({ trustStores }), { message: /was revoked/ });
  }
});
