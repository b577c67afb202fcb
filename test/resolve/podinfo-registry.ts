import { type Digest, digestOf } from '../../shared/oci/digest.ts';
import type { Current } from '../../shared/resolve/resolution.ts';
import { MemoryRegistry } from '../support/servers/memory-registry.ts';

export const repository = { registry: 'registry.example', repository: 'web/podinfo' };
export const ELSE: Digest = digestOf('something else');

/** A registry with a fixed set of tags: pushes are equal from test to test, so digests can be named up front. */
export function registryOf(): { registry: MemoryRegistry; digests: Readonly<Record<string, Digest>> } {
  const registry = new MemoryRegistry();
  const tags = ['1.0.0', '1.1.0', '1.2.0-rc.1', 'latest', 'stable'];
  return { registry, digests: Object.fromEntries(tags.map((tag) => [tag, registry.push(tag)])) };
}
const { digests } = registryOf();
export const digestFor = (tag: string): Digest => digests[tag] as Digest;
export const at = (tag: string | null, digest = digestFor(tag ?? 'stable')): Current => ({ tag, digest });
export const STABLE = digestFor('stable');
