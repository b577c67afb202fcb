import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { COSE_VALUES, MiB } from '../../../shared/limits.ts';
import { parseCbor } from '../../../shared/verify/notation/cbor.ts';
import { MemoryRegistry } from '../../support/servers/memory-registry.ts';
import { mintAuthority } from '../minted-certificate.ts';
import { policyOf, pushEnvelope, scene, signer, verified } from '../notation-scene.ts';
import SAMPLES from '../samples/cose-by-notation.json' with { type: 'json' };
import {
  AUTHENTIC,
  type CoseWanted,
  cbor,
  coseOf,
  EXPIRY,
  epoch,
  map,
  type Pairs,
  raw,
  SCHEME,
  TIME,
} from './minted-cose.ts';

const type = 'application/cose';

const tagged = (value: Parameters<typeof cbor>[0]): Buffer =>
  Buffer.concat([Buffer.from('d2', 'hex'), cbor(value)]);

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });
for (const [what, keys] of [
  ['P-256', ec('P-256')],
  ['P-384', ec('P-384')],
  ['P-521', ec('P-521')],
  ['RSA 2048', rsa(2048)],
  ['RSA 3072', rsa(3072)],
  ['RSA 4096', rsa(4096)],
] as const)
  test(`an envelope in COSE signed by ${what} is verified by its own algorithm alone`, async () => {
    const by = signer({ keys });
    assert.equal((await judged({ signer: by })).signatures.length, 1);
    for (const algorithm of [-7, -35, -36, -37, -38, -39, -40, 'ES256']) {
      let own: unknown;
      const other: CoseWanted['header'] = (usual) => {
        own = usual[0]?.[1];
        return put(1, algorithm)(usual);
      };
      const outcome = await judged({ signer: by, header: other }).catch((error: Error) => error.message);
      if (own !== algorithm) assert.match(String(outcome), /key signs by/, String(algorithm));
    }
  });

async function judged(wanted: CoseWanted = {}, policy = policyOf()) {
  const at = await scene();
  pushEnvelope(at, coseOf(at, wanted), { type });
  return verified(at, policy);
}

for (const [key, { manifest, envelope }] of [
  ['ECDSA on P-384', SAMPLES.ecdsa],
  ['RSA', SAMPLES.rsa],
] as const) {
  test(`what notation signed in COSE with ${key} is verified beside its artifact, and refused beside another`, async () => {
    const certificates = [{ pem: SAMPLES.authority }];
    const policy = policyOf({ trustStores: [{ type: 'ca', name: 'ours', certificates }] });
    const bytes = Buffer.from(manifest, 'base64');
    const beside = (artifact: Buffer) => {
      const registry = new MemoryRegistry();
      const at = { registry, digest: registry.push('1.0.0', artifact) };
      pushEnvelope(at, Buffer.from(envelope, 'base64'), { type });
      return at;
    };
    assert.equal((await verified(beside(bytes), policy)).signatures.length, 1);
    await assert.rejects(verified(beside(bytes)), {
      message: /none of its certificates is in the trust stores/,
    });
    const other = Buffer.from(bytes.toString().replace('{', '{ '));
    await assert.rejects(verified(beside(other), policy), { message: /it is for another artifact/ });
  });
}

test('an envelope in COSE is verified as one in JWS is, by its signer and its time', async () => {
  const { signatures } = await judged();
  assert.match(signatures[0]?.signedAt ?? '', /^20\d\d-/);
  assert.match(JSON.stringify(signatures[0]?.signer), /CN=release/);
});

const put =
  (label: string | number, value: Pairs[number][1]) =>
  (usual: Pairs): Pairs => [...usual.filter(([each]) => each !== label), [label, value]];
const without =
  (label: string | number) =>
  (usual: Pairs): Pairs =>
    usual.filter(([each]) => each !== label);
const header = (change: (usual: Pairs) => Pairs): CoseWanted => ({ header: change });

const BROKEN: readonly (readonly [what: string, wanted: CoseWanted, why: RegExp])[] = [
  ['without what is critical', header(without(2)), /does not say what in it is critical/],
  [
    'that does not call its scheme critical',
    header(put(2, [TIME])),
    /does not say that io.cncf.notary.signingScheme is critical/,
  ],
  [
    'that calls critical what nobody reads',
    header((usual) => put('x', 1)(put(2, [SCHEME, 'x'])(usual))),
    /critical and nobody reads/,
  ],
  [
    'that calls a number critical that nobody reads',
    header((usual) => put(5, 1)(put(2, [SCHEME, 5])(usual))),
    /critical and nobody reads/,
  ],
  ['that calls critical what is not there', header(put(2, [SCHEME, 'x'])), /has not "x"/],
  [
    'that calls critical what would move the cursor of who reads of it',
    header(put(2, [SCHEME, 'i\u0012x'])),
    /has not "i\\u0012x", which/,
  ],
  [
    'that calls critical by a long name what is not there',
    header(put(2, [SCHEME, 'x'.repeat(1000)])),
    /has not "x{159}…, which/,
  ],
  [
    'whose critical list has more than labels',
    header(put(2, [SCHEME, new Uint8Array(1)])),
    /does not say what in it is critical/,
  ],
  ['with the text crit beside the list', header(put('crit', [SCHEME])), /a label that it may not have/],
  ['by another algorithm', header(put(1, -35)), /signed by -35/],
  ['by none', header(without(1)), /signs by ES256/],
  ['of another type', header(put(3, 'text/plain')), /of type "text\/plain"/],
  ['without a time', header(without(TIME)), /has no io.cncf.notary.signingTime/],
  ['whose time is text', header(put(TIME, new Date().toISOString())), /is no time/],
  ['whose time has another tag', header(put(TIME, raw('c000'))), /is no time/],
  ['whose time is a text under its tag', header(put(TIME, raw('c16135'))), /is no time/],
  ['whose time is a list under its tag', header(put(TIME, raw('c18105'))), /is no time/],
  ['whose time is too far away', header(put(TIME, raw('c11b001fffffffffffff'))), /is no time/],
  [
    'that has expired',
    header((usual) => put(2, [SCHEME, EXPIRY])(put(EXPIRY, epoch(-1))(put(TIME, epoch(-9))(usual)))),
    /it expired/,
  ],
  [
    'whose expiry is not critical',
    header(put(EXPIRY, epoch(9))),
    /does not say that io.cncf.notary.expiry is critical/,
  ],
  ['of an unknown scheme', header(put(SCHEME, 'notary.x')), /scheme is "notary.x"/],
  [
    'of a signing authority, whose customers a CA certified',
    header((usual) =>
      put(2, [SCHEME, AUTHENTIC])(
        put(AUTHENTIC, epoch())(put(SCHEME, 'notary.x509.signingAuthority')(without(TIME)(usual))),
      ),
    ),
    /trust stores of type signingAuthority/,
  ],
  ['without a chain', { unsigned: without(33) }, /no chain/],
  ['whose chain is one certificate', { unsigned: put(33, new Uint8Array(3)) }, /no chain/],
  ['with a label signed and not signed', { unsigned: put(SCHEME, 'x') }, /signed and not signed/],
  [
    'whose time stamp is text',
    { unsigned: put('io.cncf.notary.timestampSignature', 'x') },
    /time stamp is no bytes/,
  ],
  [
    'whose header was changed',
    {
      spoil: (bytes) => Buffer.from(bytes.toString('latin1').replace('notary.x509', 'notary.y509'), 'latin1'),
    },
    /scheme is "notary.y509"/,
  ],
  ['of another artifact', { payload: { targetArtifact: { mediaType: 'a/b' } } }, /another artifact/],
  ['by others', { chain: [signer({}, mintAuthority())] }, /ends in no root|in order/],
  [
    'with another tag',
    { outer: (parts) => Buffer.concat([Buffer.from('d1', 'hex'), cbor(parts)]) },
    /no COSE_Sign1/,
  ],
  ['without a tag', { outer: cbor }, /no COSE_Sign1/],
  ...[0, 1, 2, 3].map(
    (part) =>
      [
        `whose part ${part} is a number`,
        { outer: (parts) => tagged(parts.map((each, at) => (at === part ? 1 : each))) },
        /no COSE_Sign1/,
      ] as const satisfies readonly [string, CoseWanted, RegExp],
  ),
  ['that is no list', { outer: () => tagged(1) }, /no COSE_Sign1/],
  ['of three parts', { outer: (parts) => tagged(parts.slice(0, 3)) }, /no COSE_Sign1/],
  ['whose protected header is a number', { spoil: () => Buffer.from('01', 'hex') }, /header is no map/],
  ['whose protected header is nothing', { spoil: () => Buffer.alloc(0) }, /header cannot be read/],
  [
    'of five parts',
    { outer: (parts) => Buffer.concat([Buffer.from('d2', 'hex'), cbor([...parts, 1])]) },
    /more than a COSE_Sign1/,
  ],
  [
    'with bytes behind it',
    { outer: (parts) => Buffer.concat([Buffer.from('d2', 'hex'), cbor(parts), Buffer.alloc(1)]) },
    /something is behind it/,
  ],
  ['with a label twice', header((usual) => [...usual, [TIME, epoch()]]), /twice/],
  [
    'of no definite length',
    {
      outer: (parts) =>
        Buffer.concat([Buffer.from('d29f', 'hex'), ...parts.map(cbor), Buffer.from('ff', 'hex')]),
    },
    /no definite length/,
  ],
  [
    'with a number in more bytes than it needs',
    { outer: (parts) => Buffer.concat([Buffer.from('d812', 'hex'), cbor(parts)]) },
    /more bytes than it needs/,
  ],
  [
    'that ends too early',
    { outer: (parts) => Buffer.concat([Buffer.from('d2', 'hex'), cbor(parts)]).subarray(0, -1) },
    /ends too early/,
  ],
  [
    'that is deeper than any is',
    { outer: () => Buffer.concat([Buffer.alloc(9, 0xd2), Buffer.from('00', 'hex')]) },
    /more than 8 deep/,
  ],
  [
    'that says a length that nobody has',
    { outer: () => Buffer.from('d29a7fffffff', 'hex') },
    /ends too early/,
  ],
  ['with a float', header(put('x', raw('f93c00'))), /a float/],
  ['whose text is no UTF-8', header(put('x', raw('61ff'))), /cannot be read/],
];
for (const [what, wanted, why] of BROKEN) {
  test(`an envelope in COSE ${what} is refused`, async () => {
    await assert.rejects(judged(wanted), { code: 'SIGNATURE_REFUSED', message: why });
  });
}

test('every byte of a protected header, of a payload and of a signature counts', async () => {
  const at = await scene();
  const good = coseOf(at);
  const payload = good.indexOf('{"targetArtifact"');
  for (const place of [8, 60, payload + 5, payload + 90, good.length - 1]) {
    const spoilt = Buffer.from(good);
    spoilt[place] = (spoilt[place] ?? 0) ^ 1;
    const one = await scene();
    pushEnvelope(one, spoilt, { type });
    await assert.rejects(verified(one), { code: 'SIGNATURE_REFUSED' }, `byte ${place}`);
  }
  assert.ok(map([]).length === 1 && payload > 0);
});

test('an envelope in COSE has so many values, in lists and in maps, and none is made of the next', () => {
  const list = (count: number): Buffer => cbor(Array.from({ length: count - 1 }, () => 0));
  assert.ok(Array.isArray(parseCbor(list(COSE_VALUES))));
  assert.throws(() => parseCbor(list(COSE_VALUES + 1)), { message: /more than 1000 values/ });
  const pairs = (count: number): Pairs => Array.from({ length: count }, (_, at) => [at, 0]);
  // The list, the map, and two of each pair.
  assert.ok(parseCbor(cbor([raw(map(pairs(COSE_VALUES / 2 - 1)).toString('hex'))])));
  assert.throws(() => parseCbor(map(pairs(COSE_VALUES / 2))), { message: /more than 1000 values/ });
  const maps = Buffer.concat([Buffer.from('9a00100000', 'hex'), Buffer.alloc(MiB, 0xa0)]);
  assert.throws(() => parseCbor(maps), { message: /more than 1000 values/ });
});
