import { LandfallError } from '../errors.ts';
import { isObject, type JsonObject } from '../kernel/json.ts';
import type { ListedDescriptor } from './descriptor.ts';
import { DescriptorReader } from './descriptor-reader.ts';
import type { Digest } from './digest.ts';
import { MANIFEST_SHAPE } from './json-shape.ts';
import { holds, mediaTypeOf } from './media-type-of.ts';
import { isIndexType, MANIFEST_TYPES } from './media-types.ts';
import { schema1 } from './schema1.ts';
import { parseStrictJson } from './strict-json.ts';

export type Annotations = Readonly<Record<string, string>>;

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md */
export interface ImageManifest {
  readonly kind: 'manifest';
  readonly mediaType: string;
  readonly artifactType: string | undefined;
  readonly config: ListedDescriptor;
  readonly layers: readonly ListedDescriptor[];
  readonly subject: ListedDescriptor | undefined;
  readonly annotations: Annotations;
}

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md */
export interface ImageIndex {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly artifactType: string | undefined;
  readonly manifests: readonly ListedDescriptor[];
  readonly subject: ListedDescriptor | undefined;
  readonly annotations: Annotations;
}

export type Manifest = ImageManifest | ImageIndex;

const invalid = (digest: Digest, why: string): LandfallError =>
  new LandfallError('MANIFEST_INVALID', `manifest ${digest} ${why}`);

function checkedMediaType(digest: Digest, document: JsonObject, contentType: string | undefined): string {
  const own = document['mediaType'] ?? '';
  if (typeof own !== 'string') throw invalid(digest, 'at mediaType: wanted a string');
  const mediaType = mediaTypeOf(document, contentType);
  if (MANIFEST_TYPES.includes(mediaType)) return mediaType;
  throw new LandfallError(
    'MEDIA_TYPE_UNSUPPORTED',
    `manifest ${digest} has media type ${JSON.stringify(mediaType.slice(0, 120))}`,
    {
      hint: 'Landfall unpacks OCI manifests and indexes and Docker v2 manifests and lists; unpack: { mode: none } follows any.',
    },
  );
}

/**
 * One parser's manifest must not be another's index.
 * @see https://github.com/opencontainers/distribution-spec/security/advisories/GHSA-mc8v-mgrf-8f4m
 */
function refuseConfusion(digest: Digest, document: JsonObject, isIndex: boolean): void {
  const manifestKeys = holds(document, 'config') || holds(document, 'layers');
  const lists = holds(document, 'manifests');
  if (manifestKeys && lists) throw invalid(digest, 'is both a manifest and an index');
  if (isIndex && manifestKeys) throw invalid(digest, 'is typed as an index but has layers');
  if (!isIndex && lists) throw invalid(digest, 'is typed as a manifest but lists manifests');
}

/**
 * Parses the bytes of a manifest or index whose digest is already proven, for unpacking.
 * @param contentType the Content-Type it came with, where it came over HTTP: a hint where the document says nothing
 * @throws LandfallError MANIFEST_INVALID, MEDIA_TYPE_UNSUPPORTED, DIGEST_INVALID
 */
export function parseManifest(bytes: Uint8Array, digest: Digest, contentType?: string): Manifest {
  const document = parseStrictJson(bytes, `manifest ${digest}`, MANIFEST_SHAPE);
  if (!isObject(document)) throw invalid(digest, 'is not a JSON object');
  if (document['schemaVersion'] === 1) throw schema1(`manifest ${digest}`);
  const mediaType = checkedMediaType(digest, document, contentType);
  const isIndex = isIndexType(mediaType);
  refuseConfusion(digest, document, isIndex);
  const reader = new DescriptorReader(digest);
  if (document['schemaVersion'] !== 2) throw invalid(digest, 'at schemaVersion: wanted 2');
  const shared = {
    mediaType,
    artifactType: reader.optionalText(document, 'artifactType', ''),
    subject: holds(document, 'subject') ? reader.descriptor(document['subject'], 'subject') : undefined,
    annotations: reader.annotations(document, '') ?? {},
  };
  if (isIndex) return { kind: 'index', ...shared, manifests: reader.descriptors(document, 'manifests') };
  return {
    kind: 'manifest',
    ...shared,
    config: reader.descriptor(document['config'], 'config'),
    layers: reader.descriptors(document, 'layers'),
  };
}
