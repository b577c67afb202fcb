import { LandfallError } from '../../errors.ts';
import { type AwsCredentials, type CredentialSource, isSameCredentials } from '../request/credentials.ts';
import type { SdkAccess } from '../sdk/call.ts';
import { credentialFailure } from './credential-failure.ts';

const LIFE_SECONDS = 3600;
/** Renewed before it ends: clocks differ, and a call takes its time. */
const KEPT_SHARE = 0.8;

const TRUST = 'Let the role trust the reconcile function’s role, and let that assume it.';

async function assume(
  role: string,
  access: SdkAccess,
  externalId: string | undefined,
): Promise<AwsCredentials> {
  const { openSts } = await import('../sdk/sts.ts');
  const asked = openSts(access).assumeRole(role, LIFE_SECONDS, externalId);
  const given = await asked.catch((error: unknown) => {
    throw credentialFailure(`role ${role} cannot be assumed`, error, ({ kind }) =>
      kind === 'denied' ? TRUST : undefined,
    );
  });
  const { AccessKeyId, SecretAccessKey, SessionToken } = given ?? {};
  if (AccessKeyId !== undefined && SecretAccessKey !== undefined && SessionToken !== undefined) {
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  }
  throw new LandfallError(
    'CREDENTIAL_UNREADABLE',
    `role ${role} cannot be assumed: the answer holds no credentials`,
  );
}

/** The credentials of a role, assumed when first wanted and anew before they end. */
export function assumedRole(role: string, access: SdkAccess, externalId?: string): CredentialSource {
  const { clock } = access;
  let held: { readonly credentials: Promise<AwsCredentials>; readonly until: number } | undefined;
  return async (refused) => {
    const before = held;
    if (refused !== undefined && before !== undefined) {
      const given = await before.credentials.catch(() => undefined);
      // Who waited for the same is given what the first of them had assumed anew.
      if (given !== undefined && isSameCredentials(given, refused) && held === before) held = undefined;
    }
    if (held !== undefined && clock.now() < held.until) return held.credentials;
    const credentials = assume(role, access, externalId);
    const holding = { credentials, until: clock.now() + LIFE_SECONDS * 1000 * KEPT_SHARE };
    held = holding;
    credentials.catch(() => {
      if (held === holding) held = undefined;
    });
    return credentials;
  };
}
