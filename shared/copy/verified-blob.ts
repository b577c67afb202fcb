import { Readable } from 'node:stream';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Repository } from '../oci/reference.ts';
import type { RegistryCallOptions, RegistryReader } from '../registry/client.ts';
import { ContentVerifier } from '../unpack/layer/verify-content.ts';

/**
 * A blob as it is read, which ends only if its digest is right: what goes on before that is never the whole of it, so
 * no registry takes it.
 * On the stream: BLOB_TRUNCATED, SIZE_MISMATCH, DIGEST_MISMATCH, what the reader throws
 */
export function verifiedBlob(
  repository: Repository,
  descriptor: Descriptor,
  { reader, options }: { readonly reader: RegistryReader; readonly options: RegistryCallOptions },
): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    const verifier = new ContentVerifier(descriptor);
    let held: Buffer | undefined;
    for await (const chunk of await reader.blob(repository, descriptor, options)) {
      verifier.update(chunk);
      if (held !== undefined) yield held;
      held = chunk;
    }
    verifier.finish();
    if (held !== undefined) yield held;
  }
  return Readable.from(chunks(), { objectMode: false });
}
