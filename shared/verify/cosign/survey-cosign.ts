import { signerName } from '../../model/verification.ts';
import { isOfRule, unmetRule } from '../attestation/meets-rule.ts';
import { type Attested, type FoundSignature, type PassedOver, passOver } from '../found/found-signature.ts';
import { quoted } from '../found/quoted.ts';
import type { Search } from '../found/signature-manifest.ts';
import type { Judged, Survey } from '../found/survey.ts';
import type { CosignInForce } from '../in-force/policy-in-force.ts';
import { describeRule } from '../policy/attestation-rule.ts';
import { findSignatures, isFound } from './find-signatures.ts';
import { judgeSignature } from './judge-signature.ts';
import { signerCount } from './signer-count.ts';
import { describeRoot, readTrustedRoot, type Trust } from './trusted-root.ts';

/** Those that are of different people, the first of each. */
const distinct = (judged: readonly Judged[]): readonly Judged[] =>
  [
    ...new Map(judged.toReversed().map((each) => [signerName(each.signature.signer), each])).values(),
  ].toReversed();

/** Whatever goes wrong with one, it does not count. */
function verdictOn(
  found: FoundSignature,
  policy: CosignInForce,
  trust: Trust | undefined,
): Judged | PassedOver {
  try {
    return judgeSignature(found, policy, trust);
  } catch (error) {
    return passOver(found.found, error);
  }
}

/** Which of the rules a statement is what they want; why it is none of it. */
function rulesMet(
  attested: Attested,
  { attestations }: CosignInForce,
): { readonly met: readonly number[]; readonly why: string } {
  const of = attestations.flatMap((rule, at) => (isOfRule(attested, rule) ? [{ rule, at }] : []));
  const judged = of.map(({ rule, at }) => ({ at, unmet: unmetRule(attested, rule, Date.now()) }));
  return {
    met: judged.flatMap(({ at, unmet }) => (unmet === undefined ? [at] : [])),
    why:
      judged[0]?.unmet ?? `it says ${quoted(attested.predicateType)} of the artifact, which is not asked for`,
  };
}

/**
 * Looks at signatures and attestations of cosign until the policy is content; at all of them where it never is.
 * @throws LandfallError SIGNATURE_REFUSED where there are too many, CONFIG_INVALID (the trusted root), TRUST_UNAVAILABLE, CANCELLED, and
 * what the registry client throws
 */
export async function surveyCosign(search: Search, policy: CosignInForce): Promise<Survey> {
  const { needed, attestations } = policy;
  const root = policy.root?.newest === undefined ? policy.root : await policy.root.newest(search);
  const trust = root && readTrustedRoot(root.text, root.where);
  let judged: readonly Judged[] = [];
  const attesting: Judged[] = [];
  const met = new Set<number>();
  const passed: PassedOver[] = [];
  const isEnough = (): boolean =>
    met.size === attestations.length && signerCount(judged.map(({ signers }) => signers)) >= needed;
  const surveyed = (isDone: boolean): Survey => ({
    judged,
    attesting,
    passed,
    isEnough: isDone,
    lacking: attestations.filter((_, at) => !met.has(at)).map(describeRule),
    ...(root && { root: describeRoot(root) }),
  });
  const note = (found: FoundSignature, verdict: Judged): void => {
    const { attested } = found;
    if (attested === undefined) judged = distinct([...judged, verdict]);
    else {
      const rules = rulesMet(attested, policy);
      if (rules.met.length === 0) passed.push({ found: found.found, why: rules.why });
      else attesting.push(verdict);
      for (const at of rules.met) met.add(at);
    }
  };
  for await (const each of findSignatures(search, { hasAttestations: attestations.length > 0 })) {
    const verdict = isFound(each) ? verdictOn(each, policy, trust) : each;
    if ('why' in verdict) passed.push(verdict);
    else if (isFound(each)) note(each, verdict);
    if (isEnough()) return surveyed(true);
  }
  return surveyed(false);
}
