import { matchesGlob } from '../../glob/glob.ts';
import { formatSourceId, type SourceId } from '../../model/ids.ts';
import type { Repository } from '../../oci/reference.ts';
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

type Watched = SourceId & { readonly repository: Repository };

const isAny = (globs: readonly string[] | undefined, text: string): boolean =>
  globs === undefined || globs.some((glob) => matchesGlob(glob, text));

const isFor = (
  { sources, repositories }: InstallationPolicy,
  { repository, namespace, name }: Watched,
): boolean =>
  isAny(sources, formatSourceId({ namespace, name })) &&
  isAny(repositories, `${repository.registry}/${repository.repository}`);

/** A source with those policies of the installation that are for it. */
export function withPolicies<T extends Watched>(
  source: T,
  policies: readonly InstallationPolicy[],
): T & { readonly policies?: readonly VerifyPolicy[] } {
  const own = policies.filter((each) => isFor(each, source));
  return own.length === 0
    ? source
    : { ...source, policies: own.map(({ name, verify }) => ({ ...verify, name })) };
}
