import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { OCI_INDEX } from '../oci/media-types.ts';
import type { Repository } from '../oci/reference.ts';
import { referrersTag } from '../oci/referrer.ts';
import type { RegistryCallOptions, RegistryReader, RegistryWriter } from '../registry/client.ts';

/**
 * Adds a referrer to the list that clients keep for a registry without the referrers API. The list has no
 * compare-and-swap: of two who write at once one may be lost, as with every client.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests-with-subject
 */
export async function listReferrer(
  repository: Repository,
  subject: Digest,
  referrer: Descriptor,
  {
    registry,
    options,
  }: { readonly registry: RegistryReader & RegistryWriter; readonly options: RegistryCallOptions },
): Promise<void> {
  const listed = await registry.referrers(repository, subject, options);
  if (listed.some(({ digest }) => digest === referrer.digest)) return;
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [...listed, referrer] };
  const bytes = Buffer.from(JSON.stringify(index));
  await registry.pushManifest(repository, referrersTag(subject), OCI_INDEX, bytes, options);
}
