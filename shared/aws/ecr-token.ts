import type { Clock } from '../clock.ts';
import { LandfallError } from '../errors.ts';
import type { Credential } from '../registry/client.ts';
import { assumedRole } from './assumed-role.ts';
import type { AwsClient } from './aws-client.ts';
import type { CredentialSource } from './aws-credentials.ts';
import { formatFailure, hintOf } from './aws-failure.ts';
import { callJson } from './aws-json.ts';

/** Who asks which ECR. */
export interface EcrTokenRequest {
  /** `undefined`: ECR Public. */
  readonly region: string | undefined;
  /** ARN of the role to ask as; default: the function's own. */
  readonly role: string | undefined;
}

interface EcrToken {
  readonly credential: Credential;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

interface Held {
  readonly token: Promise<EcrToken>;
  until: number;
}

/** Part of a token's life after which another is asked for; ECR's live for twelve hours. */
const KEPT_SHARE = 0.8;
/** Where an answer does not say when its token ends. */
const SHORTEST_LIFE_MS = 5 * 60_000;
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

function readToken(answer: Readonly<Record<string, unknown>>, name: string, now: number): EcrToken {
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

/** Asks for tokens, one call each for a region and role however many repositories wait, and keeps them for their life. */
export function ecrTokens({ client, clock }: { readonly client: AwsClient; readonly clock: Clock }) {
  const held = new Map<string, Held>();
  const roles = new Map<string, CredentialSource>();

  function credentialsOf(role: string | undefined): { readonly credentials?: CredentialSource } {
    if (role === undefined) return {};
    const credentials = roles.get(role) ?? assumedRole(role, { client, clock });
    roles.set(role, credentials);
    return { credentials };
  }

  async function ask(request: EcrTokenRequest): Promise<EcrToken> {
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
    const isPassing = failure.kind === 'throttled' || failure.kind === 'unavailable';
    throw new LandfallError(
      isPassing ? 'REGISTRY_UNAVAILABLE' : 'CREDENTIAL_UNREADABLE',
      `${nameOf(request)} gives no token: ${formatFailure(failure)}`,
      hintOf(failure),
    );
  }

  /** @throws LandfallError CREDENTIAL_UNREADABLE, REGISTRY_UNAVAILABLE while ECR throttles or does not answer */
  return async function tokenOf(request: EcrTokenRequest): Promise<Credential> {
    const key = `${request.region} ${request.role}`;
    const known = held.get(key);
    const now = clock.now();
    if (known !== undefined && now < known.until) return (await known.token).credential;
    // Whoever comes while the call is under way waits for it.
    const holding: Held = { token: ask(request), until: Number.POSITIVE_INFINITY };
    held.set(key, holding);
    try {
      const { credential, expiresAt } = await holding.token;
      holding.until = now + (expiresAt - now) * KEPT_SHARE;
      return credential;
    } catch (error) {
      if (held.get(key) === holding) held.delete(key);
      throw error;
    }
  };
}
