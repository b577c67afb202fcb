import { checkAccess } from './auth/gate.ts';
import type { RegistryAuth } from './auth/registry-auth.ts';
import { answerToken } from './auth/token-endpoint.ts';
import type { TokenIssuer } from './auth/token-issuer.ts';
import { answerBlob } from './endpoints/blob-endpoint.ts';
import type { Answer, EndpointDeps } from './endpoints/endpoint.ts';
import { answerManifest } from './endpoints/manifest-endpoint.ts';
import { answerReferrers } from './endpoints/referrers-endpoint.ts';
import { answerTags } from './endpoints/tags-endpoint.ts';
import { answerUpload, answerUploads } from './endpoints/upload-endpoint.ts';
import type { Quirk } from './quirk.ts';
import type { RegistryRequest } from './registry-request.ts';
import { type Reply, refuse, reply } from './reply.ts';
import { isRepositoryName, parseRoute, type Route } from './route.ts';

export interface AnswerDeps extends EndpointDeps {
  readonly auth: RegistryAuth;
  readonly tokens: TokenIssuer;
  readonly url: string;
  readonly quirk: Quirk;
  readonly realm: string;
  readonly service: string;
}

type RepositoryRoute = Exclude<Route, { readonly kind: 'version' | 'token' }>;

function answerRoute(request: RegistryRequest, route: RepositoryRoute, deps: EndpointDeps): Answer {
  switch (route.kind) {
    case 'manifest':
      return answerManifest(request, route, deps);
    case 'blob':
      return answerBlob(request, route, deps);
    case 'uploads':
      return answerUploads(request, route.repository, deps);
    case 'upload':
      return answerUpload(request, route, deps);
    case 'tags':
      return answerTags(request, route.repository, deps);
    case 'referrers':
      return answerReferrers(request, route, deps);
  }
}

/** Finds who answers, lets the gate look first, and answers. */
function answerPlainly(request: RegistryRequest, deps: AnswerDeps): Answer {
  const route = parseRoute(request.path);
  if (route === undefined) return refuse(404, 'UNSUPPORTED', `nothing at ${request.path.slice(0, 200)}`);
  if (route.kind === 'token') {
    const { auth, tokens } = deps;
    return auth.kind === 'bearer'
      ? answerToken(request, { auth, tokens })
      : refuse(404, 'UNSUPPORTED', 'this registry has no tokens');
  }
  const repository = route.kind === 'version' ? undefined : route.repository;
  if (repository !== undefined && !isRepositoryName(repository)) {
    return refuse(400, 'NAME_INVALID', `invalid repository name: ${repository.slice(0, 300)}`);
  }
  const refused = checkAccess(request, repository, deps);
  if (refused !== undefined) return refused;
  return route.kind === 'version' ? reply(200) : answerRoute(request, route, deps);
}

/** Answers as the specification has it, but for the registry's quirk. */
export async function answerRequest(request: RegistryRequest, deps: AnswerDeps): Promise<Reply> {
  const { quirk, url, service: host, content } = deps;
  const site = { url, host, content };
  const asked = quirk.read?.(request, site) ?? request;
  const own = quirk.answer?.(asked, site);
  if (own !== undefined) return own;
  const given = await answerPlainly(asked, deps);
  return quirk.alter?.(given, asked, site) ?? given;
}
