import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { IDENTITY_CHARACTERS } from '../../shared/limits.ts';
import { octets, sequence } from './der.ts';
import { OURS, type Scene, scene, verified } from './keyless-scene.ts';
import { authorityOf, type LeafOptions, mintAuthority, mintLeaf, type Span } from './minted-certificate.ts';
import { type Identity, WORKFLOW } from './scaffold.ts';
import { pushBundle } from './signing.ts';

/** Behind the tag and the length of the sequence that a certificate is. */
const HEAD = 4;

test('a certificate of ours with one of others in PEM inside it is refused', async () => {
  const at = scene();
  const ours = await OURS.bundle(at.digest);
  const theirs = await OURS.bundle(at.digest, { ...WORKFLOW, subject: 'https://evil.example' });
  const { rawBytes } = theirs.verificationMaterial.certificate;
  const pem = `\n-----BEGIN CERTIFICATE-----\n${rawBytes.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  const signed = Buffer.from(ours.verificationMaterial.certificate.rawBytes, 'base64').subarray(HEAD);
  const forged = sequence(signed, octets(Buffer.from(pem))).toString('base64');
  const material = { ...theirs.verificationMaterial, certificate: { rawBytes: forged } };
  pushBundle(at.registry, at.digest, { ...theirs, verificationMaterial: material });
  await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: /not the DER of one/ });
});

/** Signs with a minted certificate, and has a policy look that trusts its authority and no log of certificates. */
async function judged(options: LeafOptions, { authoritySpan = [-60, 60] as Span, trusted = true } = {}) {
  const at = scene();
  const authority = mintAuthority(authoritySpan);
  const signer = mintLeaf(authority, WORKFLOW, options);
  pushBundle(at.registry, at.digest, await OURS.bundle(at.digest, WORKFLOW, { signer }));
  const certificateAuthorities = [authorityOf(trusted ? authority : mintAuthority())];
  return verified(at, {}, { ...OURS.root, ctlogs: [], certificateAuthorities });
}

const TAKEN: readonly (readonly [what: string, options: LeafOptions])[] = [
  ['for signing code', {}],
  ['for signing code and more', { uses: ['timeStamping', 'codeSigning'] }],
  ['with an extension that nobody has to know', { unknown: 'plain' }],
  ['of a key of Ed25519', { keys: generateKeyPairSync('ed25519') }],
];
for (const [what, options] of TAKEN) {
  test(`a certificate ${what} is taken`, async () => {
    assert.deepEqual((await judged(options)).signatures[0]?.signer, WORKFLOW);
  });
}

const REFUSED: readonly (readonly [what: string, options: LeafOptions, why: RegExp])[] = [
  ['for no use', { uses: [] }, /not for signing code/],
  ['for time stamps', { uses: ['timeStamping'] }, /not for signing code/],
  ['that had expired when it was logged', { span: [-20, -10] }, /certificate chain/],
  ['that was not yet good when it was logged', { span: [10, 20] }, /certificate chain/],
  [
    'whose name is ours but for the highest bit of a byte',
    { subjects: [Buffer.from(WORKFLOW.subject).map((byte, at) => (at === 8 ? byte | 0x80 : byte))] },
    /more than ASCII/,
  ],
  [
    'with two names, of which ours is the first',
    { subjects: [Buffer.from(WORKFLOW.subject), Buffer.from('https://evil.example')] },
    /2 names, wanted one/,
  ],
  ['with a critical extension that nobody knows', { unknown: 'critical' }, /critical extension/],
];
for (const [what, options, why] of REFUSED) {
  test(`a certificate ${what} is refused`, async () => {
    await assert.rejects(judged(options), { code: 'SIGNATURE_REFUSED', message: why });
  });
}

test('a certificate whose issuer had expired when it was logged is refused', async () => {
  await assert.rejects(judged({}, { authoritySpan: [-60, -1] }), { code: 'SIGNATURE_REFUSED' });
});

test('a certificate of an authority that has the name of a trusted one is refused', async () => {
  await assert.rejects(judged({}, { trusted: false }), { code: 'SIGNATURE_REFUSED', message: /chain/ });
});

test('a certificate that names somebody in more than one line, or moves the cursor, is refused', async () => {
  for (const hidden of ['\n', '\t', '\u001b[2K', '\u007f']) {
    const at = scene();
    const identity = { ...WORKFLOW, subject: `https://a.example/${hidden}x` };
    pushBundle(at.registry, at.digest, await OURS.bundle(at.digest, identity));
    const rule = { issuer: WORKFLOW.issuer, subjectPattern: '(?s).*' };
    await assert.rejects(verified(at, { identities: [rule] }), { message: /cannot be printed/ });
  }
});

test('a certificate without the receipt of a log is refused where the root has such a log', async () => {
  const at = scene();
  const authority = mintAuthority();
  const signer = mintLeaf(authority, WORKFLOW);
  pushBundle(at.registry, at.digest, await OURS.bundle(at.digest, WORKFLOW, { signer }));
  const root = { ...OURS.root, certificateAuthorities: [authorityOf(authority)] };
  await assert.rejects(verified(at, {}, root), {
    code: 'SIGNATURE_REFUSED',
    message: /expected 1 SCTs, got 0/,
  });
});

/** Anybody by anybody, as long as both have a name. */
const ANYBODY = { issuerPattern: '.*', subjectPattern: '.*' };
async function named(identity: Identity) {
  const at = scene();
  const authority = mintAuthority();
  const signer = mintLeaf(authority, identity);
  pushBundle(at.registry, at.digest, await OURS.bundle(at.digest, WORKFLOW, { signer }));
  const root = { ...OURS.root, ctlogs: [], certificateAuthorities: [authorityOf(authority)] };
  return verified(at, { identities: [ANYBODY] }, root);
}

const IDENTITIES: readonly (readonly [what: string, identity: Identity, why?: RegExp])[] = [
  ['a subject and an issuer', WORKFLOW],
  ['no subject', { ...WORKFLOW, subject: '' }, /names no subject and issuer/],
  ['no issuer', { ...WORKFLOW, issuer: '' }, /names no subject and issuer/],
  ['a subject of as many characters as are read', { ...WORKFLOW, subject: 's'.repeat(IDENTITY_CHARACTERS) }],
  ['an issuer of as many', { ...WORKFLOW, issuer: 'i'.repeat(IDENTITY_CHARACTERS) }],
  ['a subject of one more', { ...WORKFLOW, subject: 's'.repeat(IDENTITY_CHARACTERS + 1) }, /more than 1024/],
  ['an issuer of one more', { ...WORKFLOW, issuer: 'i'.repeat(IDENTITY_CHARACTERS + 1) }, /more than 1024/],
];
for (const [what, identity, why] of IDENTITIES)
  test(`a certificate that names ${what} is ${why === undefined ? 'taken' : 'refused'}`, async () => {
    if (why === undefined) assert.deepEqual((await named(identity)).signatures[0]?.signer, identity);
    else await assert.rejects(named(identity), { code: 'SIGNATURE_REFUSED', message: why });
  });

test('without a log a certificate needs a time stamp, and with it no log is looked at', async () => {
  const made = async (at: Scene, stamps: number) => {
    const bundle = await OURS.bundle(at.digest, WORKFLOW, { logForm: 'dsse 0.0.2' });
    const { certificate, timestampVerificationData } = bundle.verificationMaterial;
    const rfc3161Timestamps = timestampVerificationData.rfc3161Timestamps.slice(0, stamps);
    const material = { certificate, tlogEntries: [], timestampVerificationData: { rfc3161Timestamps } };
    pushBundle(at.registry, at.digest, { ...bundle, verificationMaterial: material });
    return at;
  };
  const unlogged = { transparencyLog: false };
  const { signatures } = await verified(await made(scene(), 1), unlogged);
  assert.deepEqual([signatures[0]?.signer, signatures[0]?.signedAt], [WORKFLOW, null]);
  await assert.rejects(verified(await made(scene(), 0), unlogged), {
    message: /expected 1 timestamps, got 0/,
  });
  await assert.rejects(verified(await made(scene(), 1)), { message: /expected 1 tlog entries, got 0/ });
});
