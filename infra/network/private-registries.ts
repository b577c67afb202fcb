import { isIP } from 'node:net';
import { addressKind } from '../../shared/registry/http/address.ts';
import type { Configuration } from '../../shared/source/source.ts';

/** Names that no public resolver knows: of one label, or of a zone that is everybody's own. */
const PRIVATE_NAME = /^(?:[^.]+|.+\.(?:internal|local|lan|corp|home\.arpa))$/;

function isPrivate(registry: string): boolean {
  const host = registry.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) return addressKind(host) !== 'public';
  return PRIVATE_NAME.test(host);
}

/** Registries that only somebody in their network reaches. */
export const privateRegistries = ({ sources }: Configuration): readonly string[] => [
  ...new Set(sources.map(({ repository }) => repository.registry).filter(isPrivate)),
];
