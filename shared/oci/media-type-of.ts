import type { JsonObject } from '../kernel/json.ts';
import { essenceOf, isIndexType, MANIFEST_TYPES, OCI_INDEX, OCI_MANIFEST } from './media-types.ts';

/** Null is absence, as Go writes it. */
export const holds = (document: JsonObject, key: string): boolean => document[key] != null;

/**
 * The media type of a manifest: what the document says, whatever it was sent as. Helm leaves it out; then its shape
 * says whether it is an index, and the Content-Type which kind of either.
 */
export function mediaTypeOf(document: JsonObject, contentType: string | undefined): string {
  const own = document['mediaType'];
  if (typeof own === 'string' && own !== '') return own;
  const sent = contentType === undefined ? '' : essenceOf(contentType);
  const known = MANIFEST_TYPES.includes(sent) ? sent : undefined;
  const isManifest = holds(document, 'config') || holds(document, 'layers');
  if (isManifest) return known !== undefined && !isIndexType(known) ? known : OCI_MANIFEST;
  if (holds(document, 'manifests')) return known !== undefined && isIndexType(known) ? known : OCI_INDEX;
  return known ?? ('manifests' in document ? OCI_INDEX : OCI_MANIFEST);
}
