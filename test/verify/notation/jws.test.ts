import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyInForce } from '../../../shared/verify/in-force/policy-in-force.ts';
import { judgeEnvelope } from '../../../shared/verify/notation/judge-envelope.ts';
import { readJws } from '../../../shared/verify/notation/jws-envelope.ts';
import { minted } from '../minted-certificate.ts';
import { AUTHORITY, envelopeOf, policyOf, scene } from '../notation-scene.ts';
import { keyPair, LEAF } from './minted-chain.ts';

const made = await envelopeOf(await scene());
const read = (envelope: object) => readJws(Buffer.from(JSON.stringify(envelope)));
const beside = (header: object) => ({ ...made, header: { ...made.header, ...header } });
const [LEAF_DER = '', ROOT_DER = ''] = made.header.x5c;
const STAMP = 'io.cncf.notary.timestampSignature';

const REFUSED: readonly (readonly [what: string, envelope: object, why: RegExp])[] = [
  ['without a payload', { ...made, payload: undefined }, /its payload is no base64url/],
  ['whose payload is a number', { ...made, payload: 7 }, /its payload is no base64url/],
  ['whose payload is padded', { ...made, payload: 'YQ==' }, /its payload is no base64url/],
  ['without a signature', { ...made, signature: undefined }, /its signature is no base64url/],
  ['without a protected header', { ...made, protected: undefined }, /protected header is no base64url/],
  ['whose protected header is a list', { ...made, protected: 'W10' }, /protected header is no JSON object/],
  ['whose protected header is no JSON', { ...made, protected: 'YQ' }, /its protected header is not JSON/],
  ['without a header', { ...made, header: undefined }, /has no header/],
  ['whose header is a list', { ...made, header: [] }, /has no header/],
  ['without a chain', beside({ x5c: undefined }), /no chain of certificates/],
  ['whose chain is one certificate', beside({ x5c: LEAF_DER }), /no chain of certificates/],
  ['whose chain is empty', beside({ x5c: [] }), /0 certificates/],
  ['whose chain has a number', beside({ x5c: [7, ROOT_DER] }), /certificate of its chain is no base64/],
  [
    'whose chain is in base64 of URLs',
    beside({ x5c: [`${LEAF_DER}_`] }),
    /certificate of its chain is no base64/,
  ],
  ['whose time stamp is a number', beside({ [STAMP]: 7 }), /time stamp is no base64/],
  ['whose time stamp is no base64', beside({ [STAMP]: '***' }), /time stamp is no base64/],
];
for (const [what, envelope, why] of REFUSED)
  test(`an envelope ${what} is refused`, () => {
    assert.throws(() => read(envelope), { code: 'SIGNATURE_REFUSED', message: why });
  });

test('an envelope is read with its chain, its time stamp, what it signs and how', () => {
  const { chain, payload, signature, timeStamp } = read(beside({ [STAMP]: 'AAAA' }));
  assert.deepEqual([chain.length, timeStamp?.length], [2, 3]);
  assert.deepEqual(
    [Buffer.from(payload).toString('base64url'), Buffer.from(signature).toString('base64url')],
    [made.payload, made.signature],
  );
  assert.equal(read(made).timeStamp, undefined);
});

/** What came of an envelope at a time. */
async function judgedAt(envelope: object, now: Date, more: Parameters<typeof policyOf>[0] = {}) {
  const policy = await policyInForce(policyOf(more), {});
  assert.ok(policy.provider === 'notation');
  const [statement] = policy.statements;
  assert.ok(statement !== undefined);
  const revocation = { ...policy.revocation, now, signal: undefined };
  return judgeEnvelope(read(envelope), 'envelope', { statement, stores: policy.stores, now, revocation });
}

test('an envelope is good until the moment when it expires', async () => {
  const [SCHEME, EXPIRY] = ['io.cncf.notary.signingScheme', 'io.cncf.notary.expiry'];
  const text = `${new Date(Date.now() + 60_000).toISOString().slice(0, 19)}Z`;
  const header = { crit: [SCHEME, EXPIRY], [EXPIRY]: text };
  const envelope = await envelopeOf(await scene(), { header });
  const end = new Date(text).getTime();
  assert.equal((await judgedAt(envelope, new Date(end - 1))).isAuthentic, true);
  await assert.rejects(judgedAt(envelope, new Date(end)), {
    code: 'SIGNATURE_REFUSED',
    message: /it expired at/,
  });
});

test('where everybody of an authority is trusted, it does not matter who that is', async () => {
  const keys = keyPair();
  const by = minted({ subject: 'CN=anybody', keys, extensions: LEAF }, AUTHORITY.keys);
  const envelope = await envelopeOf(await scene(), { signer: by });
  await assert.rejects(judgedAt(envelope, new Date()), { message: /CN=anybody, who is none of the trusted/ });
  const { signature, isAuthentic } = await judgedAt(envelope, new Date(), { trustedIdentities: ['*'] });
  assert.deepEqual([signature.signer, isAuthentic], [{ subject: 'CN=anybody', issuer: 'CN=ours' }, true]);
});
