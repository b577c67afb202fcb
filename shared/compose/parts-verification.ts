import { isProven, type Verification } from '../model/verification.ts';
import { digestOf } from '../oci/digest.ts';
import type { PartsNow } from './parts-now.ts';

/** How what is composed is verified: by who signed each part. Undefined where one of them is not known to be signed. */
export function partsVerification(parts: PartsNow): Verification | undefined {
  const all = [...parts].map(([name, { current }]) => [name, current?.verification] as const);
  const proven = all.flatMap(([name, verification]) =>
    isProven(verification) ? [{ name, verification }] : [],
  );
  const [first] = proven;
  if (first === undefined || proven.length < all.length) return undefined;
  const isOne = proven.every(({ verification }) => verification.provider === first.verification.provider);
  const text = proven.map(({ name, verification }) => `${name} ${verification.policy}`).join('\n');
  const tolerated = proven.flatMap(({ verification }) => verification.tolerated ?? []);
  return {
    provider: isOne ? first.verification.provider : 'several',
    policy: digestOf(text),
    signatures: proven.flatMap(({ verification }) => verification.signatures),
    ...(tolerated.length > 0 && { tolerated }),
  };
}
