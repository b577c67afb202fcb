import type { Attested } from '../found/found-signature.ts';
import type { AttestationRule } from '../policy/attestation-rule.ts';
import { unmetCondition } from './condition.ts';
import { PROVENANCE_V1, PROVENANCE_V02, unmetProvenance } from './provenance.ts';
import { COSIGN_VULN, unmetVulnerabilities, VULNS } from './vulnerability-report.ts';

/** With a version behind it, `https://spdx.dev/Document/v2.3`, it is the same. */
const SBOMS: Readonly<Record<'spdx' | 'cyclonedx', string>> = {
  spdx: 'https://spdx.dev/Document',
  cyclonedx: 'https://cyclonedx.org/bom',
};

const isSbom = (predicateType: string, base: string): boolean =>
  predicateType === base ||
  (predicateType.startsWith(`${base}/`) && /^v?[0-9.]+$/.test(predicateType.slice(base.length + 1)));

/** Whether a statement is of the type that a rule is about. */
export function isOfRule({ predicateType }: Attested, rule: AttestationRule): boolean {
  switch (rule.type) {
    case 'provenance':
      return predicateType === PROVENANCE_V1 || predicateType === PROVENANCE_V02;
    case 'sbom':
      return (rule.format === undefined ? Object.values(SBOMS) : [SBOMS[rule.format]]).some((base) =>
        isSbom(predicateType, base),
      );
    case 'vulnerabilities':
      return predicateType === VULNS || predicateType === COSIGN_VULN;
    case 'predicate':
      return predicateType === rule.predicateType;
  }
}

function unmetType(attested: Attested, rule: AttestationRule, now: number): string | undefined {
  if (rule.type === 'provenance') return unmetProvenance(attested, rule);
  if (rule.type === 'vulnerabilities') return unmetVulnerabilities(attested, rule, now);
  const { predicate } = attested;
  const isEmpty = typeof predicate !== 'object' || predicate === null || Object.keys(predicate).length === 0;
  return rule.type === 'sbom' && isEmpty ? 'it lists nothing' : undefined;
}

/** Why a statement of a rule's type is not what the rule wants; undefined: it is. */
export function unmetRule(attested: Attested, rule: AttestationRule, now: number): string | undefined {
  const unmet = unmetType(attested, rule, now);
  if (unmet !== undefined) return unmet;
  return rule.where
    .map((each) => unmetCondition(attested.predicate, each))
    .find((each) => each !== undefined);
}
