import { type Quirk, withChallenge } from '../quirk.ts';

/**
 * Harbor: Bearer to a request without authorization, Basic to one whose token it refuses.
 * @see https://github.com/google/go-containerregistry/issues/1744
 */
export const harbor = (): Quirk => ({
  alter: (given, { headers, path }) =>
    headers.authorization === undefined || path === '/token'
      ? given
      : withChallenge(given, 'Basic realm="harbor"'),
});

/** Forgejo, Gitea and Codeberg: two challenges in one header, and a scope of everything. */
export const forgejo = (): Quirk => ({
  alter: (given, { path }, { url }) =>
    path === '/token'
      ? given
      : withChallenge(
          given,
          `Bearer realm="${url}/token",service="container_registry",scope="*",Basic realm="Gitea Container Registry"`,
        ),
});

/**
 * ACR: Basic to a credential that is wrong.
 * @see https://github.com/Azure/acr/issues/651
 */
export const acr = (): Quirk => ({
  alter: (given, { headers, path }) =>
    headers.authorization === undefined || path === '/token'
      ? given
      : withChallenge(given, 'Basic realm="Azure Container Registry"'),
});
