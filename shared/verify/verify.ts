import { asLandfallError, LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { signerName, type Verification } from '../model/verification.ts';
import type { Digest } from '../oci/digest.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import { printable } from '../printable.ts';
import { findSignatures, isFound, type SignatureReader } from './find-signatures.ts';
import type { PassedOver } from './found-signature.ts';
import { type Judged, judgeSignature } from './judge-signature.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { signerCount } from './signer-count.ts';
import { readTrustedRoot, type Trust } from './trusted-root.ts';

export interface VerifyRequest extends CallOptions {
  readonly repository: Repository;
  /** What a reference resolved to: of the index, where it is one. A signature of what an index lists is none of it. */
  readonly digest: Digest;
  readonly policy: PolicyInForce;
}

/** The most that an error says of why signatures did not count. */
const TOLD = 5;

/** The root that is trusted where a policy names none: that of the public instance, as this version of Landfall was made with. */
async function trustOf({ root, identities, transparencyLog }: PolicyInForce): Promise<Trust | undefined> {
  if (identities.length === 0 && !transparencyLog) return undefined;
  if (root !== undefined) return readTrustedRoot(root.text, root.where);
  const { default: publicGood } = await import('./public-good-root.json', { with: { type: 'json' } });
  return readTrustedRoot(JSON.stringify(publicGood), 'the public instance');
}

const signerKey = ({ signature: { signer } }: Judged): string => signerName(signer);

/** Those that are of different people, the first of each. */
const distinct = (judged: readonly Judged[]): readonly Judged[] =>
  [...new Map(judged.toReversed().map((each) => [signerKey(each), each])).values()].toReversed();

function notVerified(
  what: string,
  { needed }: PolicyInForce,
  judged: readonly Judged[],
  passed: readonly PassedOver[],
): LandfallError {
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
    `${what} is not signed as its policy wants${counted}${why && `: ${why}`}`,
  );
}

/**
 * Looks for signatures of a digest until its policy is content.
 * @throws LandfallError SIGNATURE_NOT_FOUND, SIGNATURE_REFUSED, CONFIG_INVALID (the trusted root), CANCELLED, and what the
 * registry client throws: whatever is thrown, nothing is verified
 */
export async function verifyDigest(
  { repository, digest, policy, signal }: VerifyRequest,
  registry: SignatureReader,
): Promise<Verification> {
  const trust = await trustOf(policy);
  const judged: Judged[] = [];
  const passed: PassedOver[] = [];
  for await (const each of findSignatures({ repository, digest, registry, ...(signal && { signal }) })) {
    if (!isFound(each)) passed.push(each);
    else
      try {
        judged.push(judgeSignature(each, policy, trust));
        const people = distinct(judged);
        if (signerCount(people.map(({ signers }) => signers)) >= policy.needed)
          return {
            provider: 'cosign',
            policy: policy.digest,
            signatures: people.map(({ signature }) => signature),
          };
      } catch (error) {
        // Whatever goes wrong with one, it does not count.
        passed.push({ found: each.found, why: asLandfallError(error).message });
      }
  }
  throw notVerified(`${formatRepository(repository)}@${digest}`, policy, distinct(judged), passed);
}
