import type { Clock } from '../../clock.ts';
import { AWS_TIMEOUT_MS } from '../../limits.ts';
import type { CredentialSource } from '../request/credentials.ts';
import { tried, tryWithin } from '../request/retry.ts';

/** What a client of the SDK is made with. What is left out the SDK finds: in the environment, a profile, a machine's role. */
export interface SdkAccess {
  readonly clock: Clock;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly credentials?: CredentialSource | undefined;
  readonly random?: (() => number) | undefined;
}

/** The SDK tries once: whether and when again is decided in request/retry.ts, for its calls as for ours. */
export const sdkSettings = ({ region, endpoint, credentials }: SdkAccess) => ({
  maxAttempts: 1,
  ...(region !== undefined && { region }),
  ...(endpoint !== undefined && { endpoint }),
  ...(credentials !== undefined && { credentials }),
});

/** Makes a call of the SDK. @throws AwsFailure; LandfallError of whoever gives credentials; the signal's reason */
export function callSdk<T>(
  { clock, random }: SdkAccess,
  call: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const attempt = (): Promise<T> => tryWithin(AWS_TIMEOUT_MS, signal, (abortSignal) => call({ abortSignal }));
  return tried(attempt, { clock, random, signal });
}
