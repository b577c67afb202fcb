import type { Clock } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import type { AwsClient } from '../request/client.ts';
import type { AwsCredentials, CredentialSource } from '../request/credentials.ts';
import { type AwsFailure, formatFailure } from '../request/failure.ts';
import { hintOf, isPassing } from '../request/failure-kind.ts';
import { textOf } from '../request/xml.ts';

const LIFE_SECONDS = 3600;
/** Renewed before it ends: clocks differ, and a call takes its time. */
const KEPT_SHARE = 0.8;
const SESSION = 'landfall';

const TRUST = { hint: 'Let the role trust the reconcile function’s role, and let that assume it.' };

const failed = (role: string, failure: AwsFailure): LandfallError =>
  new LandfallError(
    isPassing(failure) ? 'REGISTRY_UNAVAILABLE' : 'CREDENTIAL_UNREADABLE',
    `role ${role} cannot be assumed: ${formatFailure(failure)}`,
    failure.kind === 'denied' ? TRUST : hintOf(failure),
  );

/** STS speaks the query protocol: a form in, XML out. */
async function assume(role: string, client: AwsClient): Promise<AwsCredentials> {
  const input = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: SESSION,
    DurationSeconds: String(LIFE_SECONDS),
  });
  const reply = await client.send({
    ...{ service: 'sts', method: 'POST', body: input.toString() },
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  });
  if (!reply.ok) throw failed(role, reply.failure);
  const xml = reply.value.body.toString('utf8');
  const accessKeyId = textOf(xml, 'AccessKeyId');
  const secretAccessKey = textOf(xml, 'SecretAccessKey');
  const sessionToken = textOf(xml, 'SessionToken');
  if (accessKeyId !== undefined && secretAccessKey !== undefined && sessionToken !== undefined) {
    return { accessKeyId, secretAccessKey, sessionToken };
  }
  throw failed(role, { kind: 'refused', code: 'the answer holds no credentials', message: '' });
}

/** The credentials of a role, assumed when first wanted and anew before they end. */
export function assumedRole(
  role: string,
  { client, clock }: { readonly client: AwsClient; readonly clock: Clock },
): CredentialSource {
  let held: { readonly credentials: Promise<AwsCredentials>; readonly until: number } | undefined;
  return () => {
    if (held !== undefined && clock.now() < held.until) return held.credentials;
    const credentials = assume(role, client);
    const holding = { credentials, until: clock.now() + LIFE_SECONDS * 1000 * KEPT_SHARE };
    held = holding;
    credentials.catch(() => {
      if (held === holding) held = undefined;
    });
    return credentials;
  };
}
