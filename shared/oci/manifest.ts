import { z } from 'zod';
import { LandfallError } from '../errors.ts';
import { ANNOTATION_BYTES, ANNOTATIONS } from '../limits.ts';
import type { Descriptor } from './descriptor.ts';
import { type Digest, parseDigest } from './digest.ts';
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  essenceOf,
  isIndexType,
  MANIFEST_TYPES,
  OCI_INDEX,
  OCI_MANIFEST,
} from './media-types.ts';
import type { Platform } from './platform.ts';
import { parseStrictJson } from './strict-json.ts';

export type Annotations = Readonly<Record<string, string>>;

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md */
export interface ImageManifest {
  readonly kind: 'manifest';
  readonly mediaType: string;
  readonly artifactType: string | undefined;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject: Descriptor | undefined;
  readonly annotations: Annotations;
}

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md */
export interface ImageIndex {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly artifactType: string | undefined;
  readonly manifests: readonly Descriptor[];
  readonly subject: Descriptor | undefined;
  readonly annotations: Annotations;
}

export type Manifest = ImageManifest | ImageIndex;

const annotations = z.record(z.string(), z.string());
const platform = z.looseObject({ os: z.string(), architecture: z.string(), variant: z.string().optional() });
const descriptor = z.looseObject({
  mediaType: z.string().min(1).max(255),
  digest: z.string(),
  size: z.int().nonnegative(),
  urls: z.array(z.string()).optional(),
  annotations: annotations.nullish(),
  artifactType: z.string().optional(),
  platform: platform.nullish(),
});
const common = {
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  subject: descriptor.nullish(),
  annotations: annotations.nullish(),
};
/** Loose: image-spec says unknown properties MUST NOT be an error. */
const manifestSchema = z.looseObject({ ...common, config: descriptor, layers: z.array(descriptor) });
const indexSchema = z.looseObject({ ...common, manifests: z.array(descriptor) });

const invalid = (digest: Digest, why: string): LandfallError =>
  new LandfallError('MANIFEST_INVALID', `manifest ${digest} ${why}`);

function toPlatform(value: z.infer<typeof platform>): Platform {
  const { os, architecture, variant } = value;
  return { os, architecture, ...(variant !== undefined && variant !== '' && { variant }) };
}

function toDescriptor(owner: Digest, value: z.infer<typeof descriptor>): Descriptor {
  if (value.urls !== undefined && value.urls.length > 0) {
    throw invalid(
      owner,
      `has a descriptor with urls (${value.digest.slice(0, 80)}): foreign layers are refused`,
    );
  }
  return {
    mediaType: value.mediaType,
    digest: parseDigest(value.digest),
    size: value.size,
    ...(value.annotations && { annotations: value.annotations }),
    ...(value.artifactType !== undefined && { artifactType: value.artifactType }),
    ...(value.platform && { platform: toPlatform(value.platform) }),
  };
}

/** Annotations are copied into events, so they are capped: 64 of 4 KiB. */
function checkAnnotations(digest: Digest, given: Annotations): Annotations {
  const entries = Object.entries(given);
  if (entries.length > ANNOTATIONS)
    throw invalid(digest, `has ${entries.length} annotations, more than ${ANNOTATIONS}`);
  const long = entries.find(
    ([key, value]) => Buffer.byteLength(key) + Buffer.byteLength(value) > ANNOTATION_BYTES,
  );
  if (long)
    throw invalid(
      digest,
      `annotation ${JSON.stringify(long[0].slice(0, 80))} is over ${ANNOTATION_BYTES} bytes`,
    );
  return given;
}

/**
 * The media type the sender and the document agree on. Helm leaves the document's out; where both speak they
 * must say the same, or one parser's manifest is another's index.
 * @see https://github.com/opencontainers/distribution-spec/security/advisories/GHSA-mc8v-mgrf-8f4m
 */
function agreedMediaType(
  digest: Digest,
  value: Record<string, unknown>,
  contentType: string | undefined,
): string {
  const own =
    typeof value['mediaType'] === 'string' && value['mediaType'] !== '' ? value['mediaType'] : undefined;
  const sent = contentType === undefined ? undefined : essenceOf(contentType);
  const known = sent !== undefined && MANIFEST_TYPES.includes(sent) ? sent : undefined;
  if (own !== undefined && !MANIFEST_TYPES.includes(own)) {
    throw new LandfallError(
      'MEDIA_TYPE_UNSUPPORTED',
      `manifest ${digest} has media type ${JSON.stringify(own.slice(0, 120))}`,
      {
        hint: 'Landfall reads OCI manifests and indexes and Docker v2 manifests and lists.',
      },
    );
  }
  if (own !== undefined && known !== undefined && own !== known) {
    throw invalid(digest, `says ${own} but was sent as ${known}`);
  }
  return own ?? known ?? ('manifests' in value ? OCI_INDEX : OCI_MANIFEST);
}

function refuseConfusion(digest: Digest, value: Record<string, unknown>, isIndex: boolean): void {
  const manifestKeys = 'config' in value || 'layers' in value;
  if (manifestKeys && 'manifests' in value) throw invalid(digest, 'is both a manifest and an index');
  if (isIndex && manifestKeys) throw invalid(digest, 'is typed as an index but has layers');
  if (!isIndex && 'manifests' in value) throw invalid(digest, 'is typed as a manifest but lists manifests');
}

function check<T>(digest: Digest, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(digest, `at ${issue?.path.join('.') || 'top'}: ${issue?.message ?? 'invalid'}`);
}

/**
 * Parses the bytes of a manifest or index whose digest is already proven.
 * @param contentType the Content-Type it came with, where it came over HTTP
 * @throws LandfallError MANIFEST_INVALID, MEDIA_TYPE_UNSUPPORTED, DIGEST_INVALID
 */
export function parseManifest(bytes: Uint8Array, digest: Digest, contentType?: string): Manifest {
  const value = parseStrictJson(bytes, `manifest ${digest}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(digest, 'is not a JSON object');
  const document = value as Record<string, unknown>;
  const mediaType = agreedMediaType(digest, document, contentType);
  const isIndex = isIndexType(mediaType);
  refuseConfusion(digest, document, isIndex);
  const parsed = isIndex ? check(digest, indexSchema, document) : check(digest, manifestSchema, document);
  const shared = {
    mediaType,
    artifactType: parsed.artifactType,
    subject: parsed.subject ? toDescriptor(digest, parsed.subject) : undefined,
    annotations: checkAnnotations(digest, parsed.annotations ?? {}),
  };
  if ('manifests' in parsed && Array.isArray(parsed.manifests)) {
    const children = parsed.manifests as z.infer<typeof descriptor>[];
    return { kind: 'index', ...shared, manifests: children.map((child) => toDescriptor(digest, child)) };
  }
  const image = parsed as z.infer<typeof manifestSchema>;
  return {
    kind: 'manifest',
    ...shared,
    config: toDescriptor(digest, image.config),
    layers: image.layers.map((layer) => toDescriptor(digest, layer)),
  };
}

export const isDockerType = (mediaType: string): boolean =>
  mediaType === DOCKER_MANIFEST || mediaType === DOCKER_LIST;
