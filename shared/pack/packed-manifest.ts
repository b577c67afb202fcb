import { LandfallError } from '../errors.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { parseManifest } from '../oci/manifest.ts';
import { FLUX_CONFIG, OCI_MANIFEST } from '../oci/media-types.ts';

export interface ManifestAnnotations {
  /** RFC 3339. Default 1970-01-01T00:00:00Z: a time of day would be the only thing to make two pushes differ. */
  readonly created?: string;
  /** Where it was built from, e.g. a repository's URL. */
  readonly source?: string;
  /** e.g. `main@sha1:<commit>`. */
  readonly revision?: string;
  /** Any others; they win. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface PackedManifest {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export interface PackedConfig {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

const EPOCH = '1970-01-01T00:00:00Z';
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** What Flux writes as config: nobody reads it, but clients that treat every artifact as an image expect one. */
export function packConfig(
  created: string | undefined,
  diffId: Digest,
  mediaType = FLUX_CONFIG,
): PackedConfig {
  const bytes = encode({
    created: checkTime(created ?? EPOCH),
    architecture: '',
    os: '',
    config: {},
    rootfs: { type: 'layers', diff_ids: [diffId] },
  });
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** One manifest, the same bytes for the same content. @throws LandfallError CONFIG_INVALID for bad annotations */
export function packManifest(
  config: Descriptor,
  layers: readonly Descriptor[],
  given: ManifestAnnotations & { readonly artifactType?: string },
): PackedManifest {
  const { artifactType } = given;
  const bytes = encode({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    ...(artifactType !== undefined && { artifactType }),
    config: named(config),
    layers: layers.map(named),
    annotations: annotationsOf(given),
  });
  const { manifestBytes } = DEFAULT_LIMITS;
  if (bytes.length > manifestBytes)
    throw invalid(
      `annotations and layers make a manifest of ${bytes.length} bytes, more than ${manifestBytes}`,
    );
  const digest = digestOf(bytes);
  parseManifest(bytes, digest);
  return { mediaType: OCI_MANIFEST, digest, bytes };
}

const named = ({ mediaType, size, digest, annotations }: Descriptor) => ({
  mediaType,
  size,
  digest,
  ...(annotations && { annotations }),
});

function annotationsOf({
  created,
  source,
  revision,
  annotations,
}: ManifestAnnotations): Record<string, string> {
  const all = {
    'org.opencontainers.image.created': checkTime(created ?? EPOCH),
    ...(source !== undefined && { 'org.opencontainers.image.source': source }),
    ...(revision !== undefined && { 'org.opencontainers.image.revision': revision }),
    ...annotations,
  };
  const entries = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.some(([key]) => key === '')) throw invalid('an annotation has no name');
  return Object.fromEntries(entries);
}

function checkTime(text: string): string {
  if (RFC_3339.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new LandfallError(
    'CONFIG_INVALID',
    `created ${JSON.stringify(text.slice(0, 80))} is not a time like ${EPOCH}`,
    {
      hint: 'Give RFC 3339, e.g. what `git log -1 --format=%cI` prints; left out, the digest depends on the files alone.',
    },
  );
}

const encode = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

const invalid = (message: string): LandfallError =>
  new LandfallError('CONFIG_INVALID', message, { hint: 'Give --annotation name=value.' });
