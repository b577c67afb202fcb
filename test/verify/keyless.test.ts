import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { SIGNATURE_PROOFS } from '../../shared/limits.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { policyInForce } from '../../shared/verify/in-force/policy-in-force.ts';
import type { IdentityRule } from '../../shared/verify/policy/policy.ts';
import { verifyDigest } from '../../shared/verify/verify.ts';
import { OURS, repository, scene, verified } from './keyless-scene.ts';
import { mintAuthority, mintLeaf } from './minted-certificate.ts';
import { openScaffold, WORKFLOW } from './scaffold.ts';
import { pushBundle, pushLayers } from './signing.ts';

const THEIRS = await openScaffold();

for (const form of ['bundle', 'layer'] as const) {
  const push = async (
    at: ReturnType<typeof scene>,
    scaffold = OURS,
    digest: Digest = at.digest,
    identity = WORKFLOW,
  ) => {
    if (form === 'bundle') pushBundle(at.registry, at.digest, await scaffold.bundle(digest, identity));
    else pushLayers(at.registry, at.digest, [await scaffold.layer(digest, identity)]);
  };

  test(`a ${form} of an identity is verified, with when it was signed and where that is logged`, async () => {
    const at = scene();
    await push(at);
    const [signature] = (await verified(at)).signatures;
    assert.deepEqual(signature?.signer, WORKFLOW);
    assert.match(signature?.signedAt ?? '', /^20\d\d-/);
    assert.match(signature?.logIndex ?? '', /^\d+$/);
  });

  test(`a ${form} for another artifact, by others’ authorities, or under today’s public ones is refused`, async () => {
    const elsewhere = scene();
    await push(elsewhere, OURS, `sha256:${'2'.repeat(64)}` as Digest);
    await assert.rejects(verified(elsewhere), { code: 'SIGNATURE_REFUSED', message: /another artifact/ });
    const theirs = scene();
    await push(theirs, THEIRS);
    await assert.rejects(verified(theirs), { code: 'SIGNATURE_REFUSED' });
    const ours = scene();
    await push(ours);
    const { trustedRoot, ...policy } = { trustedRoot: undefined, keys: [], identities: [WORKFLOW] };
    const publicGood = await policyInForce(
      { provider: 'cosign', transparencyLog: true, require: 'any', ...policy },
      {},
    );
    await assert.rejects(
      verifyDigest({ repository, digest: ours.digest, policy: publicGood }, ours.registry),
      {
        code: 'SIGNATURE_REFUSED',
      },
    );
  });

  const { issuer, subject } = WORKFLOW;
  const refusedBy: readonly (readonly [what: string, rule: IdentityRule])[] = [
    ['another subject', { issuer, subject: 'https://github.com/acme/app' }],
    ['another issuer', { issuer: 'https://accounts.google.com', subject }],
    ['a pattern that only a part of it matches', { issuer, subjectPattern: 'https://github\\.com/acme' }],
    [
      'an alternative that is anchored on one side',
      { issuer, subjectPattern: '^x|https://github\\.com/acme/' },
    ],
  ];
  for (const [what, rule] of refusedBy) {
    test(`a ${form} is refused by ${what}`, async () => {
      const at = scene();
      await push(at);
      await assert.rejects(verified(at, { identities: [rule] }), {
        code: 'SIGNATURE_REFUSED',
        message: /who is none of the identities/,
      });
    });
  }

  test(`a ${form} of somebody whose name begins alike is refused, and by a pattern one is taken`, async () => {
    const at = scene();
    const subject = 'https://github.com/acme-evil/app/.github/workflows/release.yml@refs/heads/main';
    await push(at, OURS, at.digest, { ...WORKFLOW, subject });
    const rule = { issuer: WORKFLOW.issuer, subjectPattern: 'https://github\\.com/acme/.*' };
    await assert.rejects(verified(at, { identities: [rule] }), { code: 'SIGNATURE_REFUSED' });
    const ours = scene();
    await push(ours);
    assert.equal((await verified(ours, { identities: [rule] })).signatures.length, 1);
  });

  test(`one ${form} that two rules take is one signer`, async () => {
    const at = scene();
    await push(at);
    const rules = [WORKFLOW, { issuer: WORKFLOW.issuer, subjectPattern: '.*' }];
    await assert.rejects(verified(at, { identities: rules, require: 'all' }), { message: /1 of 2 signers/ });
  });
}

type Bundle = Awaited<ReturnType<typeof OURS.bundle>>;
const SPOILT: readonly (readonly [what: string, spoil: (made: Bundle, other: Bundle) => unknown])[] = [
  [
    'no log entry',
    (made) => ({ ...made, verificationMaterial: { ...made.verificationMaterial, tlogEntries: [] } }),
  ],
  [
    'the log entry of another signature',
    (made, other) => ({
      ...made,
      verificationMaterial: {
        ...made.verificationMaterial,
        tlogEntries: other.verificationMaterial.tlogEntries,
      },
    }),
  ],
  [
    'the certificate of another signature',
    (made, other) => ({
      ...made,
      verificationMaterial: {
        ...made.verificationMaterial,
        certificate: other.verificationMaterial.certificate,
      },
    }),
  ],
  [
    'the signature of another',
    (made, other) => ({
      ...made,
      dsseEnvelope: { ...made.dsseEnvelope, signatures: other.dsseEnvelope.signatures },
    }),
  ],
  [
    'its log entry twice, and nothing else',
    (made) => ({
      ...made,
      verificationMaterial: {
        ...made.verificationMaterial,
        tlogEntries: [...made.verificationMaterial.tlogEntries, ...made.verificationMaterial.tlogEntries],
      },
    }),
  ],
  [
    'an entry that was logged at another time',
    (made) => ({
      ...made,
      verificationMaterial: {
        ...made.verificationMaterial,
        tlogEntries: made.verificationMaterial.tlogEntries.map((entry) => ({
          ...entry,
          integratedTime: String(Number(entry.integratedTime) + 1),
        })),
      },
    }),
  ],
  [
    'an entry without a promise or a proof',
    (made) => ({
      ...made,
      verificationMaterial: {
        ...made.verificationMaterial,
        tlogEntries: made.verificationMaterial.tlogEntries.map(
          ({ inclusionPromise, inclusionProof, ...entry }) => entry,
        ),
      },
    }),
  ],
  [
    'an entry under the checkpoint of another',
    (made, other) => ({
      ...made,
      verificationMaterial: {
        ...made.verificationMaterial,
        tlogEntries: made.verificationMaterial.tlogEntries.map((entry, at) => ({
          ...entry,
          inclusionProof: other.verificationMaterial.tlogEntries[at]?.inclusionProof,
        })),
      },
    }),
  ],
];
for (const [what, spoil] of SPOILT) {
  test(`a bundle with ${what} is refused`, async () => {
    const at = scene();
    const [made, other] = [await OURS.bundle(at.digest), await OURS.bundle(at.digest)];
    pushBundle(at.registry, at.digest, spoil(made, other));
    await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED' });
  });
}

test('an entry that logs another key than the one that signed is refused', async () => {
  const at = scene();
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const logAs = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  pushBundle(at.registry, at.digest, await OURS.bundle(at.digest, WORKFLOW, { logAs }));
  await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: /of another key/ });
});

test('a key may be held to the log as well', async () => {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const policy = { keys: [{ pem }], identities: [] };
  const at = scene();
  const layer = await OURS.keyedLayer(at.digest, keys);
  pushLayers(at.registry, at.digest, [layer]);
  assert.match((await verified(at, policy)).signatures[0]?.logIndex ?? '', /^\d+$/);
  pushLayers(at.registry, at.digest, [{ ...layer, more: {} }]);
  await assert.rejects(verified(at, policy), { code: 'SIGNATURE_REFUSED', message: /tlog/ });
  const unlogged = await verified(at, { ...policy, transparencyLog: false });
  assert.equal(unlogged.signatures[0]?.logIndex, null);
});

test('a trusted root that is none is told before anything is asked of a registry', async () => {
  for (const root of [
    'none',
    {},
    { ...OURS.root, mediaType: 'application/json' },
    { ...OURS.root, tlogs: [{}] },
  ]) {
    const at = scene();
    await assert.rejects(verified(at, {}, root), { code: 'CONFIG_INVALID', message: /trusted root/ });
    assert.deepEqual(at.registry.calls, []);
  }
});

for (const [count, why] of [
  [SIGNATURE_PROOFS, /duplicate/],
  [SIGNATURE_PROOFS + 1, /33 log entries or time stamps/],
] as const)
  test(`a bundle with ${count} log entries or time stamps is refused ${count > SIGNATURE_PROOFS ? 'before' : 'when'} they are looked at`, async () => {
    const made = await OURS.bundle(scene().digest, WORKFLOW, { logForm: 'dsse 0.0.2' });
    const { tlogEntries, timestampVerificationData } = made.verificationMaterial;
    const many = <T>(list: readonly T[]) => Array.from({ length: count }, () => list[0]);
    const rfc3161Timestamps = many(timestampVerificationData.rfc3161Timestamps);
    for (const more of [
      { tlogEntries: many(tlogEntries) },
      { timestampVerificationData: { rfc3161Timestamps } },
    ]) {
      const at = scene();
      const verificationMaterial = { ...made.verificationMaterial, ...more };
      pushBundle(at.registry, at.digest, { ...made, verificationMaterial });
      await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: why });
    }
  });

test('of what the maker of a signature wrote no more is told than people read', async () => {
  const at = scene();
  const made = await OURS.bundle(at.digest);
  const tlogEntries = made.verificationMaterial.tlogEntries.map((entry) => ({
    ...entry,
    kindVersion: { kind: 'x'.repeat(100_000), version: '0.0.1' },
  }));
  pushBundle(at.registry, at.digest, {
    ...made,
    verificationMaterial: { ...made.verificationMaterial, tlogEntries },
  });
  await assert.rejects(
    verified(at),
    ({ message }: Error) => message.includes('mismatch') && message.length < 2000,
  );
});

test('the maker of a signature writes no line of their own into why it does not count', async () => {
  const at = scene();
  const made = await OURS.bundle(at.digest);
  const tlogEntries = made.verificationMaterial.tlogEntries.map((entry) => ({
    ...entry,
    kindVersion: { kind: 'x\n  signed by the boss', version: '0.0.1' },
  }));
  pushBundle(at.registry, at.digest, {
    ...made,
    verificationMaterial: { ...made.verificationMaterial, tlogEntries },
  });
  await assert.rejects(verified(at), ({ message }: Error) => /: x\\u000a signed by the boss/.test(message));
});

test('a bundle under a certificate is nobody’s to a policy of keys, and of the key that it was made with', async () => {
  const at = scene();
  const signer = mintLeaf(mintAuthority(), WORKFLOW);
  pushBundle(at.registry, at.digest, await OURS.bundle(at.digest, WORKFLOW, { signer }));
  const pem = signer.keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await assert.rejects(verified(at, { keys: [{ pem }], identities: [] }), {
    code: 'SIGNATURE_REFUSED',
    message: /under a certificate, and the policy names no identities/,
  });
});
