import { parseObject } from '../shared/kernel/json.ts';
import { type Digest, isDigest } from '../shared/oci/digest.ts';
import type { DescriptorJson } from './descriptor-json.ts';
import { isDescriptorJson } from './descriptor-json.ts';

/** A manifest as it was pushed, with the little a registry has to understand of it. */
export interface StoredManifest {
  readonly bytes: Buffer;
  /** The Content-Type it was pushed with. */
  readonly mediaType: string;
  /** Undefined where the bytes are no JSON object. */
  readonly document: ManifestDocument | undefined;
}

interface ManifestDocument {
  readonly mediaType: string | undefined;
  /** Its own, else the media type of its config, as the referrers API has it. */
  readonly artifactType: string | undefined;
  readonly config: DescriptorJson | undefined;
  readonly layers: readonly DescriptorJson[];
  readonly manifests: readonly DescriptorJson[];
  readonly subject: DescriptorJson | undefined;
  readonly annotations: unknown;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const descriptor = (value: unknown): DescriptorJson | undefined =>
  isDescriptorJson(value) ? value : undefined;

const descriptors = (value: unknown): readonly DescriptorJson[] =>
  Array.isArray(value) ? value.filter(isDescriptorJson) : [];

/**
 * Reads no more than a registry must, and refuses nothing: hostile manifests have to be served too, so that
 * clients can be tried on them.
 */
export function readManifest(mediaType: string, bytes: Buffer): StoredManifest {
  const value = parseObject(bytes);
  if (value === undefined) return { bytes, mediaType, document: undefined };
  const config = descriptor(value['config']);
  return {
    bytes,
    mediaType,
    document: {
      mediaType: text(value['mediaType']),
      artifactType: text(value['artifactType']) ?? config?.mediaType,
      config,
      layers: descriptors(value['layers']),
      manifests: descriptors(value['manifests']),
      subject: descriptor(value['subject']),
      annotations: value['annotations'],
    },
  };
}

/** The manifest's subject, where it names a digest. */
export function subjectOf(manifest: StoredManifest): Digest | undefined {
  const digest = manifest.document?.subject?.digest;
  return digest !== undefined && isDigest(digest) ? digest : undefined;
}
