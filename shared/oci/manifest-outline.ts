import { isObject, type JsonObject, parseObject } from '../kernel/json.ts';
import type { Annotations } from './manifest.ts';
import { holds, mediaTypeOf } from './media-type-of.ts';
import { OCI_EMPTY } from './media-types.ts';
import { isAttestation } from './referrer.ts';

/** What is told of a manifest that is followed and not unpacked. */
export interface Outline {
  readonly mediaType: string;
  /** Its own, else that of its config; undefined for neither. */
  readonly artifactType: string | undefined;
  readonly annotations: Annotations;
  /** It says that it is about another manifest, or lists nothing but such. */
  readonly about: 'subject' | 'referrers' | undefined;
}

const KEYS = ['schemaVersion', 'mediaType', 'config', 'layers', 'manifests', 'blobs', 'fsLayers'];

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function annotationsOf({ annotations }: JsonObject): Annotations {
  const entries = isObject(annotations) ? Object.entries(annotations) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema */
function isReferrer(child: unknown): boolean {
  if (!isObject(child)) return false;
  if (isAttestation({ annotations: annotationsOf(child) })) return true;
  return textOf(child['artifactType']) !== undefined && !holds(child, 'platform');
}

function aboutOf(document: JsonObject): Outline['about'] {
  if (holds(document, 'subject')) return 'subject';
  const { manifests } = document;
  return Array.isArray(manifests) && manifests.length > 0 && manifests.every(isReferrer)
    ? 'referrers'
    : undefined;
}

/**
 * Reads what there is to tell of a manifest, and refuses nothing: its digest is proven, and whoever pulls it reads
 * the rest. What cannot be read counts as absent. Undefined where the bytes are no manifest of any kind.
 */
export function readOutline(bytes: Uint8Array, contentType?: string): Outline | undefined {
  const document = parseObject(bytes);
  if (document === undefined || !KEYS.some((key) => key in document)) return undefined;
  const config = isObject(document['config']) ? textOf(document['config']['mediaType']) : undefined;
  return {
    mediaType: mediaTypeOf(document, contentType),
    artifactType: textOf(document['artifactType']) ?? (config === OCI_EMPTY ? undefined : config),
    annotations: annotationsOf(document),
    about: aboutOf(document),
  };
}
