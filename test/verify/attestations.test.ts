import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '../../shared/oci/digest.ts';
import type { AttestationRule } from '../../shared/verify/policy/attestation-rule.ts';
import { judged, type Said, THEIRS } from './attestation-scene.ts';
import {
  BUILDER,
  built,
  COSIGN_VULN,
  cosignVuln,
  custom,
  github,
  grype,
  now,
  SLSA1,
  SLSA02,
  SOURCE,
  sbom,
  scanned,
  trivy,
  VULNS,
  v02,
  vulns,
} from './predicates.ts';

const good: readonly (readonly [what: string, rule: AttestationRule, said: Said])[] = [
  ['SLSA 1 of its builder, source and ref', built, { type: SLSA1, predicate: github() }],
  [
    'SLSA 0.2 of its builder, source and ref',
    built,
    { type: SLSA02, predicate: v02(`git+${SOURCE}@refs/heads/main`) },
  ],
  [
    'a parameter that is expected',
    { ...built, parameters: ['inputs'] } as AttestationRule,
    { type: SLSA1, predicate: github({}, { inputs: {} }) },
  ],
  ['an SBOM of SPDX', sbom, { type: 'https://spdx.dev/Document', predicate: { spdxVersion: 'SPDX-2.3' } }],
  [
    'an SBOM of SPDX by version',
    { ...sbom, format: 'spdx' } as AttestationRule,
    { type: 'https://spdx.dev/Document/v2.3', predicate: { spdxVersion: 'SPDX-2.3' } },
  ],
  [
    'an SBOM of CycloneDX',
    sbom,
    { type: 'https://cyclonedx.org/bom', predicate: { bomFormat: 'CycloneDX' } },
  ],
  ['a scan of nothing', scanned, { type: VULNS, predicate: vulns([]) }],
  [
    'a scan of scores that are low enough',
    scanned,
    { type: VULNS, predicate: vulns(['0', 3.9, '6.9', 'LOW']) },
  ],
  ['a scan of Trivy', scanned, { type: COSIGN_VULN, predicate: cosignVuln(trivy('LOW', 'MEDIUM')) }],
  ['a scan of Grype', scanned, { type: COSIGN_VULN, predicate: cosignVuln(grype('Negligible', 'Medium')) }],
  [
    'a predicate that says what is wanted',
    custom(
      { path: '$.result', equals: 'PASSED' },
      { path: "$.suites[*]['name']", oneOf: ['unit', 'e2e'] },
      { path: '$.by', matches: 'ci-[0-9]+' },
    ),
    {
      type: 'https://acme.example/test/v1',
      predicate: { result: 'PASSED', suites: [{ name: 'lint' }, { name: 'e2e' }], by: 'ci-12' },
    },
  ],
];
for (const [what, rule, said] of good)
  for (const form of ['bundle', 'layer'] as const)
    test(`${what} is enough, as a ${form}`, async () => {
      const { signatures } = await judged([rule], [{ ...said, form }]);
      assert.equal(signatures.length, 2);
      assert.match(signatures[1]?.found ?? '', form === 'bundle' ? /^bundle / : /^layer 0 of .*\.att$/);
    });

const bad: readonly (readonly [what: string, rule: AttestationRule, said: Said, why: RegExp])[] = [
  [
    'SLSA of another builder',
    built,
    { type: SLSA1, predicate: github({}, {}, `${BUILDER}2`) },
    /its builder is/,
  ],
  [
    'SLSA of another source',
    built,
    { type: SLSA1, predicate: github({ repository: `${SOURCE}-evil` }) },
    /its source is/,
  ],
  [
    'SLSA of another branch',
    built,
    { type: SLSA1, predicate: github({ ref: 'refs/heads/x' }) },
    /its ref is "refs\/heads\/x"/,
  ],
  [
    'SLSA with a parameter that nobody expects',
    built,
    { type: SLSA1, predicate: github({}, { inputs: {} }) },
    /parameter "inputs"/,
  ],
  [
    'SLSA that names no source',
    built,
    { type: SLSA1, predicate: { runDetails: { builder: { id: BUILDER } } } },
    /source is nothing/,
  ],
  [
    'SLSA 0.2 of another source',
    built,
    { type: SLSA02, predicate: v02(`git+${SOURCE}2@refs/heads/main`) },
    /its source is/,
  ],
  ['SLSA 0.2 without a ref', built, { type: SLSA02, predicate: v02(`git+${SOURCE}`) }, /its ref is nothing/],
  [
    'SLSA 0.2 with a parameter',
    built,
    { type: SLSA02, predicate: v02(`git+${SOURCE}@refs/heads/main`, { parameters: { a: 1 } }) },
    /parameter "a"/,
  ],
  ['SLSA that is null', built, { type: SLSA1, predicate: null }, /its builder is nothing/],
  ['an SBOM that lists nothing', sbom, { type: 'https://spdx.dev/Document', predicate: {} }, /lists nothing/],
  [
    'an SBOM of the other format',
    { ...sbom, format: 'spdx' } as AttestationRule,
    { type: 'https://cyclonedx.org/bom', predicate: { a: 1 } },
    /not asked for/,
  ],
  [
    'a type that only begins as one of an SBOM',
    sbom,
    { type: 'https://spdx.dev/Document/evil', predicate: { a: 1 } },
    /not asked for/,
  ],
  [
    'a scan with something high',
    scanned,
    { type: VULNS, predicate: vulns([9.8, 7, 1]) },
    /found 2 above medium: critical, high/,
  ],
  [
    'a scan with a severity that nobody knows',
    scanned,
    { type: VULNS, predicate: vulns(['AV:N/AC:L']) },
    /unknown/,
  ],
  ['a scan of too long ago', scanned, { type: VULNS, predicate: vulns([], now(4_000_000)) }, /too long ago/],
  ['a scan of no time', scanned, { type: VULNS, predicate: vulns([], null) }, /too long ago/],
  [
    'a scan whose result is no list',
    scanned,
    { type: VULNS, predicate: { scanner: { result: {} }, metadata: { scanFinishedOn: now() } } },
    /not read/,
  ],
  [
    'a scan of Trivy with something critical',
    scanned,
    { type: COSIGN_VULN, predicate: cosignVuln(trivy('CRITICAL')) },
    /critical/,
  ],
  [
    'a scan of a scanner that nobody reads',
    scanned,
    { type: COSIGN_VULN, predicate: cosignVuln({ findings: [] }) },
    /not read/,
  ],
  [
    'a predicate without what is wanted',
    custom({ path: '$.result', equals: 'PASSED' }),
    { type: 'https://acme.example/test/v1', predicate: {} },
    /\$\.result is nothing/,
  ],
  [
    'a predicate that says something else',
    custom({ path: '$.n', equals: 1 }),
    { type: 'https://acme.example/test/v1', predicate: { n: '1' } },
    /\$\.n is "1"/,
  ],
  [
    'a predicate that only holds what is wanted',
    custom({ path: '$.by', matches: 'ci' }),
    { type: 'https://acme.example/test/v1', predicate: { by: 'evil-ci' } },
    /evil-ci/,
  ],
  [
    'a predicate that inherits what is wanted',
    custom({ path: '$.constructor.name', equals: 'Object' }),
    { type: 'https://acme.example/test/v1', predicate: {} },
    /name is nothing/,
  ],
  [
    'a statement of another artifact',
    sbom,
    { type: 'https://spdx.dev/Document', predicate: { a: 1 }, of: `sha256:${'4'.repeat(64)}` as Digest },
    /another artifact/,
  ],
  [
    'a statement by somebody else',
    sbom,
    { type: 'https://spdx.dev/Document', predicate: { a: 1 }, by: THEIRS },
    /none of the keys/,
  ],
];
for (const [what, rule, said, why] of bad)
  for (const form of ['bundle', 'layer'] as const)
    test(`${what} is refused, as a ${form}, though the artifact is signed`, async () => {
      await assert.rejects(
        judged([rule], [{ ...said, form }]),
        (error: { code: string; message: string }) => {
          assert.equal(error.code, 'SIGNATURE_REFUSED');
          assert.match(error.message, why);
          assert.match(error.message, /, without /);
          return true;
        },
      );
    });

test('each attestation is wanted, and one that does not hold does not hide one that does', async () => {
  const spdx = { type: 'https://spdx.dev/Document', predicate: { a: 1 } };
  await assert.rejects(judged([sbom, built], [spdx]), { message: /without provenance of/ });
  const { signatures } = await judged(
    [sbom, built],
    [
      { type: SLSA1, predicate: github({ ref: 'x' }) },
      spdx,
      { type: SLSA1, predicate: github(), form: 'layer' },
    ],
  );
  assert.equal(signatures.length, 3);
});

test('an attestation is no signature, and is enough only where the policy says so', async () => {
  const said = [{ type: SLSA1, predicate: github() }];
  assert.equal((await judged([built], said, { signature: false })).signatures.length, 1);
  await assert.rejects(judged([], said, { signature: false, require: 'any', attestations: [sbom] }), {
    message: /without/,
  });
});

test('a plain signature under .att is no attestation', async () => {
  await assert.rejects(
    judged([custom()], [{ type: 'https://sigstore.dev/cosign/sign/v1', predicate: {}, form: 'layer' }], {
      signature: false,
    }),
    { message: /no attestation/ },
  );
});
