/** One thing that a predicate has to say. Exactly one of the three is given. */
export interface PredicateCondition {
  /** `$.runDetails.builder.id`, `$.materials[*].uri`: of `[*]` any will do. */
  readonly path: string;
  readonly equals?: string | number | boolean;
  readonly oneOf?: readonly (string | number | boolean)[];
  /** RE2; the whole text has to match. */
  readonly matches?: string;
}

export const VULNERABILITY_LEVELS = ['none', 'low', 'medium', 'high', 'critical'] as const;
export type VulnerabilityLevel = (typeof VULNERABILITY_LEVELS)[number];

/** Where and from what something was built, as SLSA says it. */
export interface ProvenanceRule {
  readonly type: 'provenance';
  /** The builder's id, as it is. */
  readonly builder: string;
  /** The repository's URL, without `git+` and revision. */
  readonly source: string;
  /** E.g. `refs/heads/main`. */
  readonly ref?: string;
  /** External parameters of the build that may be there beside its source. */
  readonly parameters: readonly string[];
}

/** That there is a list of what is in it. */
interface SbomRule {
  readonly type: 'sbom';
  readonly format?: 'spdx' | 'cyclonedx';
}

/** That it was scanned lately, with nothing worse than that. */
export interface VulnerabilitiesRule {
  readonly type: 'vulnerabilities';
  readonly atMost: VulnerabilityLevel;
  readonly maxAgeMs: number;
}

/** Any other predicate. */
interface PredicateRule {
  readonly type: 'predicate';
  readonly predicateType: string;
}

/** A statement of an artifact that has to be there, signed by one of the policy's signers. */
export type AttestationRule = (ProvenanceRule | SbomRule | VulnerabilitiesRule | PredicateRule) & {
  readonly where: readonly PredicateCondition[];
};

/** For people. */
export const describeRule = (rule: AttestationRule): string => {
  switch (rule.type) {
    case 'provenance':
      return `provenance of ${rule.source}${rule.ref === undefined ? '' : ` at ${rule.ref}`}, built by ${rule.builder}`;
    case 'sbom':
      return rule.format === undefined ? 'a list of what is in it (SBOM)' : `an SBOM of ${rule.format}`;
    case 'vulnerabilities':
      return `a scan with nothing above ${rule.atMost}`;
    case 'predicate':
      return `a statement of type ${rule.predicateType}`;
  }
};
