import { formatRepository } from '../shared/oci/reference.ts';
import { formatRevision } from '../shared/oci/revision.ts';
import { resolve as resolveRef } from '../shared/resolve/resolve.ts';
import { signalOf } from './registry-access.ts';
import { type Resolved, type ResolveOptions, targetOf } from './target.ts';
import { withRegistry } from './with-registry.ts';

/**
 * What `oci://host/repository[:tag][@digest]` stands for now: the digest of the manifest's own bytes.
 * @throws LandfallError with the code of docs/errors.md
 */
export function resolve(url: string, options: ResolveOptions = {}): Promise<Resolved> {
  const { repository, ref } = targetOf(url, options);
  const signal = signalOf(options);
  return withRegistry(options, async (registry) => {
    const { tag, digest } = await resolveRef({ repository, ref }, { registry, signal });
    if (tag === undefined) await registry.manifest(repository, digest, { signal }); // A digest resolves by itself: whether it is there was asked.
    return {
      url: formatRepository(repository),
      tag: tag ?? null,
      digest,
      revision: formatRevision(tag, digest),
    };
  });
}
