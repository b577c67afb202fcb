import { DOCKER_HUB, parseRepository, type Repository } from './reference.ts';

/**
 * A registry as it is compared: lower case, Docker Hub's aliases as `docker.io`.
 * @throws LandfallError REFERENCE_INVALID
 */
export const parseRegistryName = (text: string): string => parseRepository(`oci://${text}/any/any`).registry;

/** A repository as users may write it: Docker Hub's own images go with and without `library/`. */
export const spellingsOf = ({ registry, repository }: Repository): readonly string[] =>
  registry === DOCKER_HUB && repository.startsWith('library/')
    ? [repository, repository.slice('library/'.length)]
    : [repository];

/** Whether a registry is written as a host is: with a dot, a port, an address, or `localhost`; `team` of `team/app` is not. */
export const looksLikeHost = (registry: string): boolean =>
  registry === 'localhost' || registry.includes('.') || registry.includes(':');
