import type { TestContext } from 'node:test';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import type { EmbeddedRegistryOptions } from '../../embedded-registry/registry-options.ts';
import { ociImage, type SampleImage } from '../support/artifacts/sample-manifests.ts';

/** A registry that ends with the test. */
export async function openRegistry(
  t: TestContext,
  options: EmbeddedRegistryOptions = {},
): Promise<EmbeddedRegistry> {
  const registry = await startEmbeddedRegistry(options);
  t.after(() => registry.close());
  return registry;
}

/** Plants an image, and gives it. */
export function plant(
  registry: EmbeddedRegistry,
  repository: string,
  tag: string,
  image: SampleImage = ociImage('planted'),
): SampleImage {
  for (const { bytes } of image.blobs) registry.content.addBlob(repository, bytes);
  for (const { descriptor, bytes } of image.children) {
    registry.content.addManifest(repository, descriptor.mediaType, bytes);
  }
  const { descriptor, bytes } = image.manifest;
  registry.content.addManifest(repository, descriptor.mediaType, bytes, { tag });
  return image;
}

/** The `code` of the error a response carries. */
export async function codeOf(response: Response): Promise<string | undefined> {
  const body = (await response.json()) as { readonly errors?: readonly { readonly code: string }[] };
  return body.errors?.[0]?.code;
}
