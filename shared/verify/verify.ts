import { LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { signerName, type Verification, type VerifiedSignature } from '../model/verification.ts';
import type { Digest } from '../oci/digest.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import type { FetchedManifest } from '../registry/client.ts';
import { rememberedReader } from './found/remembered-reader.ts';
import type { SignatureReader } from './found/signature-reader.ts';
import type { Survey } from './found/survey.ts';
import type { PoliciesInForce } from './in-force/policies-in-force.ts';
import type { PolicyInForce } from './in-force/policy-in-force.ts';

export type { Survey } from './found/survey.ts';

export interface VerifyRequest extends CallOptions {
  readonly repository: Repository;
  /** What a reference resolved to: of the index, where it is one. A signature of what an index lists is none of it. */
  readonly digest: Digest;
  /** What has that digest, where it was fetched already. */
  readonly artifact?: FetchedManifest | undefined;
  readonly policy: PolicyInForce;
}

/** The most that an error says of why signatures did not count. */
const TOLD = 5;

/** How each tool signs a digest, for those whose artifact has no signature. */
const SIGN_IT = {
  cosign: 'cosign sign HOST/REPOSITORY@DIGEST',
  notation: 'notation sign HOST/REPOSITORY@DIGEST',
} as const;

/** Why a digest is not signed as its policy wants. */
export function notVerified(
  { repository, digest, policy }: Omit<VerifyRequest, 'artifact'>,
  { judged, attesting = [], passed, lacking = [] }: Survey,
): LandfallError {
  const { name, provider } = policy;
  const what = `${formatRepository(repository)}@${digest}`;
  const owner = name === undefined ? 'its policy' : `policy ${name} of the installation`;
  if (judged.length + attesting.length + passed.length === 0)
    return new LandfallError('SIGNATURE_NOT_FOUND', `${what} has no signature`, {
      hint: `Sign it by its digest: ${SIGN_IT[provider]}. What landed before stays.`,
    });
  const needed = policy.provider === 'cosign' ? policy.needed : 1;
  const missing = lacking.length > 0 ? `, without ${lacking.join(', ')}` : '';
  const counted = `${judged.length > 0 && needed > 0 ? `, ${judged.length} of ${needed} signers signed it` : ''}${missing}`;
  const told = passed.slice(0, TOLD).map(({ found, why }) => `${found}: ${why}`);
  const more = passed.length > TOLD ? [`and ${passed.length - TOLD} more`] : [];
  const why = [...told, ...more].join('; ');
  return new LandfallError(
    'SIGNATURE_REFUSED',
    `${what} is not signed as ${owner} wants${counted}${why && `: ${why}`}`,
  );
}

/**
 * Holds the signatures of a digest to a policy.
 * @throws LandfallError SIGNATURE_REFUSED where there are too many, CONFIG_INVALID, CANCELLED, and what the registry client throws
 */
export async function surveySignatures(
  { repository, digest, artifact, policy, signal }: VerifyRequest,
  registry: SignatureReader,
): Promise<Survey> {
  const search = { repository, digest, registry, ...(signal && { signal }) };
  if (policy.provider === 'cosign')
    return (await import('./cosign/survey-cosign.ts')).surveyCosign(search, policy);
  return (await import('./notation/survey-notation.ts')).surveyNotation({ ...search, artifact }, policy);
}

/**
 * Who signed a digest, as its policy wants it.
 * @throws LandfallError SIGNATURE_NOT_FOUND, SIGNATURE_REFUSED, and as {@link surveySignatures}: whatever is thrown, nothing
 * is verified
 */
export async function verifyDigest(request: VerifyRequest, registry: SignatureReader): Promise<Verification> {
  const survey = await surveySignatures(request, registry);
  if (!survey.isEnough) throw notVerified(request, survey);
  const { provider, digest } = request.policy;
  return {
    provider,
    policy: digest,
    signatures: [...survey.judged, ...(survey.attesting ?? [])].map(({ signature }) => signature),
    ...(survey.tolerated && { tolerated: [...survey.tolerated] }),
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
  const tolerated = verified.flatMap((each) => each.tolerated ?? []);
  const providers = new Set(verified.map(({ provider }) => provider));
  return {
    provider: providers.size > 1 ? 'several' : (verified[0]?.provider ?? 'several'),
    policy,
    signatures: [...new Map(signatures.map((each) => [sameSignature(each), each])).values()],
    ...(tolerated.length > 0 && { tolerated }),
  };
}
