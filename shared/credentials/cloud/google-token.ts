import { createPrivateKey, sign } from 'node:crypto';
import { LandfallError } from '../../errors.ts';
import { parseObject } from '../../kernel/json.ts';
import type { GoogleAccess, SecretLocation } from '../credential-entry.ts';
import { formatLocation, readText } from '../secret.ts';
import type { CloudTokenDeps } from './cloud-token-deps.ts';
import { type LivingToken, SHORTEST_LIFE_MS, type TokenSource } from './held-tokens.ts';
import { tokenOf } from './token-post.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const OAUTH = 'https://oauth2.googleapis.com/token';
const STS = 'https://sts.googleapis.com/v1/token';
const IAM = 'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts';
const LIFE_SECONDS = 3600;

interface AccessToken {
  readonly token: string;
  readonly expiresAt: number;
}

/** @see https://cloud.google.com/artifact-registry/docs/docker/authentication#token */
const toLiving = ({ token, expiresAt }: AccessToken): LivingToken => ({
  credential: { kind: 'basic', username: 'oauth2accesstoken', password: token },
  expiresAt,
});

const endOf = (answer: Readonly<Record<string, unknown>>, now: number): number => {
  const seconds = answer['expires_in'];
  return now + (typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : SHORTEST_LIFE_MS);
};

interface ServiceAccountKey {
  readonly client_email: string;
  readonly private_key: string;
  readonly private_key_id: string;
}

/** Google's key file; its `token_uri` is not used: the key goes to Google and to nobody else. */
function parseKey(text: string, where: string): ServiceAccountKey {
  const refused = new LandfallError(
    'CREDENTIAL_UNREADABLE',
    `${where} is not the JSON key of a service account`,
    {
      hint: 'Wanted what `gcloud iam service-accounts keys create` writes.',
    },
  );
  const { type, client_email, private_key, private_key_id } = parseObject(text) ?? {};
  const texts = { client_email, private_key, private_key_id };
  if (type !== 'service_account' || Object.values(texts).some((each) => typeof each !== 'string'))
    throw refused;
  return texts as ServiceAccountKey;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function signAssertion(key: ServiceAccountKey, where: string, now: number): string {
  const issued = Math.floor(now / 1000);
  const claims = { iss: key.client_email, scope: SCOPE, aud: OAUTH, iat: issued, exp: issued + LIFE_SECONDS };
  const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: key.private_key_id })}.${encode(claims)}`;
  try {
    const signature = sign('sha256', Buffer.from(signed), createPrivateKey(key.private_key));
    return `${signed}.${signature.toString('base64url')}`;
  } catch {
    // What was thrown may hold a part of the key.
    throw new LandfallError('CREDENTIAL_UNREADABLE', `${where}: its private_key is no RSA key in PEM`);
  }
}

/** @see https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
async function byKey(
  location: SecretLocation,
  { secrets, post, clock }: CloudTokenDeps,
): Promise<AccessToken> {
  const where = formatLocation(location);
  const key = parseKey(await readText(location, secrets), where);
  const now = clock.now();
  const what = 'oauth2.googleapis.com';
  const answer = await post({
    what,
    url: OAUTH,
    hint: 'Check that the key was not deleted or disabled, and the clock of this machine.',
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: signAssertion(key, where, now),
    }),
  });
  return { token: tokenOf(answer, 'access_token', what), expiresAt: endOf(answer, now) };
}

/**
 * AWS's identity for a token of Google's pool.
 * @see https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
 */
async function byWorkloadIdentity(
  provider: string,
  { aws, post, clock }: CloudTokenDeps,
): Promise<AccessToken> {
  if (aws === undefined) {
    throw new LandfallError(
      'CREDENTIAL_UNREADABLE',
      `${provider} wants an identity of AWS, and there is none here`,
      {
        hint: 'Use it on AWS or where AWS credentials are; or a serviceAccountKey.',
      },
    );
  }
  const audience = `//iam.googleapis.com/${provider}`;
  const now = clock.now();
  const what = 'sts.googleapis.com';
  const answer = await post({
    what,
    url: STS,
    hint: 'Check that the provider trusts this AWS account, and its attribute condition.',
    body: {
      audience,
      grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requestedTokenType: 'urn:ietf:params:oauth:token-type:access_token',
      scope: SCOPE,
      subjectTokenType: 'urn:ietf:params:aws:token-type:aws4_request',
      subjectToken: encodeURIComponent(await aws.signCallerIdentity(audience)),
    },
  });
  return { token: tokenOf(answer, 'access_token', what), expiresAt: endOf(answer, now) };
}

/** @see https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken */
async function impersonate(
  account: string,
  bearer: string,
  { post, clock }: CloudTokenDeps,
): Promise<AccessToken> {
  const what = 'iamcredentials.googleapis.com';
  const now = clock.now();
  const answer = await post({
    what,
    bearer,
    url: `${IAM}/${encodeURIComponent(account)}:generateAccessToken`,
    hint: `Give the principal of the pool roles/iam.workloadIdentityUser on ${account}.`,
    body: { scope: [SCOPE], lifetime: `${LIFE_SECONDS}s` },
  });
  const ends = Date.parse(String(answer['expireTime'] ?? ''));
  const expiresAt = Number.isNaN(ends) ? now + SHORTEST_LIFE_MS : ends;
  return { token: tokenOf(answer, 'accessToken', what), expiresAt };
}

/** An access token of Google for Artifact Registry, by a key, or by AWS's identity without any. */
export const googleToken = (access: GoogleAccess, deps: CloudTokenDeps): TokenSource => ({
  key: JSON.stringify(['google', access]),
  ask: async () => {
    if ('serviceAccountKey' in access) return toLiving(await byKey(access.serviceAccountKey, deps));
    const federated = await byWorkloadIdentity(access.workloadIdentity, deps);
    const { serviceAccount } = access;
    return toLiving(
      serviceAccount === undefined ? federated : await impersonate(serviceAccount, federated.token, deps),
    );
  },
});
