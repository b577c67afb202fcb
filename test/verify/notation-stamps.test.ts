import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { sequence } from './der.ts';
import { extension, type Minted, mintAuthority, mintLeaf } from './minted-certificate.ts';
import { AUTHORITY, envelopeOf, policyOf, pushEnvelope, scene, signer, verified } from './notation-scene.ts';
import { listedAt, mintList, openLists } from './revocation/minted-list.ts';
import { WORKFLOW } from './scaffold.ts';

const skip = skipWithout(['openssl'], 'time stamps of notation, by a clock of our own');

const TIME_STAMPING = Buffer.from('06082b06010505070308', 'hex');
const uses = (isCritical: boolean, ...oids: readonly Buffer[]): Buffer =>
  extension('0603551d25', sequence(...oids), isCritical);
const CLOCK = mintAuthority();
const clock = (use = uses(true, TIME_STAMPING), authority = CLOCK): Minted =>
  mintLeaf(authority, WORKFLOW, { uses: [], more: [use] });

const CONFIG = `[tsa]
default_tsa = one
[one]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
accuracy = secs:1
signer_digest = sha256
`;

/** A token over bytes, as a service of RFC 3161 gives it. */
function stamp(bytes: Uint8Array, by: Minted, hasCertificate = true): Buffer {
  const cwd = mkdtempSync(join(tmpdir(), 'landfall-stamp-'));
  try {
    const put = (name: string, text: string | Uint8Array): void => writeFileSync(join(cwd, name), text);
    const openssl = (...argv: readonly string[]): void =>
      void execFileSync('openssl', argv, { cwd, stdio: 'pipe' });
    put('data', bytes);
    put('tsa.cnf', CONFIG);
    put('serial', '01');
    put('tsa.pem', by.certificate.toString());
    put('tsa.key', by.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    openssl(
      'ts',
      '-query',
      '-data',
      'data',
      '-sha256',
      ...(hasCertificate ? ['-cert'] : []),
      '-out',
      'query',
    );
    openssl(
      ...[
        'ts',
        '-reply',
        '-config',
        'tsa.cnf',
        '-queryfile',
        'query',
        '-signer',
        'tsa.pem',
        '-inkey',
        'tsa.key',
      ],
      ...['-token_out', '-out', 'token'],
    );
    return readFileSync(join(cwd, 'token'));
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

const stampedBy = policyOf({
  trustStores: [
    { type: 'ca', name: 'ours', certificates: [{ pem: AUTHORITY.certificate.toString() }] },
    { type: 'tsa', name: 'clock', certificates: [{ pem: CLOCK.certificate.toString() }] },
  ],
});

async function judged(timeStamp: (signature: Buffer) => Buffer, by = signer()) {
  const at = await scene();
  pushEnvelope(
    at,
    await envelopeOf(at, { signer: by, timeStamp: async (signature) => timeStamp(signature) }),
  );
  return verified(at, stampedBy);
}

test('an envelope with a time stamp of a trusted authority is verified', { skip }, async () => {
  assert.equal((await judged((signature) => stamp(signature, clock()))).signatures.length, 1);
});

const refused: readonly (readonly [what: string, token: (signature: Buffer) => Buffer, why: RegExp])[] = [
  [
    'of an authority that is not trusted',
    (bytes) => stamp(bytes, clock(undefined, mintAuthority())),
    /none of the authorities/,
  ],
  ['over another signature', () => stamp(Buffer.from('x'), clock()), /does not count/],
  [
    'without the certificate that signed it',
    (bytes) => stamp(bytes, clock(), false),
    /without the certificate/,
  ],
  [
    'that is changed',
    (bytes) =>
      stamp(bytes, clock()).map((byte, at, all) => (at === all.length - 1 ? byte ^ 1 : byte)) as Buffer,
    /does not count/,
  ],
  ['that is none', () => Buffer.from('none'), /does not count/],
];
for (const [what, token, why] of refused)
  test(`a time stamp ${what} does not count`, { skip }, async () => {
    await assert.rejects(judged(token), { code: 'SIGNATURE_REFUSED', message: why });
  });

test('a time stamp of before a certificate was good, or of after, does not make it good', {
  skip,
}, async () => {
  for (const span of [
    [10, 20],
    [-20, -10],
  ] as const)
    await assert.rejects(
      judged((signature) => stamp(signature, clock()), signer({ span })),
      {
        message: /not good at the time of its time stamp/,
      },
    );
});

test('a stamp by somebody whose certificate its list has is refused, and one that it has not is taken', {
  skip,
}, async (t) => {
  const lists = await openLists(t);
  const authority = mintAuthority([-60, 60], '03020106');
  const policy = policyOf({
    local: true,
    override: { revocation: 'skip' },
    trustStores: [
      { type: 'ca', name: 'ours', certificates: [{ pem: AUTHORITY.certificate.toString() }] },
      { type: 'tsa', name: 'clock', certificates: [{ pem: authority.certificate.toString() }] },
    ],
  });
  const trust = { kmsKey: () => assert.fail('no KMS'), clock: systemClock, env: {} };
  for (const [name, serial, why] of [
    ['good', 2, undefined],
    ['revoked', 1, /was revoked/],
    ['gone', undefined, /answered 404/],
  ] as const) {
    if (serial !== undefined)
      lists.answers.set(`/${name}.crl`, mintList(authority, { entries: [{ serial }] }));
    const by = mintLeaf(authority, WORKFLOW, {
      uses: [],
      more: [uses(true, TIME_STAMPING), listedAt(`${lists.url}/${name}.crl`)],
    });
    const at = await scene();
    pushEnvelope(at, await envelopeOf(at, { timeStamp: async (signature) => stamp(signature, by) }));
    if (why === undefined) assert.equal((await verified(at, policy, { trust })).signatures.length, 1);
    else await assert.rejects(verified(at, policy, { trust }), { code: 'SIGNATURE_REFUSED', message: why });
    if (name !== 'gone') continue;
    // Its hint is true: `revocation` is of the signer's certificates alone.
    await assert.rejects(verified(at, policy, { trust }), {
      message: /\(override: \{ authenticTimestamp: log \} takes it\)/,
    });
    const logged = policyOf({ ...policy, override: { authenticTimestamp: 'log' } });
    assert.match(
      (await verified(at, logged, { trust })).tolerated?.join() ?? '',
      /^authenticTimestamp: .*answered 404/,
    );
  }
});
