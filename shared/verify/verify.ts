import { LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { signerName, type Verification, type VerifiedSignature } from '../model/verification.ts';
import type { Digest } from '../oci/digest.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import { printable } from '../printable.ts';
import { findSignatures, isFound } from './cosign/find-signatures.ts';
import { type Judged, judgeSignature } from './cosign/judge-signature.ts';
import { readTrustedRoot, type Trust } from './cosign/trusted-root.ts';
import { type FoundSignature, type PassedOver, passOver } from './found/found-signature.ts';
import { rememberedReader } from './found/remembered-reader.ts';
import type { SignatureReader } from './found/signature-reader.ts';
import type { PoliciesInForce } from './policy/policies-in-force.ts';
import type { PolicyInForce } from './policy/policy-in-force.ts';
import { signerCount } from './signer-count.ts';

export interface VerifyRequest extends CallOptions {
  readonly repository: Repository;
  /** What a reference resolved to: of the index, where it is one. A signature of what an index lists is none of it. */
  readonly digest: Digest;
  readonly policy: PolicyInForce;
}

/** The most that an error says of why signatures did not count. */
const TOLD = 5;

const signerKey = ({ signature: { signer } }: Judged): string => signerName(signer);

/** Those that are of different people, the first of each. */
const distinct = (judged: readonly Judged[]): readonly Judged[] =>
  [...new Map(judged.toReversed().map((each) => [signerKey(each), each])).values()].toReversed();

/** Why a digest is not signed as its policy wants. */
export function notVerified(
  { repository, digest, policy: { needed, name } }: VerifyRequest,
  { judged, passed }: Survey,
): LandfallError {
  const what = `${formatRepository(repository)}@${digest}`;
  const owner = name === undefined ? 'its policy' : `policy ${name} of the installation`;
  if (judged.length + passed.length === 0)
    return new LandfallError('SIGNATURE_NOT_FOUND', `${what} has no signature`, {
      hint: 'Sign it by its digest: cosign sign HOST/REPOSITORY@DIGEST. What landed before stays.',
    });
  const counted = judged.length > 0 ? `, ${judged.length} of ${needed} signers signed it` : '';
  const told = passed.slice(0, TOLD).map(({ found, why }) => `${found}: ${why}`);
  const more = passed.length > TOLD ? [`and ${passed.length - TOLD} more`] : [];
  const why = printable([...told, ...more].join('; '));
  return new LandfallError(
    'SIGNATURE_REFUSED',
    `${what} is not signed as ${owner} wants${counted}${why && `: ${why}`}`,
  );
}

/** The signatures of a digest, held to a policy one by one. */
export interface Survey {
  /** Of different people, the first of each. */
  readonly judged: readonly Judged[];
  readonly passed: readonly PassedOver[];
  readonly isEnough: boolean;
}

/**
 * Looks at signatures of a digest until its policy is content; at all of them where it never is.
 * @throws LandfallError SIGNATURE_REFUSED where there are too many, CONFIG_INVALID (the trusted root), CANCELLED, and what
 * the registry client throws
 */
export async function surveySignatures(
  { repository, digest, policy, signal }: VerifyRequest,
  registry: SignatureReader,
): Promise<Survey> {
  const { root } = policy;
  const trust = root && readTrustedRoot(root.text, root.where);
  let judged: readonly Judged[] = [];
  const passed: PassedOver[] = [];
  for await (const each of findSignatures({ repository, digest, registry, ...(signal && { signal }) })) {
    const verdict = isFound(each) ? verdictOn(each, policy, trust) : each;
    if ('why' in verdict) passed.push(verdict);
    else judged = distinct([...judged, verdict]);
    if (signerCount(judged.map(({ signers }) => signers)) >= policy.needed)
      return { judged, passed, isEnough: true };
  }
  return { judged, passed, isEnough: false };
}

/** Whatever goes wrong with one, it does not count. */
function verdictOn(
  found: FoundSignature,
  policy: PolicyInForce,
  trust: Trust | undefined,
): Judged | PassedOver {
  try {
    return judgeSignature(found, policy, trust);
  } catch (error) {
    return passOver(found.found, error);
  }
}

/**
 * Who signed a digest, as its policy wants it.
 * @throws LandfallError SIGNATURE_NOT_FOUND, SIGNATURE_REFUSED, and as {@link surveySignatures}: whatever is thrown, nothing
 * is verified
 */
export async function verifyDigest(request: VerifyRequest, registry: SignatureReader): Promise<Verification> {
  const survey = await surveySignatures(request, registry);
  if (!survey.isEnough) throw notVerified(request, survey);
  return {
    provider: 'cosign',
    policy: request.policy.digest,
    signatures: survey.judged.map(({ signature }) => signature),
  };
}

const sameSignature = ({ found, signer }: VerifiedSignature): string => `${found} ${signerName(signer)}`;

/**
 * Who signed a digest, as each of several policies wants it: every one of them has to be content.
 * @throws LandfallError as {@link verifyDigest}
 */
export async function verifyAll(
  {
    policies: { policies, digest: policy },
    ...request
  }: Omit<VerifyRequest, 'policy'> & {
    readonly policies: PoliciesInForce;
  },
  registry: SignatureReader,
): Promise<Verification> {
  const reader = policies.length > 1 ? rememberedReader(registry) : registry;
  const verified: Verification[] = [];
  for (const each of policies) verified.push(await verifyDigest({ ...request, policy: each }, reader));
  const signatures = verified.flatMap((each) => each.signatures);
  return {
    provider: 'cosign',
    policy,
    signatures: [...new Map(signatures.map((each) => [sameSignature(each), each])).values()],
  };
}
