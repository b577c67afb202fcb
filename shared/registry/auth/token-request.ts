import { isLandfallError, LandfallError } from '../../errors.ts';
import { bytesOf } from '../../escaped-bytes.ts';
import { isObject, parseJson } from '../../kernel/json.ts';
import { TOKEN_BODY_BYTES, TOKEN_LIFE_SECONDS } from '../../limits.ts';
import type { Credential } from '../client.ts';
import type { Endpoint } from '../endpoint.ts';
import { readUpTo } from '../http/body.ts';
import { headerOf } from '../http/header-text.ts';
import type { Hop } from '../http/hop.ts';
import { isRedirect, nextHop } from '../http/redirect.ts';
import { refusal } from '../refusal.ts';
import { dispatch, type Method, type Wire } from '../wire.ts';
import { judgeRealm } from './realm.ts';

/** A token and how long it may be used. */
export interface Token {
  readonly value: string;
  readonly lifetimeMs: number;
}

export interface TokenRequest {
  readonly realm: string;
  readonly service: string | undefined;
  /** Our own first. */
  readonly scopes: readonly string[];
  readonly signal: AbortSignal;
  readonly attempt: number;
}

/** "For compatibility with older clients, a token should never be returned with less than 60 seconds to live." */
const DEFAULT_SECONDS = 60;
const CLIENT_ID = 'landfall';

export const basicHeader = (username: string, password: string): string =>
  `Basic ${bytesOf(`${username}:${password}`).toString('base64')}`;

/** Docker keeps an identity token under the user name `<token>`. */
function identityTokenOf(credential: Credential): string | undefined {
  if (credential.kind === 'identity-token') return credential.token;
  return credential.kind === 'basic' && credential.username === '<token>' ? credential.password : undefined;
}

interface Form {
  readonly method: Method;
  readonly hop: Hop;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** @see https://distribution.github.io/distribution/spec/auth/token/#requesting-a-token */
function getForm(request: TokenRequest, realm: Hop, credential: Credential): Form {
  const query = new URLSearchParams();
  if (request.service !== undefined) query.set('service', request.service);
  for (const scope of request.scopes) query.append('scope', scope);
  query.set('client_id', CLIENT_ID);
  const path = `${realm.path}${realm.path.includes('?') ? '&' : '?'}${query}`;
  const authorization =
    credential.kind === 'basic'
      ? basicHeader(credential.username, credential.password)
      : credential.kind === 'identity-token'
        ? basicHeader(credential.username ?? '<token>', credential.token)
        : undefined;
  const headers = { accept: 'application/json', ...(authorization !== undefined && { authorization }) };
  return { method: 'GET', hop: { ...realm, path }, headers };
}

/** @see https://distribution.github.io/distribution/spec/auth/oauth/ */
function refreshForm(request: TokenRequest, realm: Hop, token: string): Form {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: CLIENT_ID,
    scope: request.scopes.join(' '),
    refresh_token: token,
  });
  if (request.service !== undefined) body.set('service', request.service);
  return {
    method: 'POST',
    hop: realm,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: body.toString(),
  };
}

const protocol = (hop: Hop, why: string): LandfallError =>
  new LandfallError('REGISTRY_PROTOCOL', `token service ${hop.origin} ${why}`, {
    hint: 'Wanted a JSON object with `token` or `access_token`, as the distribution specification has it.',
  });

function parseToken(text: string, hop: Hop): Token {
  const parsed = parseJson(text.replace(/^\uFEFF/, ''));
  if (!parsed.ok) throw protocol(hop, 'did not answer with JSON');
  if (!isObject(parsed.value)) throw protocol(hop, 'did not answer with a JSON object');
  const { token, access_token, expires_in } = parsed.value;
  const value = token || access_token;
  // Anything else in a header is an injection, or not a token (RFC 6750 section 2.1).
  if (typeof value !== 'string' || !/^[\x21-\x7e]{1,16384}$/.test(value))
    throw protocol(hop, 'gave no usable token');
  return { value, lifetimeMs: secondsOf(expires_in) * 1000 };
}

/** A number, or one written as text; null, nothing, zero and nonsense say nothing. */
function secondsOf(given: unknown): number {
  const seconds = typeof given === 'string' && /^\d{1,12}(?:\.\d{1,9})?$/.test(given) ? Number(given) : given;
  return typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, TOKEN_LIFE_SECONDS) : DEFAULT_SECONDS;
}

async function submit(form: Form, request: TokenRequest, endpoint: Endpoint, wire: Wire): Promise<Token> {
  const { signal, attempt } = request;
  let { hop } = form;
  for (let hops = 0; ; hops++) {
    const response = await dispatch({ ...form, signal, attempt }, hop, endpoint, wire);
    const { bytes, whole } = await readUpTo(response.body, TOKEN_BODY_BYTES, {
      what: `token from ${hop.origin}`,
      signal,
    });
    if (isRedirect(response.statusCode) && form.method === 'GET') {
      const next = nextHop(hop, headerOf(response.headers, 'location'), hops);
      if (next.origin !== hop.origin) {
        throw new LandfallError('REALM_DENIED', `token service ${hop.origin} redirects to ${next.origin}`, {
          hint: 'Credentials are sent to the token service itself only; nothing was sent on.',
        });
      }
      hop = next;
      continue;
    }
    if (response.statusCode !== 200) {
      const { statusCode: status, headers } = response;
      const text = bytes.toString('utf8');
      const answer = { status, headers, text, subject: 'token', what: 'a token', hop } as const;
      throw wire.paces.heed(
        { origin: hop.origin, home: endpoint.origin },
        refusal(answer, endpoint, wire.clock),
      );
    }
    if (!whole) throw protocol(hop, `answered with more than ${TOKEN_BODY_BYTES} bytes`);
    return parseToken(bytes.toString('utf8'), hop);
  }
}

/** The statuses by which a token service says that it does not know the POST form. */
const NO_POST: ReadonlySet<number> = new Set([404, 405, 501]);

/**
 * Gets a token for scopes. An identity token is sent as a refresh token, and the plain way where that is not known.
 * @throws LandfallError REALM_DENIED, UNAUTHORIZED, FORBIDDEN, REGISTRY_PROTOCOL, …
 */
export async function requestToken(request: TokenRequest, endpoint: Endpoint, wire: Wire): Promise<Token> {
  const { registry, hostname, secure, credential, transport } = endpoint;
  const realm = await judgeRealm(request.realm, {
    registry,
    hostname,
    plainHttp: !secure,
    isAnonymous: credential.kind === 'anonymous',
    tokenService: transport.tokenService,
  });
  const identity = identityTokenOf(credential);
  if (identity !== undefined) {
    try {
      return await submit(refreshForm(request, realm, identity), request, endpoint, wire);
    } catch (error) {
      const status = isLandfallError(error) ? error.detail['status'] : undefined;
      if (typeof status !== 'number' || !NO_POST.has(status)) throw error;
    }
  }
  return submit(getForm(request, realm, credential), request, endpoint, wire);
}
