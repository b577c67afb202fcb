import type { RegistryRequest } from '../registry-request.ts';
import { type Reply, refuse, replyJson } from '../reply.ts';
import { isUser, readBasic, sameSecret } from './basic-credential.ts';
import type { BearerAuth } from './registry-auth.ts';
import { parseScopes, type Scope } from './scope.ts';
import type { TokenIssuer } from './token-issuer.ts';

interface Deps {
  readonly auth: BearerAuth;
  readonly tokens: TokenIssuer;
}

/** The token specification's default where `expires_in` is left out. */
const DEFAULT_SECONDS = 60;
const FORM_BYTES = 64 * 1024;

function grant(scopes: readonly Scope[], { auth, tokens }: Deps): Reply {
  const seconds = auth.expiresInSeconds;
  const token = tokens.issue(scopes, seconds ?? DEFAULT_SECONDS);
  const field = auth.tokenField ?? 'token';
  return replyJson(200, {
    ...(field !== 'access_token' && { token }),
    ...(field !== 'token' && { access_token: token }),
    ...(seconds !== undefined && { expires_in: seconds }),
    issued_at: new Date().toISOString(),
  });
}

const wrong = (message: string): Reply =>
  refuse(401, 'UNAUTHORIZED', message, { 'WWW-Authenticate': 'Basic realm="token"' });

/** @see https://distribution.github.io/distribution/spec/auth/token/ */
function answerGet(request: RegistryRequest, deps: Deps): Reply {
  const asked = parseScopes(request.query.getAll('scope'));
  if (request.headers.authorization !== undefined) {
    return isUser(deps.auth.users, readBasic(request.headers.authorization))
      ? grant(asked, deps)
      : wrong('incorrect username or password');
  }
  if (deps.auth.anonymousPull !== true) return wrong('authentication required');
  const pull = asked.map(({ repository, actions }) => ({
    repository,
    actions: actions.filter((action) => action === 'pull'),
  }));
  return grant(pull, deps);
}

/** @see https://distribution.github.io/distribution/spec/auth/oauth/ */
async function answerPost(request: RegistryRequest, deps: Deps): Promise<Reply> {
  const body = await request.body(FORM_BYTES);
  if (body === undefined) return refuse(413, 'SIZE_INVALID', 'form is too large', { Connection: 'close' });
  const form = new URLSearchParams(body.toString('utf8'));
  const kind = form.get('grant_type');
  const refreshToken = form.get('refresh_token') ?? '';
  const known =
    kind === 'refresh_token'
      ? (deps.auth.identityTokens ?? []).some((identity) => sameSecret(identity, refreshToken))
      : kind === 'password' &&
        isUser(deps.auth.users, {
          username: form.get('username') ?? '',
          password: form.get('password') ?? '',
        });
  if (!known) return wrong('grant refused');
  const auth = { ...deps.auth, tokenField: 'access_token' } as const;
  return grant(parseScopes(form.getAll('scope')), { ...deps, auth });
}

export async function answerToken(request: RegistryRequest, deps: Deps): Promise<Reply> {
  if (request.method === 'GET') return answerGet(request, deps);
  if (request.method === 'POST') return await answerPost(request, deps);
  return refuse(405, 'UNSUPPORTED', `${request.method} is not for tokens`);
}
