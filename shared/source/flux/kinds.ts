import { isObject } from '../../kernel/json.ts';
import { printableLine } from '../../printable.ts';
import { withoutEmptyFields } from '../file/empty-fields.ts';
import { isOwnDocument } from '../file/own-document.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { nearest } from '../nearest.ts';
import { unmappedWords } from './unmapped.ts';

/** A Kubernetes object among the documents, not looked into further. */
export interface KubernetesObject {
  readonly document: YamlDocument;
  readonly apiVersion: string;
  readonly kind: string;
  /** `namespace/name`, for messages. */
  readonly id: string;
}

const MAPPED_KINDS = [
  ...(['OCIRepository', 'GitRepository', 'HelmRepository', 'HelmChart', 'HelmRelease'] as const),
  ...(['ImageRepository', 'ImagePolicy', 'Kustomization', 'Alert', 'Provider', 'Receiver'] as const),
];
export type MappedKind = (typeof MAPPED_KINDS)[number];
const isMapped = (kind: string): kind is MappedKind => MAPPED_KINDS.some((mapped) => mapped === kind);

/** Flux's other kinds, which have nothing to do with artifacts in a registry or act on what Landfall only delivers. */
const OTHER_KINDS: readonly string[] = [
  ...['Bucket', 'ExternalArtifact', 'ArtifactGenerator', 'ImageUpdateAutomation'],
];

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});

/** `namespace/name`. */
export function objectId({ value }: YamlDocument): string {
  const { namespace, name } = recordOf(recordOf(value)['metadata']);
  return `${textOf(namespace) || 'default'}/${textOf(name) ?? 'unnamed'}`;
}

const isRead = (kind: string): boolean => isMapped(kind) || kind === 'Secret';

function objectOf(document: YamlDocument): KubernetesObject {
  const value = recordOf(document.value);
  const kind = textOf(value['kind']) ?? '';
  return {
    document: isRead(kind) ? { ...document, value: withoutEmptyFields(value) } : document,
    apiVersion: textOf(value['apiVersion']) ?? '',
    kind,
    id: objectId(document),
  };
}

/** What kubectl prints for more than one object. Items of a typed list may leave their own kind out. */
function itemsOf(document: YamlDocument): readonly YamlDocument[] | undefined {
  const { kind, apiVersion, items } = recordOf(document.value);
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return undefined;
  const typed = kind === 'List' ? {} : { kind: kind.slice(0, -'List'.length), apiVersion };
  return items.map((item: unknown, at) => ({
    ...document,
    value: isObject(item) ? { ...typed, ...item } : item,
    placeOf: (path) => document.placeOf(['items', at, ...path]),
    placeOfKey: (path, key) => document.placeOfKey(['items', at, ...path], key),
    writtenAt: (path) => document.writtenAt(['items', at, ...path]),
  }));
}

/** The object of a document, or those of a list; undefined for a document of our own form. */
export function kubernetesObjects(document: YamlDocument): readonly KubernetesObject[] | undefined {
  const { value } = document;
  if (!isObject(value) || (!('kind' in value) && !('apiVersion' in value))) return undefined;
  if (isOwnDocument(value)) return undefined;
  const items = itemsOf(document);
  if (items === undefined) return [objectOf(document)];
  return items.flatMap((item) => kubernetesObjects(item) ?? [objectOf(item)]);
}

export type Classification =
  | { readonly as: MappedKind | 'Secret' }
  | { readonly as: 'notice' | 'problem'; readonly message: string };

const groupOf = (apiVersion: string): string => apiVersion.split('/', 1)[0] ?? '';

/** What is done with an object. A kind of Flux that looks like a slip of the pen is a problem, any other a notice. */
export function classify(object: KubernetesObject): Classification {
  const { apiVersion, kind } = object;
  const isFlux = groupOf(apiVersion).endsWith('toolkit.fluxcd.io');
  if (kind === '') {
    const message = 'apiVersion without a kind';
    return isFlux ? { as: 'problem', message } : { as: 'notice', message: `${message}; left out` };
  }
  if (isMapped(kind) && (isFlux || apiVersion === '')) return { as: kind };
  if (apiVersion === 'v1' && kind === 'Secret') return { as: 'Secret' };
  const near =
    isFlux && !OTHER_KINDS.includes(kind) ? nearest(kind, [...MAPPED_KINDS, ...OTHER_KINDS]) : undefined;
  if (near === undefined) return { as: 'notice', message: unmappedWords(object) };
  const shown = JSON.stringify(kind.slice(0, 64));
  const message = `unknown kind ${shown} of ${printableLine(apiVersion.slice(0, 64))}; did you mean "${near}"?`;
  return { as: 'problem', message };
}
