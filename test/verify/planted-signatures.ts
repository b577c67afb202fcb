import type { EmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { REPOSITORY } from '../support/artifacts/sample-artifacts.ts';
import { MemoryRegistry } from '../support/servers/memory-registry.ts';

/** Takes what would be pushed beside an artifact of the registry in memory, and plants it in the embedded one. */
export async function plantSignatures(
  { content }: Pick<EmbeddedRegistry, 'content'>,
  push: (memory: MemoryRegistry) => void | Promise<void>,
): Promise<readonly Digest[]> {
  const memory = new MemoryRegistry();
  await push(memory);
  for (const bytes of [Buffer.from('{}'), ...memory.blobs.values()])
    content.addBlob(REPOSITORY, Buffer.from(bytes));
  const nowhere = { registry: 'memory', repository: REPOSITORY };
  const planted: Digest[] = [];
  for (const tag of await memory.tags(nowhere)) {
    const { bytes } = await memory.manifest(nowhere, tag);
    const named = tag.endsWith('.sig') ? { tag } : {};
    planted.push(content.addManifest(REPOSITORY, OCI_MANIFEST, Buffer.from(bytes), named));
  }
  return planted;
}
