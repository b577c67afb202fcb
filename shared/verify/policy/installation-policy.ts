import { matchesGlob } from '../../glob/glob.ts';
import { formatSourceId, type SourceId } from '../../model/ids.ts';
import { DOCKER_HUB, type Repository } from '../../oci/reference.ts';
import { parseRegistryName } from '../../oci/registry-name.ts';
import type { VerifyPolicy } from './policy.ts';

/**
 * What the operator wants of every source that it is for, beside what the source itself wants. No document of a source,
 * and no artifact, takes it away.
 */
export interface InstallationPolicy {
  /** For messages. */
  readonly name: string;
  /** Globs over `namespace/name`; absent: all. */
  readonly sources?: readonly string[];
  /** Globs over `registry/repository`; absent: all. Where both are given, both have to be so. */
  readonly repositories?: readonly string[];
  readonly verify: VerifyPolicy;
}

type Watched = SourceId & { readonly repository: Repository; readonly composed?: object };

const isAny = (globs: readonly string[] | undefined, text: string): boolean =>
  globs === undefined || globs.some((glob) => matchesGlob(glob, text));

/** A repository as it is written, and as it is without a port that says nothing: the port is no way around a policy. */
function textsOf({ registry, repository }: Repository): readonly string[] {
  const host = parseRegistryName(registry.replace(/:0*443$/, ''));
  const name = host === DOCKER_HUB && !repository.includes('/') ? `library/${repository}` : repository;
  return [`${registry}/${repository}`, `${host}/${name}`];
}

const isFor = (
  { sources, repositories }: InstallationPolicy,
  repository: Repository,
  names: readonly SourceId[],
): boolean =>
  names.some((name) => isAny(sources, formatSourceId(name))) &&
  textsOf(repository).some((text) => isAny(repositories, text));

/**
 * A source with those policies of the installation that are for it, or for what is composed of it: whoever includes it is
 * not to land by it what it could not land itself. What is composed has no repository to be verified in: its parts are.
 */
export function withPolicies<T extends Watched>(
  source: T,
  policies: readonly InstallationPolicy[],
  composedOf: (part: T) => readonly SourceId[] = () => [],
): T & { readonly policies?: readonly VerifyPolicy[] } {
  if (source.composed !== undefined) return source;
  const names = [source, ...composedOf(source)];
  const own = policies.filter((each) => isFor(each, source.repository, names));
  return own.length === 0
    ? source
    : { ...source, policies: own.map(({ name, verify }) => ({ ...verify, name })) };
}
