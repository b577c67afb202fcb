import { createHash, timingSafeEqual } from 'node:crypto';

const digestOf = (value: string | Uint8Array): Uint8Array => createHash('sha256').update(value).digest();

/** Compares without telling by its time how much was right, or how long the secret is. */
export const equalsInConstantTime = (a: string | Uint8Array, b: string | Uint8Array): boolean =>
  timingSafeEqual(digestOf(a), digestOf(b));
