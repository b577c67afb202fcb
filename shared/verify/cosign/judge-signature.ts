import type { X509Certificate } from 'node:crypto';
import type { FoundSignature } from '../found/found-signature.ts';
import { refuse } from '../found/refuse.ts';
import type { Judged } from '../found/survey.ts';
import type { CosignInForce } from '../in-force/policy-in-force.ts';
import { isMadeWith } from '../policy/public-key.ts';
import { certificateOf } from './certificate.ts';
import { checkCertified, checkLogged } from './check-trust.ts';
import { isIdentityOf } from './identity-match.ts';
import type { Trust } from './trusted-root.ts';

/** What an entry says of itself counts as far as its log has signed it: all with a promise, its place alone with a proof. */
const facts = ({ bundle, found }: FoundSignature, isLogged: boolean) => {
  const [entry] = bundle.verificationMaterial.tlogEntries;
  if (!isLogged || entry === undefined) return { found, signedAt: null, logIndex: null };
  const { integratedTime, logIndex, inclusionPromise, inclusionProof } = entry;
  if (!inclusionPromise) return { found, signedAt: null, logIndex: inclusionProof?.logIndex ?? null };
  return { found, signedAt: new Date(Number(integratedTime) * 1000).toISOString(), logIndex };
};

function judgeKeyed(found: FoundSignature, policy: CosignInForce, trust: Trust | undefined): Judged {
  const at = policy.keys.findIndex((key) => isMadeWith(key, found.signed, found.signature));
  const key = policy.keys[at];
  if (key === undefined)
    throw refuse(
      policy.keys.length === 0
        ? 'it was made with a key, and the policy names none'
        : 'it was made with none of the keys',
    );
  if (policy.transparencyLog) {
    if (trust === undefined) throw refuse('there is no trusted root');
    checkLogged(found, key, trust.material);
  }
  const signature = { signer: { key: key.fingerprint }, ...facts(found, policy.transparencyLog) };
  return { signature, signers: [at] };
}

function judgeCertified(
  found: FoundSignature,
  certificate: X509Certificate,
  policy: CosignInForce,
  trust: Trust | undefined,
): Judged {
  if (policy.identities.length === 0)
    throw refuse('it was made under a certificate, and the policy names no identities');
  if (trust === undefined) throw refuse('there is no trusted root');
  const { transparencyLog } = policy;
  const signer = checkCertified(found, certificate, { trust: trust.material, transparencyLog });
  const signers = policy.identities.flatMap((rule, at) =>
    isIdentityOf(rule, signer) ? [policy.keys.length + at] : [],
  );
  if (signers.length === 0)
    throw refuse(`it is of ${signer.subject} by ${signer.issuer}, who is none of the identities`);
  return { signature: { signer, ...facts(found, transparencyLog) }, signers };
}

/**
 * Holds one signature to a policy.
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function judgeSignature(
  found: FoundSignature,
  policy: CosignInForce,
  trust: Trust | undefined,
): Judged {
  const certificate = certificateOf(found.bundle);
  return certificate === undefined
    ? judgeKeyed(found, policy, trust)
    : judgeCertified(found, certificate, policy, trust);
}
