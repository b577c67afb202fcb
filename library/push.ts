import { LandfallError } from '../shared/errors.ts';
import type { Digest } from '../shared/oci/digest.ts';
import type { Reference } from '../shared/oci/reference.ts';
import { formatRevision } from '../shared/oci/revision.ts';
import { parseTypedReference } from '../shared/oci/typed-reference.ts';
import { type PackOptions, packDirectory } from '../shared/pack/pack.ts';
import { pushArtifact } from '../shared/pack/push.ts';
import { type RegistryAccess, signalOf } from './registry-access.ts';
import { withRegistry } from './with-registry.ts';

export interface PushOptions extends RegistryAccess, Omit<PackOptions, 'signal'> {
  /** More tags for the same artifact. */
  readonly tags?: readonly string[];
}

export interface PushedArtifact {
  readonly url: string;
  readonly tags: readonly string[];
  readonly digest: Digest;
  /** `<tag>@<digest>` of the first tag. */
  readonly revision: string;
  readonly contentDigest: Digest;
  /** Files that were packed. */
  readonly files: number;
  /** Bytes of them. */
  readonly size: number;
}

/** @throws LandfallError USAGE where the URL names a digest: a push makes its own */
function tagsOf({ selector }: Reference, more: readonly string[]): readonly string[] {
  if ('digest' in selector)
    throw new LandfallError('USAGE', 'a push makes its own digest; the URL can name a tag only');
  const tags = [...('tag' in selector ? [selector.tag] : []), ...more];
  return tags.length === 0 ? ['latest'] : [...new Set(tags)];
}

/**
 * Packs a folder, byte for byte the same everywhere, and pushes it to `oci://host/repository[:tag]`.
 * @throws LandfallError with the code of docs/errors.md
 */
export async function push(
  folder: string,
  url: string,
  { tags: more = [], ...options }: PushOptions = {},
): Promise<PushedArtifact> {
  const repository = parseTypedReference(url);
  const tags = tagsOf(repository, more);
  const signal = signalOf(options);
  const packed = await packDirectory(folder, { ...options, signal });
  try {
    const { contentDigest, files, size } = packed;
    const pushed = await withRegistry(options, (writer) =>
      pushArtifact({ packed, repository, tags }, { writer, signal }),
    );
    const { digest } = pushed;
    return {
      url: pushed.url,
      tags,
      digest,
      revision: formatRevision(tags[0], digest),
      contentDigest,
      files,
      size,
    };
  } finally {
    await packed.dispose();
  }
}
