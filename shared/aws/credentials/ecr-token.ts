import type { Clock } from '../../clock.ts';
import { type LivingToken, SHORTEST_LIFE_MS, type TokenSource } from '../../credentials/held-tokens.ts';
import { LandfallError } from '../../errors.ts';
import type { AwsClient } from '../request/client.ts';
import type { CredentialSource } from '../request/credentials.ts';
import { formatFailure } from '../request/failure.ts';
import { hintOf, isPassing } from '../request/failure-kind.ts';
import { callJson } from '../request/json.ts';
import { assumedRole } from './assumed-role.ts';

/** Who asks which ECR. */
export interface EcrTokenRequest {
  /** `undefined`: ECR Public. */
  readonly region: string | undefined;
  /** ARN of the role to ask as; default: the function's own. */
  readonly role: string | undefined;
}

/** ECR Public gives its tokens here alone. @see https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_GetAuthorizationToken.html */
const PUBLIC_REGION = 'us-east-1';

/** A private registry's answer is a list, of one; ECR Public's is the thing itself. */
function dataOf(answer: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const data = answer['authorizationData'];
  const one: unknown = Array.isArray(data) ? data[0] : data;
  return typeof one === 'object' && one !== null ? (one as Readonly<Record<string, unknown>>) : {};
}

const nameOf = ({ region, role }: EcrTokenRequest): string =>
  `${region === undefined ? 'ECR Public' : `ECR in ${region}`}${role === undefined ? '' : ` as ${role}`}`;

function readToken(answer: Readonly<Record<string, unknown>>, name: string, now: number): LivingToken {
  const { authorizationToken: token, expiresAt } = dataOf(answer);
  const pair = typeof token === 'string' ? Buffer.from(token, 'base64').toString('utf8') : '';
  const colon = pair.indexOf(':');
  if (colon < 1) throw new LandfallError('CREDENTIAL_UNREADABLE', `${name} answered without a token`);
  const credential = {
    kind: 'basic',
    username: pair.slice(0, colon),
    password: pair.slice(colon + 1),
  } as const;
  const ends = typeof expiresAt === 'number' ? expiresAt * 1000 : now + SHORTEST_LIFE_MS;
  return { credential, expiresAt: ends };
}

/** Tokens of ECR by who asks which. */
export function ecrTokens({ client, clock }: { readonly client: AwsClient; readonly clock: Clock }) {
  const roles = new Map<string, CredentialSource>();

  function credentialsOf(role: string | undefined): { readonly credentials?: CredentialSource } {
    if (role === undefined) return {};
    const credentials = roles.get(role) ?? assumedRole(role, { client, clock });
    roles.set(role, credentials);
    return { credentials };
  }

  async function ask(request: EcrTokenRequest): Promise<LivingToken> {
    const isPublic = request.region === undefined;
    const now = clock.now();
    const reply = await callJson(
      {
        service: isPublic ? 'ecr-public' : 'ecr',
        target: `${isPublic ? 'SpencerFrontendService' : 'AmazonEC2ContainerRegistry_V20150921'}.GetAuthorizationToken`,
        input: {},
        region: request.region ?? PUBLIC_REGION,
        ...credentialsOf(request.role),
      },
      client,
    );
    if (reply.ok) return readToken(reply.value, nameOf(request), now);
    const { failure } = reply;
    throw new LandfallError(
      isPassing(failure) ? 'REGISTRY_UNAVAILABLE' : 'CREDENTIAL_UNREADABLE',
      `${nameOf(request)} gives no token: ${formatFailure(failure)}`,
      hintOf(failure),
    );
  }

  return (request: EcrTokenRequest): TokenSource => ({
    key: JSON.stringify(['ecr', request.region, request.role]),
    ask: () => ask(request),
  });
}
