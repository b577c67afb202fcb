import { LandfallError } from '../../errors.ts';
import { parseObject } from '../../kernel/json.ts';
import type { AzureAccess } from '../credential-entry.ts';
import { readSecret } from '../secret.ts';
import { FEDERATION_AUDIENCE } from './cloud-host.ts';
import type { CloudTokenDeps } from './cloud-token-deps.ts';
import { SHORTEST_LIFE_MS, type TokenSource } from './held-tokens.ts';
import { tokenOf } from './token-post.ts';

const LOGIN = 'https://login.microsoftonline.com';
const SCOPE = 'https://containerregistry.azure.net/.default';
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** The user that ACR knows its refresh tokens by. */
const TOKEN_USER = '00000000-0000-0000-0000-000000000000';

/** A secret, a token that somebody put somewhere, or one that AWS's identity gets. */
async function proofOf(
  access: AzureAccess,
  { secrets, aws }: CloudTokenDeps,
): Promise<Record<string, string>> {
  const { clientSecret, federatedToken } = access;
  if (clientSecret !== undefined) return { client_secret: await readSecret(clientSecret, secrets) };
  if (federatedToken === undefined && aws === undefined) {
    throw new LandfallError(
      'CREDENTIAL_UNREADABLE',
      `azure client ${access.client} has no clientSecret and no federatedToken, and there is no identity of AWS here`,
      { hint: 'Give one of the two, or use it where AWS credentials are.' },
    );
  }
  const token =
    federatedToken === undefined
      ? await aws?.webIdentity(FEDERATION_AUDIENCE)
      : await readSecret(federatedToken, secrets);
  return { client_assertion_type: ASSERTION, client_assertion: token ?? '' };
}

/** @see https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
async function entraToken(access: AzureAccess, deps: CloudTokenDeps): Promise<string> {
  const what = `login.microsoftonline.com for ${access.client}`;
  const answer = await deps.post({
    what,
    url: `${LOGIN}/${encodeURIComponent(access.tenant)}/oauth2/v2.0/token`,
    hint: 'Check tenant and client, that its secret has not ended, or that its federated credential names this issuer and subject.',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: access.client,
      scope: SCOPE,
      ...(await proofOf(access, deps)),
    }),
  });
  return tokenOf(answer, 'access_token', what);
}

/** When a JWT says that it ends, in milliseconds since the epoch. It is the registry's to verify. */
function endOf(jwt: string, now: number): number {
  const exp = parseObject(Buffer.from(jwt.split('.')[1] ?? '', 'base64url'))?.['exp'];
  // What is no JWT is kept for as long as the shortest lives.
  return typeof exp === 'number' && exp * 1000 > now ? exp * 1000 : now + SHORTEST_LIFE_MS;
}

/**
 * A refresh token of an Azure registry, which its own token service then takes.
 * @see https://azure.github.io/acr/AAD-OAuth.html#calling-post-oauth2exchange-to-get-an-acr-refresh-token
 */
export const azureToken = (access: AzureAccess, registry: string, deps: CloudTokenDeps): TokenSource => ({
  key: JSON.stringify(['azure', registry, access]),
  ask: async () => {
    const what = `${registry}/oauth2/exchange`;
    const now = deps.clock.now();
    const answer = await deps.post({
      what,
      url: `https://${registry}/oauth2/exchange`,
      hint: `Give ${access.client} the role AcrPull on the registry.`,
      body: new URLSearchParams({
        grant_type: 'access_token',
        service: registry,
        tenant: access.tenant,
        access_token: await entraToken(access, deps),
      }),
    });
    const token = tokenOf(answer, 'refresh_token', what);
    const credential = { kind: 'identity-token', token, username: TOKEN_USER } as const;
    return { credential, expiresAt: endOf(token, now) };
  },
});
