import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../../shared/oci/digest.ts';
import { policyInForce } from '../../../shared/verify/in-force/policy-in-force.ts';
import { notVerified, type Survey } from '../../../shared/verify/verify.ts';
import { repository } from '../keyless-scene.ts';
import { WORKFLOW } from '../scaffold.ts';

const DIGEST = digestOf('a');
const WHAT = `oci://registry.example/app@${DIGEST}`;
const POLICY = await policyInForce(
  {
    provider: 'cosign',
    keys: [],
    identities: [WORKFLOW, { ...WORKFLOW, subject: 'b' }],
    transparencyLog: true,
    require: 'all',
  },
  {},
);
const judged = (signer = WORKFLOW) => ({
  signature: { signer, found: 'bundle', signedAt: null, logIndex: null },
  signers: [0],
});
const passed = (count: number, why = 'no') =>
  Array.from({ length: count }, (_, at) => ({ found: `layer ${at}`, why }));
const told = (survey: Partial<Survey>, more: { readonly name?: string } = {}) =>
  notVerified(
    { repository, digest: DIGEST, policy: { ...POLICY, ...more } },
    { judged: [], passed: [], isEnough: false, ...survey },
  );

const SAID: readonly (readonly [what: string, survey: Partial<Survey>, message: string])[] = [
  ['none', {}, `${WHAT} has no signature`],
  [
    'one that is passed over',
    { passed: passed(1) },
    `${WHAT} is not signed as its policy wants: layer 0: no`,
  ],
  [
    'one of two',
    { judged: [judged()] },
    `${WHAT} is not signed as its policy wants, 1 of 2 signers signed it`,
  ],
  [
    'an attestation alone',
    { attesting: [judged()], lacking: ['an SBOM', 'a scan'] },
    `${WHAT} is not signed as its policy wants, without an SBOM, a scan`,
  ],
  [
    'five that are passed over',
    { passed: passed(5) },
    `${WHAT} is not signed as its policy wants: ${[0, 1, 2, 3, 4].map((at) => `layer ${at}: no`).join('; ')}`,
  ],
  [
    'seven',
    { passed: passed(7) },
    `${WHAT} is not signed as its policy wants: ${[0, 1, 2, 3, 4].map((at) => `layer ${at}: no`).join('; ')}; and 2 more`,
  ],
];
for (const [what, survey, message] of SAID)
  test(`of a digest with ${what} it is told why that is not enough`, () => {
    const error = told(survey);
    assert.equal(error.message, message);
    assert.equal(error.code, what === 'none' ? 'SIGNATURE_NOT_FOUND' : 'SIGNATURE_REFUSED');
  });

test('whose policy it is is told, and nothing that moves a cursor', () => {
  const { message } = told({ passed: passed(1, 'a\u001b[2Kb') }, { name: 'all' });
  assert.match(message, /is not signed as policy all of the installation wants: /);
  assert.ok(!message.includes('\u001b'));
});
