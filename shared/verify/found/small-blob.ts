import { LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { SIGNATURE_BYTES } from '../../limits.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, digestOf } from '../../oci/digest.ts';
import type { Repository } from '../../oci/reference.ts';
import type { RegistryReader } from '../../registry/client.ts';
import { readUpTo } from '../../registry/http/body.ts';
import { refuse } from './refuse.ts';

/**
 * A blob that fits into memory, proven to be its descriptor's.
 * @throws LandfallError SIGNATURE_REFUSED where it is too large, DIGEST_MISMATCH, and what the registry client throws
 */
export async function readSmallBlob(
  repository: Repository,
  descriptor: Descriptor,
  registry: Pick<RegistryReader, 'blob'>,
  { signal }: CallOptions,
): Promise<Buffer> {
  const { digest, size } = descriptor;
  const what = `blob ${digest}`;
  if (size > SIGNATURE_BYTES) throw refuse(`${what} is ${size} bytes, wanted at most ${SIGNATURE_BYTES}`);
  const body = await registry.blob(repository, descriptor, { signal });
  const { bytes } = await readUpTo(body, SIGNATURE_BYTES, { what, signal });
  if (digestOf(bytes, algorithmOf(digest)) !== digest)
    throw new LandfallError('DIGEST_MISMATCH', `${what} has other content`);
  return bytes;
}
