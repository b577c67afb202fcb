import type { AttestationRule } from '../../shared/verify/policy/attestation-rule.ts';

export const SLSA1 = 'https://slsa.dev/provenance/v1';
export const SLSA02 = 'https://slsa.dev/provenance/v0.2';
export const BUILDER = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';
export const SOURCE = 'https://github.com/acme/app';

/** As actions/attest-build-provenance writes it. @see https://actions.github.io/buildtypes/workflow/v1 */
export const github = (
  change: Readonly<Record<string, unknown>> = {},
  more: object = {},
  builder = BUILDER,
) => ({
  buildDefinition: {
    buildType: 'https://actions.github.io/buildtypes/workflow/v1',
    externalParameters: {
      workflow: {
        ref: 'refs/heads/main',
        repository: SOURCE,
        path: '.github/workflows/release.yml',
        ...change,
      },
      ...more,
    },
    resolvedDependencies: [{ uri: `git+${SOURCE}@refs/heads/main`, digest: { gitCommit: '0'.repeat(40) } }],
  },
  runDetails: { builder: { id: builder }, metadata: { invocationId: `${SOURCE}/actions/runs/1/attempts/1` } },
});
/** As slsa-github-generator wrote it. @see https://slsa.dev/spec/v0.2/provenance */
export const v02 = (uri: string, more: object = {}) => ({
  builder: { id: BUILDER },
  buildType: 'https://github.com/slsa-framework/slsa-github-generator/generic@v1',
  invocation: { configSource: { uri, digest: { sha1: '0'.repeat(40) }, entryPoint: 'release.yml' }, ...more },
  materials: [],
});
export const built: AttestationRule = {
  type: 'provenance',
  builder: BUILDER,
  source: SOURCE,
  ref: 'refs/heads/main',
  parameters: [],
  where: [],
};

export const now = (ageMs = 0): string => new Date(Date.now() - ageMs).toISOString();
/** As the specification of in-toto has it. @see https://github.com/in-toto/attestation/blob/main/spec/predicates/vulns.md */
export const vulns = (scores: readonly (string | number)[], scanFinishedOn: unknown = now()) => ({
  scanner: {
    uri: 'pkg:github/aquasecurity/trivy@0.19.2',
    result: scores.map((score, at) => ({ id: `CVE-${at}`, severity: [{ method: 'nvd', score }] })),
  },
  metadata: { scanStartedOn: now(), scanFinishedOn },
});
export const cosignVuln = (result: unknown) => ({ scanner: { result }, metadata: { scanFinishedOn: now() } });
export const trivy = (...severities: readonly string[]) => ({
  Results: [{ Target: 'a' }, { Vulnerabilities: severities.map((severity) => ({ Severity: severity })) }],
});
export const grype = (...severities: readonly string[]) => ({
  matches: severities.map((severity) => ({ vulnerability: { severity } })),
});
export const scanned: AttestationRule = {
  type: 'vulnerabilities',
  atMost: 'medium',
  maxAgeMs: 3_600_000,
  where: [],
};
export const VULNS = 'https://in-toto.io/attestation/vulns';
export const COSIGN_VULN = 'https://cosign.sigstore.dev/attestation/vuln/v1';
export const sbom: AttestationRule = { type: 'sbom', where: [] };
export const custom = (...where: AttestationRule['where']): AttestationRule => ({
  type: 'predicate',
  predicateType: 'https://acme.example/test/v1',
  where,
});
