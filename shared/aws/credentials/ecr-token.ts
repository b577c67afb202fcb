import { type LivingToken, SHORTEST_LIFE_MS, type TokenSource } from '../../credentials/cloud/held-tokens.ts';
import { LandfallError } from '../../errors.ts';
import type { CredentialSource } from '../request/credentials.ts';
import type { SdkAccess } from '../sdk/call.ts';
import type { EcrAuthorization } from '../sdk/ecr.ts';
import { assumedRole } from './assumed-role.ts';
import { credentialFailure } from './credential-failure.ts';

/** Who asks which ECR. */
export interface EcrTokenRequest {
  /** `undefined`: ECR Public. */
  readonly region: string | undefined;
  /** ARN of the role to ask as; default: the function's own. */
  readonly role: string | undefined;
}

const nameOf = ({ region, role }: EcrTokenRequest): string =>
  `${region === undefined ? 'ECR Public' : `ECR in ${region}`}${role === undefined ? '' : ` as ${role}`}`;

function readToken(answer: EcrAuthorization | undefined, name: string, now: number): LivingToken {
  const { authorizationToken = '', expiresAt } = answer ?? {};
  const pair = Buffer.from(authorizationToken, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 1) throw new LandfallError('CREDENTIAL_UNREADABLE', `${name} answered without a token`);
  const credential = {
    kind: 'basic',
    username: pair.slice(0, colon),
    password: pair.slice(colon + 1),
  } as const;
  return { credential, expiresAt: expiresAt?.getTime() ?? now + SHORTEST_LIFE_MS };
}

/** Tokens of ECR by who asks which. */
export function ecrTokens(access: SdkAccess, externalId?: string): (request: EcrTokenRequest) => TokenSource {
  const roles = new Map<string, CredentialSource>();

  async function accessAs(role: string | undefined): Promise<SdkAccess> {
    if (role === undefined) return access;
    const source = roles.get(role) ?? assumedRole(role, access, externalId);
    roles.set(role, source);
    await source();
    return { ...access, credentials: source };
  }

  async function ask(request: EcrTokenRequest): Promise<LivingToken> {
    const { region, role } = request;
    const now = access.clock.now();
    const { askEcr } = await import('../sdk/ecr.ts');
    const asked = accessAs(role).then((as) => askEcr(region, as));
    const answer = await asked.catch((error: unknown) => {
      throw credentialFailure(`${nameOf(request)} gives no token`, error);
    });
    return readToken(answer, nameOf(request), now);
  }

  return (request) => ({
    key: JSON.stringify(['ecr', request.region, request.role]),
    ask: () => ask(request),
  });
}
