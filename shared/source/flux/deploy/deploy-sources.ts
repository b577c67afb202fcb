import type { MappedDeploy } from './mapped-deploy.ts';

/** An object that asks for a deploy, sound or not. */
export interface DeployCandidate extends Pick<MappedDeploy, 'id' | 'from' | 'dependsOn'> {
  /** Nothing may depend on it. */
  readonly isRefused: boolean;
}

/** `namespace/name` of the source that a deploy is of; or why it is none. */
export type DeploySource = string | { readonly because: string };

/**
 * Which source each of them deploys, by its id. One that depends on what is not deployed would go first where Flux has
 * it wait, so it is not deployed either.
 * @param sources `namespace/name` of sources by kind and id of their objects: `OCIRepository web/podinfo`
 */
export function deploySources(
  candidates: readonly DeployCandidate[],
  sources: ReadonlyMap<string, string>,
): ReadonlyMap<string, DeploySource> {
  const found = new Map<string, DeploySource>();
  for (const { id, from } of candidates)
    found.set(
      id,
      sources.get(from) ?? { because: `${from} is not in these documents, or is no source here` },
    );
  const refused = new Set(candidates.filter(({ isRefused }) => isRefused).map(({ id }) => id));
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    for (const { id, dependsOn } of candidates) {
      const missing = dependsOn.find((each) => typeof found.get(each) !== 'string' || refused.has(each));
      if (missing === undefined || typeof found.get(id) !== 'string') continue;
      found.set(id, { because: `it depends on ${missing}, which is not deployed here` });
      isSettled = false;
    }
  }
  return found;
}
