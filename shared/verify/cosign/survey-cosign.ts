import { signerName } from '../../model/verification.ts';
import { type FoundSignature, type PassedOver, passOver } from '../found/found-signature.ts';
import type { Search } from '../found/signature-manifest.ts';
import type { Judged, Survey } from '../found/survey.ts';
import type { CosignInForce } from '../policy/policy-in-force.ts';
import { findSignatures, isFound } from './find-signatures.ts';
import { judgeSignature } from './judge-signature.ts';
import { signerCount } from './signer-count.ts';
import { readTrustedRoot, type Trust } from './trusted-root.ts';

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

/**
 * Looks at signatures of cosign until the policy is content; at all of them where it never is.
 * @throws LandfallError SIGNATURE_REFUSED where there are too many, CONFIG_INVALID (the trusted root), CANCELLED, and what
 * the registry client throws
 */
export async function surveyCosign(search: Search, policy: CosignInForce): Promise<Survey> {
  const { root, needed } = policy;
  const trust = root && readTrustedRoot(root.text, root.where);
  let judged: readonly Judged[] = [];
  const passed: PassedOver[] = [];
  for await (const each of findSignatures(search)) {
    const verdict = isFound(each) ? verdictOn(each, policy, trust) : each;
    if ('why' in verdict) passed.push(verdict);
    else judged = distinct([...judged, verdict]);
    if (signerCount(judged.map(({ signers }) => signers)) >= needed)
      return { judged, passed, isEnough: true };
  }
  return { judged, passed, isEnough: false };
}
