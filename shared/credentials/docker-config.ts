import { LandfallError } from '../errors.ts';
import type { Repository } from '../oci/reference.ts';
import { parseRegistryName } from '../oci/registry-name.ts';

/** One login, as docker keeps it. */
export interface DockerAuth {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** A key of `auths` or `credHelpers`, taken apart. */
export interface DockerScope {
  readonly key: string;
  readonly registry: string;
  /** The repository or the folder above it; empty for the whole registry. */
  readonly path: string;
}

/** What matters to us of docker's config.json and podman's auth.json. */
export interface DockerConfig {
  readonly file: string;
  readonly auths: readonly (DockerScope & { readonly auth: DockerAuth })[];
  readonly credHelpers: readonly (DockerScope & { readonly program: string })[];
  readonly credsStore: string | undefined;
}

/** A key no registry can have names none that is asked for. */
function registryOf(host: string): string {
  try {
    return parseRegistryName(host);
  } catch {
    return host.toLowerCase();
  }
}

/**
 * `https://index.docker.io/v1/`, `ghcr.io`, `ghcr.io/org`: a key with a scheme means its host alone, as in docker's
 * ConvertToHostname; without one the path counts, as in containers-auth.json(5).
 */
function scopeOf(key: string): DockerScope {
  const bare = key.replace(/^https?:\/\//, '');
  const [host = '', ...rest] = bare.split('/').filter((part) => part !== '');
  const versionOnly = rest.length === 1 && /^v[12]$/.test(rest[0] ?? '');
  return {
    key,
    registry: registryOf(host),
    path: bare !== key || versionOnly ? '' : rest.join('/'),
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const AUTH_KEYS = ['auth', 'username', 'password', 'identitytoken', 'registrytoken'] as const;

/** Loose, as the whole file is: it holds much that is docker's own. */
const isAuth = (value: unknown): boolean =>
  value === null ||
  (isRecord(value) && AUTH_KEYS.every((key) => value[key] === undefined || isText(value[key])));

const malformed = (file: string, at: string): LandfallError =>
  new LandfallError('CREDENTIAL_UNREADABLE', `docker config ${file} is not as docker writes it at ${at}`);

/** @throws LandfallError CREDENTIAL_UNREADABLE naming the file and nothing in it */
export function parseDockerConfig(content: string, file: string): DockerConfig {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    // JSON.parse repeats what it read, so it is no cause to pass on.
    throw new LandfallError('CREDENTIAL_UNREADABLE', `docker config ${file} is not JSON`);
  }
  if (!isRecord(value)) throw malformed(file, 'its top');
  const { auths = {}, credHelpers = {}, credsStore } = value;
  if (!isRecord(auths) || !Object.values(auths).every(isAuth)) throw malformed(file, 'auths');
  if (!isRecord(credHelpers) || !Object.values(credHelpers).every(isText))
    throw malformed(file, 'credHelpers');
  if (credsStore !== undefined && !isText(credsStore)) throw malformed(file, 'credsStore');
  return {
    file,
    auths: Object.entries(auths).map(([key, given]) => ({
      ...scopeOf(key),
      auth: (given ?? {}) as DockerAuth,
    })),
    credHelpers: Object.entries(credHelpers).map(([key, program]) => ({
      ...scopeOf(key),
      program: program as string,
    })),
    credsStore: credsStore === '' ? undefined : credsStore,
  };
}

export const fits = ({ registry, path }: DockerScope, wanted: Repository): boolean =>
  registry === wanted.registry &&
  (path === '' || wanted.repository === path || wanted.repository.startsWith(`${path}/`));

/** The scopes that fit a repository, the longest first; among equals a key without scheme first. */
export const fitting = <T extends DockerScope>(scopes: readonly T[], wanted: Repository): readonly T[] =>
  scopes
    .filter((scope) => fits(scope, wanted))
    .toSorted(
      (a, b) =>
        b.path.length - a.path.length || Number(a.key.includes('://')) - Number(b.key.includes('://')),
    );
