import { isObject } from '../../kernel/json.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { digestOf } from '../../oci/digest.ts';
import { HELM_CONFIG } from '../../oci/media-types.ts';
import type { ManifestAnnotations, PackedConfig } from '../packed-manifest.ts';
import { type PackedManifest, packManifest } from '../packed-manifest.ts';
import type { ChartMetadata } from './chart-metadata.ts';

/** Go's encoding/json escapes what HTML would read. */
const goJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** The metadata as JSON, byte for byte as Helm has it. */
export function chartConfig({ fields }: ChartMetadata): PackedConfig {
  const bytes = Buffer.from(goJson(fields));
  return { descriptor: { mediaType: HELM_CONFIG, digest: digestOf(bytes), size: bytes.length }, bytes };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

/** `Jane (jane@example.com), Joe` */
function authorsOf(maintainers: unknown): string | undefined {
  if (!Array.isArray(maintainers)) return undefined;
  const names = maintainers.filter(isObject).map(({ name, email }) => {
    const address = textOf(email);
    return `${textOf(name) ?? ''}${address === undefined ? '' : ` (${address})`}`;
  });
  return textOf(names.join(', '));
}

const ANNOTATION = 'org.opencontainers.image.';

/**
 * As Helm annotates what it pushes: what the chart says of itself, and its own annotations, which cannot change its
 * name and version.
 * @see https://github.com/helm/helm/blob/v3.19.0/pkg/registry/util.go
 */
function annotationsOf({ name, version, fields }: ChartMetadata): Readonly<Record<string, string>> {
  const { description, home, sources, maintainers, annotations } = fields;
  const own = {
    description: textOf(description),
    url: textOf(home),
    source: textOf(Array.isArray(sources) ? sources[0] : undefined),
    authors: authorsOf(maintainers),
  };
  return {
    ...Object.fromEntries(
      Object.entries(own).flatMap(([key, value]) => (value === undefined ? [] : [[ANNOTATION + key, value]])),
    ),
    ...(isObject(annotations) && (annotations as Readonly<Record<string, string>>)),
    [`${ANNOTATION}title`]: name,
    [`${ANNOTATION}version`]: version,
  };
}

/** A chart's manifest; what is given wins over what the chart says. */
export const chartManifest = (
  metadata: ChartMetadata,
  config: PackedConfig,
  { layers, given }: { readonly layers: readonly Descriptor[]; readonly given: ManifestAnnotations },
): PackedManifest =>
  packManifest(config.descriptor, layers, {
    ...given,
    annotations: { ...annotationsOf(metadata), ...given.annotations },
  });

/** Helm's tag of a version: a tag has no `+`. */
export const chartTag = ({ version }: ChartMetadata): string => version.replaceAll('+', '_');
