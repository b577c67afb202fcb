import type { Digest } from '../oci/digest.ts';

/** Who a source is: unique in the store. */
export interface SourceId {
  readonly namespace: string;
  readonly name: string;
}

/** One unpacked form of a manifest. `variant` names the unpack options: see unpack/variant.ts. */
export interface ArtifactId {
  readonly digest: Digest;
  readonly variant: string;
}

/** `namespace/name` of what a document calls a source: a name alone is one of the namespace `default`. */
export const qualifiedSource = (text: string): string => (text.includes('/') ? text : `default/${text}`);

export const formatSourceId = ({ namespace, name }: SourceId): string => `${namespace}/${name}`;
