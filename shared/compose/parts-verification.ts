import type { Status } from '../model/status.ts';
import { isProven, signedFor, type Verification } from '../model/verification.ts';
import { type Digest, digestOf } from '../oci/digest.ts';

/** The policy of what is composed, by what each part is signed for; undefined: one of them is for none, or there is no part. */
export function policyOfParts(
  parts: readonly (readonly [name: string, policy: string | undefined])[],
): Digest | undefined {
  if (parts.length === 0 || parts.some(([, policy]) => policy === undefined)) return undefined;
  return digestOf(parts.map((each) => each.join(' ')).join('\n'));
}

/** How what is composed is verified: by who signed each part. Undefined where one of them is not known to be signed. */
export function partsVerification(
  parts: ReadonlyMap<string, Pick<Status, 'current'> | undefined>,
): Verification | undefined {
  const revisions = [...parts].map(([name, status]) => [name, status?.current ?? null] as const);
  const policy = policyOfParts(revisions.map(([name, revision]) => [name, signedFor(revision)]));
  const proven = revisions.flatMap(([, revision]) =>
    isProven(revision?.verification) ? [revision.verification] : [],
  );
  const [first] = proven;
  if (policy === undefined || first === undefined) return undefined;
  const isOne = proven.every(({ provider }) => provider === first.provider);
  const tolerated = proven.flatMap((each) => each.tolerated ?? []);
  return {
    provider: isOne ? first.provider : 'several',
    policy,
    signatures: proven.flatMap(({ signatures }) => signatures),
    ...(tolerated.length > 0 && { tolerated }),
  };
}
