import { readFileSync } from 'node:fs';
import type { EmbeddedRegistry } from '../../../embedded-registry/embedded-registry.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';

/** An artifact as a program pushed it, byte for byte: `test/fixtures/artifacts/NAME.json`. */
export interface GoldenArtifact {
  /** The program and its version. */
  readonly tool: string;
  /** What it was called with, in the folder of the sample. */
  readonly command: string;
  /** In base64. An index stands behind its manifests: the last one is what is tagged. */
  readonly manifests: readonly GoldenManifest[];
  /** In base64, by their digests. */
  readonly blobs: Readonly<Record<string, string>>;
}

export interface GoldenManifest {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: string;
}

export const GOLDEN = new URL('../../fixtures/artifacts/', import.meta.url);

export const readGolden = (name: string): GoldenArtifact =>
  JSON.parse(readFileSync(new URL(`${name}.json`, GOLDEN), 'utf8')) as GoldenArtifact;

/** Plants it under a tag, under the digests that the program's registry had. */
export function plantGolden(
  { content }: EmbeddedRegistry,
  { manifests, blobs }: GoldenArtifact,
  { repository, tag }: { readonly repository: string; readonly tag: string },
): void {
  for (const [digest, bytes] of Object.entries(blobs))
    content.addBlob(repository, Buffer.from(bytes, 'base64'), parseDigest(digest));
  for (const { mediaType, digest, bytes } of manifests)
    content.addManifest(repository, mediaType, Buffer.from(bytes, 'base64'), {
      tag,
      digest: parseDigest(digest),
    });
}
