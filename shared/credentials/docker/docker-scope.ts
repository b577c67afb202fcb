import { parseGlob } from '../../glob/glob.ts';
import { GLOB_CHARACTERS } from '../../limits.ts';
import type { Repository } from '../../oci/reference.ts';
import { parseRegistryName, spellingsOf } from '../../oci/registry-name.ts';

/** A key of `auths` or `credHelpers`, taken apart. */
export interface DockerScope {
  readonly key: string;
  /** Host and port, lower case; `*` stands for any part between dots, or any port. */
  readonly registry: string;
  /** The repository or the folder above it; empty for the whole registry. */
  readonly path: string;
}

/** GitLab writes the port that is meant anyway. */
const withoutDefaultPort = (host: string): string => host.replace(/:443$/, '');

/** A key no registry can have names none that is asked for. */
function registryOf(host: string): string {
  try {
    return parseRegistryName(host);
  } catch {
    return host.toLowerCase();
  }
}

/**
 * `https://index.docker.io/v1/`, `ghcr.io`, `ghcr.io/org`, `*.example.com`: a key with a scheme means its host alone,
 * as in docker's ConvertToHostname; without one the path counts, as in containers-auth.json(5).
 */
export function scopeOf(key: string): DockerScope {
  const scheme = /^https?:\/\//i.exec(key)?.[0] ?? '';
  const [host = '', ...rest] = key
    .slice(scheme.length)
    .split('/')
    .filter((part) => part !== '');
  const versionOnly = rest.length === 1 && /^v[12]$/.test(rest[0] ?? '');
  const plain = /^http:/i.test(scheme) ? host.replace(/:80$/, '') : host;
  return {
    key,
    registry: withoutDefaultPort(registryOf(plain)),
    path: scheme !== '' || versionOnly ? '' : rest.join('/'),
  };
}

/** Parts between dots, and the port behind a part of its own. */
const asPath = (host: string): string => host.replace(/:([^:\]]*)$/, '/:/$1').replaceAll('.', '/');

const isWild = ({ registry }: DockerScope): boolean => registry.includes('*');

/**
 * As Kubernetes reads a host with wildcards: as many parts, and the same port. No other sign of a glob counts.
 * @see https://kubernetes.io/docs/concepts/containers/images/#config-json
 */
function matchesHost(scope: DockerScope, wanted: string): boolean {
  if (!isWild(scope)) return scope.registry === wanted;
  if (!/^[a-z0-9.:*-]+$/.test(scope.registry) || wanted.includes('[')) return false;
  const glob = asPath(scope.registry.replace(/\*+/g, '*'));
  // No host is so long: such a key is of none, and takes no other with it.
  return glob.length <= GLOB_CHARACTERS && parseGlob(glob).matches(asPath(wanted));
}

const isUnder = (path: string, repository: string): boolean =>
  path === '' || repository === path || repository.startsWith(`${path}/`);

const fits = (scope: DockerScope, wanted: Repository): boolean =>
  matchesHost(scope, withoutDefaultPort(wanted.registry)) &&
  spellingsOf(wanted).some((repository) => isUnder(scope.path, repository));

/** What a helper program is asked for: the key it was given, or the registry where that is a pattern. */
export const serverOf = (scope: DockerScope, wanted: Repository): string =>
  isWild(scope) ? wanted.registry : scope.key;

/**
 * Negative where `a` is the more specific: a host before a pattern of hosts, a longer path, more of the host written
 * out; among equals a key without scheme.
 */
export const compareScopes = (a: DockerScope, b: DockerScope): number =>
  Number(isWild(a)) - Number(isWild(b)) ||
  b.path.length - a.path.length ||
  (isWild(a) ? b.registry.replaceAll('*', '').length - a.registry.replaceAll('*', '').length : 0) ||
  Number(a.key.includes('://')) - Number(b.key.includes('://')) ||
  // Docker Desktop keeps its own tokens under longer keys of Docker Hub.
  a.key.length - b.key.length;

/** The scopes that fit a repository, the most specific first. */
export const fitting = <T extends DockerScope>(scopes: readonly T[], wanted: Repository): readonly T[] =>
  scopes.filter((scope) => fits(scope, wanted)).toSorted(compareScopes);
