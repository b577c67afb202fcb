import { LandfallError } from '../errors.ts';
import { ANNOTATION_BYTES, ANNOTATIONS } from '../limits.ts';
import type { Descriptor } from './descriptor.ts';
import { DescriptorReader, type JsonObject } from './descriptor-reader.ts';
import type { Digest } from './digest.ts';
import { essenceOf, isIndexType, MANIFEST_TYPES, OCI_INDEX, OCI_MANIFEST } from './media-types.ts';
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

const invalid = (digest: Digest, why: string): LandfallError =>
  new LandfallError('MANIFEST_INVALID', `manifest ${digest} ${why}`);

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
  const given = value['mediaType'] ?? '';
  if (typeof given !== 'string') throw invalid(digest, 'at mediaType: wanted a string');
  const own = given === '' ? undefined : given;
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

/**
 * Parses the bytes of a manifest or index whose digest is already proven.
 * @param contentType the Content-Type it came with, where it came over HTTP
 * @throws LandfallError MANIFEST_INVALID, MEDIA_TYPE_UNSUPPORTED, DIGEST_INVALID
 */
export function parseManifest(bytes: Uint8Array, digest: Digest, contentType?: string): Manifest {
  const value = parseStrictJson(bytes, `manifest ${digest}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(digest, 'is not a JSON object');
  const document = value as JsonObject;
  const mediaType = agreedMediaType(digest, document, contentType);
  const isIndex = isIndexType(mediaType);
  refuseConfusion(digest, document, isIndex);
  const reader = new DescriptorReader(digest);
  if (document['schemaVersion'] !== 2) throw invalid(digest, 'at schemaVersion: wanted 2');
  const shared = {
    mediaType,
    artifactType: reader.optionalText(document, 'artifactType', ''),
    subject: document['subject'] == null ? undefined : reader.descriptor(document['subject'], 'subject'),
    annotations: checkAnnotations(digest, reader.annotations(document, '') ?? {}),
  };
  if (isIndex) return { kind: 'index', ...shared, manifests: reader.descriptors(document, 'manifests') };
  return {
    kind: 'manifest',
    ...shared,
    config: reader.descriptor(document['config'], 'config'),
    layers: reader.descriptors(document, 'layers'),
  };
}
