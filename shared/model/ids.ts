import type { Digest } from '../oci/digest.ts';

/** Who a source is: unique in the store. */
export interface SourceId {
  readonly namespace: string;
  readonly name: string;
}

/** Of a name, whatever it names. */
export const NAME_CHARACTERS = 63;
/** Or of one part of what it names: `site.base`, `podinfo.eu`. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)?$/;

/** Whether a text is a source's name: as a document has it, or of a part of one that has a url of its own (`site.base`). */
export const isSourceName = (text: string): boolean => text.length <= NAME_CHARACTERS && NAME.test(text);

/** Whether a text may be the name of a namespace, or of a source of a document. */
export const isName = (text: string): boolean => isSourceName(text) && !text.includes('.');

/** Whether a text is a deploy's name: as a document has it, or of one of its clusters (`podinfo.eu`), each as long as it may be. */
export const isDeployName = (text: string): boolean => NAME.test(text);

/** Whether a source is there only for another to be composed of: no document can call one so. */
export const isPartOfSource = ({ name }: Pick<SourceId, 'name'>): boolean => name.includes('.');

/** One unpacked form of a manifest. `variant` names the unpack options: see unpack/variant.ts. */
export interface ArtifactId {
  readonly digest: Digest;
  readonly variant: string;
}

/** `namespace/name` of what a document calls a source: a name alone is one of the namespace `default`. */
export const qualifiedSource = (text: string): string => (text.includes('/') ? text : `default/${text}`);

/** The other way round of {@link formatSourceId}. */
export function parseQualified(id: string): SourceId {
  const [namespace = '', name = ''] = id.split('/');
  return { namespace, name };
}

export const formatSourceId = ({ namespace, name }: SourceId): string => `${namespace}/${name}`;
