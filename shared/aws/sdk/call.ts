import type { Clock } from '../../clock.ts';
import { AWS_TIMEOUT_MS } from '../../limits.ts';
import type { AwsCredentials, CredentialSource } from '../request/credentials.ts';
import { failureOf } from '../request/failure.ts';
import { tried, tryWithin } from '../request/retry.ts';

/** What a client of the SDK is made with. What is left out the SDK finds: in the environment, a profile, a machine's role. */
export interface SdkAccess {
  readonly clock: Clock;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly credentials?: CredentialSource | undefined;
  readonly random?: (() => number) | undefined;
}

/** What a source gave last, and of that what AWS said has ended. */
interface Given {
  last?: AwsCredentials;
  refused?: AwsCredentials | undefined;
}

const givenOf = new WeakMap<CredentialSource, Given>();

function givenFrom(source: CredentialSource): Given {
  const known = givenOf.get(source) ?? {};
  givenOf.set(source, known);
  return known;
}

/** The SDK keeps for ever what does not say when it ends: as it is, the source is asked before each request, and keeps them itself. */
const askedEachTime = (source: CredentialSource) => async () => {
  const given = givenFrom(source);
  given.last = await source(given.refused);
  return { ...given.last, expiration: new Date(0) };
};

/** The SDK tries once: whether and when again is decided in request/retry.ts, for its calls as for ours. */
export const sdkSettings = ({ region, endpoint, credentials }: SdkAccess) => ({
  maxAttempts: 1,
  ...(region !== undefined && { region }),
  ...(endpoint !== undefined && { endpoint }),
  ...(credentials !== undefined && { credentials: askedEachTime(credentials) }),
});

/** Makes a call of the SDK. @throws AwsFailure; LandfallError of whoever gives credentials; the signal's reason */
export function callSdk<T>(
  { clock, random, credentials }: SdkAccess,
  call: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const attempt = async (): Promise<T> => {
    try {
      return await tryWithin(AWS_TIMEOUT_MS, signal, (abortSignal) => call({ abortSignal }));
    } catch (error) {
      const given = credentials && givenFrom(credentials);
      if (given !== undefined && failureOf(error).kind === 'expired') given.refused = given.last;
      throw error;
    }
  };
  return tried(attempt, { clock, random, signal });
}
