import { isLandfallError, LandfallError } from '../../errors.ts';
import { startDeadline } from '../../kernel/deadline.ts';
import { TOKEN_TIMEOUT_MS } from '../../limits.ts';
import type { AuthScheme, Endpoint } from '../endpoint.ts';
import { discard } from '../http/body.ts';
import { isEndedLogin } from '../manners/ended-login.ts';
import { dispatch, type Wire } from '../wire.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { isOwnHost } from './realm.ts';
import { widenScopes } from './scopes.ts';
import { basicHeader, requestToken, type Token, type TokenRequest } from './token-request.ts';
import type { Tokens } from './tokens.ts';

/** What a request to the registry was sent with. */
export type Authorization =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed'; readonly header: string }
  | {
      readonly kind: 'token';
      readonly header: string;
      readonly token: string;
      /** Under which it is kept. */
      readonly key: string;
      readonly cached: boolean;
    };

export interface AuthorizeInput {
  readonly endpoint: Endpoint;
  /** `repository:<name>:pull`: ours; what a challenge adds is kept with the endpoint. Empty: no repository's. */
  readonly scope: string;
  /** What this request needs of another repository. */
  readonly besides?: string;
  readonly signal: AbortSignal | undefined;
  readonly attempt: number;
}

export interface AuthorizeDeps {
  readonly tokens: Tokens;
  readonly wire: Wire;
}

const NONE: Authorization = { kind: 'none' };

const ownScopes = ({ endpoint, scope }: AuthorizeInput): readonly string[] =>
  scope === '' ? [] : (endpoint.scopes.get(scope) ?? [scope]);

const scopesOf = (input: AuthorizeInput): readonly string[] => [
  ...ownScopes(input),
  ...(input.besides === undefined ? [] : [input.besides]),
];

const tooLate = ({ registry }: Endpoint): LandfallError =>
  new LandfallError(
    'REGISTRY_TIMEOUT',
    `the token service of ${registry} gave no token within ${TOKEN_TIMEOUT_MS / 1000} s`,
  );

/** By which a token service refuses scopes: GHCR gives nothing where one of several is not for everybody. */
const REFUSED: ReadonlySet<unknown> = new Set([400, 401, 403, 404]);

/** A token for what challenges had us ask for, or, where that is refused as a whole, for our own scope alone. */
async function requestScopes(request: TokenRequest, input: AuthorizeInput, wire: Wire): Promise<Token> {
  const { endpoint, scope } = input;
  try {
    return await requestToken(request, endpoint, wire);
  } catch (error) {
    const isWidened = scope !== '' && (request.scopes.length > 1 || request.scopes[0] !== scope);
    if (!isWidened || !isLandfallError(error) || !REFUSED.has(error.detail['status'])) throw error;
    endpoint.scopes.delete(scope);
    return requestToken({ ...request, scopes: [scope] }, endpoint, wire);
  }
}

/**
 * The authorization of a request, from what earlier answers taught: nothing until the first 401.
 * @throws LandfallError what requestToken throws
 */
export async function authorize(
  input: AuthorizeInput,
  { tokens, wire }: AuthorizeDeps,
): Promise<Authorization> {
  const { credential, auth } = input.endpoint;
  if (credential.kind === 'registry-token') return { kind: 'fixed', header: `Bearer ${credential.token}` };
  if (auth.scheme === 'unknown') return NONE;
  if (auth.scheme === 'basic') {
    if (credential.kind !== 'basic') return NONE;
    return { kind: 'fixed', header: basicHeader(credential.username, credential.password) };
  }
  const scopes = scopesOf(input);
  const key = `${scopes.join(' ')} ${input.endpoint.key}`;
  const load = async (flight: AbortSignal): Promise<Token> => {
    using deadline = startDeadline(TOKEN_TIMEOUT_MS, () => tooLate(input.endpoint), {
      signal: flight,
      unref: true,
    });
    return await requestScopes(
      { ...auth, signal: deadline.signal, attempt: input.attempt, scopes },
      input,
      wire,
    );
  };
  const { value, cached } = await tokens.get(key, load, input.signal);
  return { kind: 'token', header: `Bearer ${value}`, token: value, key, cached };
}

/** What a 401 offers: how to log in, and the scope it names. */
interface Offered {
  readonly auth: AuthScheme;
  readonly scope: string | undefined;
}

/** Bearer over Basic, as it keeps the password to one place; Basic only with a password to send. */
function chooseScheme(challenges: readonly Challenge[], endpoint: Endpoint): Offered | undefined {
  const bearer = challenges.find(
    ({ scheme, params }) => scheme === 'bearer' && (params['realm'] ?? '') !== '',
  );
  if (bearer) {
    const { realm = '', service, scope } = bearer.params;
    return { auth: { scheme: 'bearer', realm, service }, scope };
  }
  const basic = challenges.some(({ scheme }) => scheme === 'basic');
  return basic && endpoint.credential.kind === 'basic'
    ? { auth: { scheme: 'basic' }, scope: undefined }
    : undefined;
}

/** Whether a challenge has us ask for more than before. */
function learnScope({ auth, scope: named }: Offered, input: AuthorizeInput): boolean {
  if (auth.scheme !== 'bearer') return false;
  const { endpoint, scope } = input;
  const guarded = endpoint.credential.kind !== 'anonymous' && !isOwnHost(auth.realm, endpoint);
  const held = ownScopes(input);
  const widened = widenScopes(held, scope, named, { guarded });
  if (widened === held) return false;
  endpoint.scopes.set(scope, widened);
  return true;
}

/**
 * What to send instead after a 401, or undefined where that was the last word. Harbor offers only Basic once a
 * request carried a token: what is known to want Bearer is given a new token.
 */
export async function answerChallenge(
  headers: string | readonly string[] | undefined,
  sent: Authorization,
  input: AuthorizeInput,
  deps: AuthorizeDeps,
): Promise<Authorization | undefined> {
  const { endpoint } = input;
  if (endpoint.credential.kind === 'registry-token') return undefined;
  const offered = chooseScheme(parseChallenges(headers), endpoint);
  const widened = offered !== undefined && learnScope(offered, input);
  if (sent.kind === 'token') {
    if (!sent.cached && !widened) return undefined;
    deps.tokens.drop(sent.key, sent.token);
    if (offered?.auth.scheme === 'bearer') endpoint.auth = offered.auth;
    return authorize(input, deps);
  }
  return offered === undefined ? undefined : logIn(offered, sent, input, deps);
}

async function logIn(
  { auth }: Offered,
  sent: Authorization,
  input: AuthorizeInput,
  deps: AuthorizeDeps,
): Promise<Authorization | undefined> {
  if (sent.kind === 'fixed' && auth.scheme === 'basic') return undefined;
  input.endpoint.auth = auth;
  const next = await authorize(input, deps);
  return next.kind === 'none' ? undefined : next;
}

/**
 * ECR Public answers an expired token with 400 or 403 and no challenge. A HEAD has no body to say so, so there any
 * token that is not fresh is worth one new one.
 * `text`: the body; empty for HEAD.
 */
export async function replaceExpired(
  { status, text }: { readonly status: number; readonly text: string },
  sent: Authorization,
  input: AuthorizeInput,
  deps: AuthorizeDeps,
): Promise<Authorization | undefined> {
  if (sent.kind !== 'token' || !sent.cached) return undefined;
  if (text !== '' && !isEndedLogin(status, text)) return undefined;
  deps.tokens.drop(sent.key, sent.token);
  return authorize(input, deps);
}

/** Logs in where a request without authorization was answered as if nothing were there, and credentials are at hand. */
export async function introduce(
  sent: Authorization,
  input: AuthorizeInput,
  deps: AuthorizeDeps,
): Promise<Authorization | undefined> {
  const { endpoint } = input;
  if (sent.kind !== 'none' || endpoint.credential.kind === 'anonymous' || endpoint.auth.scheme !== 'unknown')
    return undefined;
  const challenges = parseChallenges(await pingChallenge(endpoint, input, deps.wire));
  const offered = chooseScheme(challenges, endpoint);
  // Its scope is of no repository, or of an example: GHCR names `user/image`.
  return offered === undefined ? undefined : logIn(offered, sent, input, deps);
}

/**
 * The challenge of `/v2/`, once per endpoint. Requests start without it; but a registry open to anonymous users
 * (Artifactory, Nexus) hides what is private behind 403 or 404, and only here says how to log in.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#determining-support
 */
async function pingChallenge(
  endpoint: Endpoint,
  call: { readonly signal: AbortSignal | undefined; readonly attempt: number },
  wire: Wire,
): Promise<string | readonly string[] | undefined> {
  if (endpoint.pinged) return undefined;
  const { origin, hostname, secure } = endpoint;
  const hop = { origin, hostname, secure, path: '/v2/' };
  const headers = { accept: 'application/json' };
  const response = await dispatch({ method: 'GET', headers, ...call }, hop, endpoint, wire);
  discard(response.body);
  endpoint.pinged = response.statusCode < 500;
  return response.statusCode === 401 ? response.headers['www-authenticate'] : undefined;
}
