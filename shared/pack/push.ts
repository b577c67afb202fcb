import { LandfallError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { formatRepository, isTag, type Repository } from '../oci/reference.ts';
import type { RegistryWriter } from '../registry/client.ts';
import type { PackedArtifact, PackedBlob } from './packed-artifact.ts';

export interface PushInput {
  readonly packed: PackedArtifact;
  readonly repository: Repository;
  /** None: the artifact can be had by its digest only. */
  readonly tags: readonly string[];
}

export interface PushDeps {
  readonly writer: RegistryWriter;
  readonly signal?: AbortSignal;
  readonly onProgress?: (fact: PushProgress) => void;
  readonly onSent?: (fact: PushSent) => void;
}

/** How much of a blob was taken for sending, in bytes; from 0 again where it is tried again. */
interface PushSent {
  readonly digest: Digest;
  readonly sent: number;
  readonly size: number;
}

/** What became of one blob or manifest. */
export interface PushProgress {
  readonly what: 'layer' | 'config' | 'manifest';
  readonly digest: Digest;
  readonly size: number;
  readonly outcome: 'pushed' | 'exists';
}

export interface Pushed {
  /** `oci://registry/repository`. */
  readonly url: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
}

/**
 * Pushes an artifact: blobs the registry does not have, then the manifest under every tag, so that nobody ever sees a
 * manifest without its blobs. A blob is sent as it is read.
 * @throws LandfallError REFERENCE_INVALID before anything is sent; what the writer throws
 */
export async function pushArtifact(input: PushInput, deps: PushDeps): Promise<Pushed> {
  const { packed, repository, tags } = input;
  const { writer, signal, onProgress } = deps;
  const options = signal ? { signal } : {};
  for (const tag of tags) {
    if (!isTag(tag))
      throw new LandfallError(
        'REFERENCE_INVALID',
        `tag ${JSON.stringify(tag.slice(0, 160))} is not 1 to 128 of [A-Za-z0-9._-]`,
      );
  }
  for (const layer of packed.layers) await pushBlob('layer', layer, input, deps);
  await pushBlob('config', packed.config, input, deps);
  const { mediaType, digest, bytes } = packed.manifest;
  for (const reference of tags.length === 0 ? [digest] : tags) {
    await writer.pushManifest(repository, reference, mediaType, bytes, options);
  }
  onProgress?.({ what: 'manifest', digest, size: bytes.length, outcome: 'pushed' });
  return { url: formatRepository(repository), digest, tags };
}

async function pushBlob(
  what: 'layer' | 'config',
  { descriptor, open }: PackedBlob,
  { repository }: PushInput,
  { writer, signal, onProgress, onSent }: PushDeps,
): Promise<void> {
  const { digest, size } = descriptor;
  const options = signal ? { signal } : {};
  const exists = await writer.hasBlob(repository, digest, options);
  const told = (sent: number): void => onSent?.({ digest, sent, size });
  if (!exists) await writer.pushBlob(repository, descriptor, open, { ...options, onSent: told });
  onProgress?.({ what, digest, size, outcome: exists ? 'exists' : 'pushed' });
}
