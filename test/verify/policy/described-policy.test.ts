import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRule } from '../../../shared/verify/policy/attestation-rule.ts';
import {
  type CosignPolicy,
  describePolicy,
  filesOfPolicy,
  kmsKeysOf,
  type NotationPolicy,
} from '../../../shared/verify/policy/policy.ts';

const cosign = (more: Partial<CosignPolicy> = {}): CosignPolicy => ({
  provider: 'cosign',
  keys: [{ file: 'a.pub' }],
  identities: [],
  transparencyLog: true,
  require: 'any',
  ...more,
});
const notation = (more: Partial<NotationPolicy> = {}): NotationPolicy => ({
  provider: 'notation',
  trustStores: [{ type: 'ca', name: 'ours', certificates: [{ file: 'ca.pem' }, { pem: 'x' }] }],
  trustedIdentities: ['*'],
  ...more,
});
const unlogged =
  'without a transparency log: when it was signed, and whether the key was lost since, nobody can tell';
const provenance = { type: 'provenance', builder: 'b', source: 's', parameters: [], where: [] } as const;
const tuf = { tuf: 'https://tuf.example' };

const SAID: readonly (readonly [policy: CosignPolicy | NotationPolicy, text: string])[] = [
  [cosign(), 'signed with cosign by key a.pub, in a transparency log'],
  [cosign({ transparencyLog: false }), `signed with cosign by key a.pub, ${unlogged}`],
  [
    cosign({
      keys: [{ file: 'a.pub' }, { pem: 'x' }, { kms: 'awskms:///alias/a' }],
      identities: [
        { issuer: 'i', subject: 's' },
        { issuerPattern: 'ip', subjectPattern: 'sp' },
      ],
      require: 2,
    }),
    'signed with cosign by 2 of 5: key a.pub; a key of the document; key awskms:///alias/a; s by i; ~sp by ~ip, in a transparency log',
  ],
  [
    cosign({ trustedRoot: tuf }),
    'signed with cosign by key a.pub, in a transparency log, by the trusted root of https://tuf.example',
  ],
  [cosign({ trustedRoot: tuf, transparencyLog: false }), `signed with cosign by key a.pub, ${unlogged}`],
  [cosign({ trustedRoot: { file: 'r' } }), 'signed with cosign by key a.pub, in a transparency log'],
  [
    cosign({ attestations: [provenance, { type: 'sbom', where: [] }], signature: false, name: 'all' }),
    'attested with cosign by key a.pub, in a transparency log, with provenance of s, built by b and with a list of what is in it (SBOM), as policy all of the installation wants it',
  ],
  [notation(), 'signed with notation by *, of ca:ours, level strict'],
  [
    notation({ level: 'audit' }),
    'signed with notation by *, of ca:ours, level audit; level audit lands it even where they did not, and says so',
  ],
  [notation({ level: 'skip' }), 'there: level skip looks at no signature of notation'],
  [notation({ trustPolicy: { file: 't.json' } }), 'signed with notation as the trust policy t.json wants it'],
  [
    notation({ trustPolicy: { pem: '{}' } }),
    'signed with notation as the trust policy of the document wants it',
  ],
];
for (const [policy, text] of SAID)
  test(`a policy says that what lands is ${text.slice(0, 70)}…`, () => {
    assert.equal(describePolicy(policy), text);
  });

test('each attestation that is wanted is said with what tells it from others', () => {
  const where = { where: [] };
  assert.deepEqual(
    [
      describeRule({ ...provenance, ref: 'refs/heads/main' }),
      describeRule({ type: 'sbom', format: 'spdx', ...where }),
      describeRule({ type: 'vulnerabilities', atMost: 'low', maxAgeMs: 1, ...where }),
      describeRule({ type: 'predicate', predicateType: 'https://a.example/v1', ...where }),
    ],
    [
      'provenance of s at refs/heads/main, built by b',
      'an SBOM of spdx',
      'a scan with nothing above low',
      'a statement of type https://a.example/v1',
    ],
  );
});

test('the files and the keys of a KMS that a policy names are known before it is read', () => {
  const keys = [{ file: 'a.pub' }, { pem: 'x' }, { kms: 'awskms:///alias/a' }];
  assert.deepEqual(filesOfPolicy(cosign({ keys })), ['a.pub']);
  assert.deepEqual(filesOfPolicy(cosign({ trustedRoot: { file: 'r.json' } })), ['a.pub', 'r.json']);
  assert.deepEqual(filesOfPolicy(cosign({ trustedRoot: { pem: '{}' } })), ['a.pub']);
  assert.deepEqual(filesOfPolicy(cosign({ trustedRoot: { ...tuf, root: { file: 'f.json' } } })), [
    'a.pub',
    'f.json',
  ]);
  assert.deepEqual(filesOfPolicy(cosign({ trustedRoot: tuf })), ['a.pub']);
  assert.deepEqual(filesOfPolicy(notation()), ['ca.pem']);
  assert.deepEqual(filesOfPolicy(notation({ trustPolicy: { file: 't.json' } })), ['ca.pem', 't.json']);
  assert.deepEqual(kmsKeysOf(cosign({ keys })), ['awskms:///alias/a']);
  assert.deepEqual(kmsKeysOf(notation()), []);
});
