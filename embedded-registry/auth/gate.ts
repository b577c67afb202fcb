import type { RegistryRequest } from '../registry-request.ts';
import { type Reply, refuse } from '../reply.ts';
import { isUser, readBasic } from './basic-credential.ts';
import type { BearerAuth, RegistryAuth } from './registry-auth.ts';
import { allows, formatScope, type Scope, type ScopeAction } from './scope.ts';
import type { TokenIssuer } from './token-issuer.ts';

interface Deps {
  readonly auth: RegistryAuth;
  readonly tokens: TokenIssuer;
  /** The token endpoint's URL. */
  readonly realm: string;
  readonly service: string;
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;

function actionsOf(method: string): readonly ScopeAction[] {
  if (method === 'GET' || method === 'HEAD') return ['pull'];
  return method === 'DELETE' ? ['delete'] : ['pull', 'push'];
}

/** `error` tells a client whose token was refused why. @see https://www.rfc-editor.org/rfc/rfc6750#section-3 */
function bearerChallenge(wanted: Scope | undefined, error: string | undefined, deps: Deps): Reply {
  const parameters = [
    `realm=${quoted(deps.realm)}`,
    `service=${quoted(deps.service)}`,
    ...(wanted === undefined ? [] : [`scope=${quoted(formatScope(wanted))}`]),
    ...(error === undefined ? [] : [`error=${quoted(error)}`]),
  ];
  const challenge = { 'WWW-Authenticate': `Bearer ${parameters.join(',')}` };
  return refuse(401, 'UNAUTHORIZED', 'authentication required', challenge);
}

function checkBearer(
  request: RegistryRequest,
  wanted: Scope | undefined,
  auth: BearerAuth,
  deps: Deps,
): Reply | undefined {
  const [, token] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token === undefined) return bearerChallenge(wanted, undefined, deps);
  const granted = deps.tokens.find(token);
  if (granted === 'expired' && auth.expired === 'ecr-public') {
    return refuse(400, 'DENIED', 'Your Authorization Token has expired. Please login again.');
  }
  if (granted === undefined || granted === 'expired') return bearerChallenge(wanted, 'invalid_token', deps);
  if (wanted === undefined || allows(granted, wanted)) return undefined;
  return bearerChallenge(wanted, 'insufficient_scope', deps);
}

/** Undefined lets the request through. `repository` is undefined for `/v2/`. */
export function checkAccess(
  request: RegistryRequest,
  repository: string | undefined,
  deps: Deps,
): Reply | undefined {
  const { auth } = deps;
  if (auth.kind === 'anonymous') return undefined;
  if (auth.kind === 'basic') {
    if (isUser(auth.users, readBasic(request.headers.authorization))) return undefined;
    const challenge = { 'WWW-Authenticate': 'Basic realm="Embedded Registry"' };
    return refuse(401, 'UNAUTHORIZED', 'authentication required', challenge);
  }
  const wanted = repository === undefined ? undefined : { repository, actions: actionsOf(request.method) };
  return checkBearer(request, wanted, auth, deps);
}
