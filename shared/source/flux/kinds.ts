import { nearest } from '../nearest.ts';
import type { YamlDocument } from '../yaml-document.ts';

/** A Kubernetes object among the documents, not looked into further. */
export interface KubernetesObject {
  readonly document: YamlDocument;
  readonly apiVersion: string;
  readonly kind: string;
  /** `namespace/name`, for messages. */
  readonly id: string;
}

const MAPPED_KINDS = ['OCIRepository', 'HelmRepository', 'HelmChart', 'HelmRelease'] as const;
export type MappedKind = (typeof MAPPED_KINDS)[number];

/** Flux's other kinds, which have nothing to do with artifacts in a registry or act on what Landfall only delivers. */
const OTHER_KINDS: readonly string[] = [
  ...['Kustomization', 'GitRepository', 'Bucket', 'ExternalArtifact', 'ArtifactGenerator', 'ImageRepository'],
  ...['ImagePolicy', 'ImageUpdateAutomation', 'Alert', 'Provider', 'Receiver'],
];

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};

/** Undefined for a document of our own form. */
export function kubernetesObject(document: YamlDocument): KubernetesObject | undefined {
  const value = recordOf(document.value);
  if (!('kind' in value) && !('apiVersion' in value)) return undefined;
  const metadata = recordOf(value['metadata']);
  return {
    document,
    apiVersion: textOf(value['apiVersion']) ?? '',
    kind: textOf(value['kind']) ?? '',
    id: `${textOf(metadata['namespace']) ?? 'default'}/${textOf(metadata['name']) ?? 'unnamed'}`,
  };
}

export type Classification =
  | { readonly as: MappedKind | 'Secret' }
  | { readonly as: 'notice' | 'problem'; readonly message: string };

const isMapped = (kind: string): kind is MappedKind => MAPPED_KINDS.some((mapped) => mapped === kind);

/** What is done with an object. A kind that looks like a slip of the pen is a problem, a foreign one a notice. */
export function classify({ apiVersion, kind, id }: KubernetesObject): Classification {
  const shown = JSON.stringify(kind.slice(0, 64));
  if (kind === '') return { as: 'problem', message: 'apiVersion without a kind' };
  if (isMapped(kind)) return { as: kind };
  if (apiVersion === '') return { as: 'problem', message: `kind ${shown} without an apiVersion` };
  if (apiVersion === 'v1' && kind === 'Secret') return { as: 'Secret' };
  const isFlux = (apiVersion.split('/', 1)[0] ?? '').endsWith('toolkit.fluxcd.io');
  if (isFlux && !OTHER_KINDS.includes(kind)) {
    const near = nearest(kind, [...MAPPED_KINDS, ...OTHER_KINDS]);
    const meant = near === undefined ? '' : `; did you mean "${near}"?`;
    return { as: 'problem', message: `unknown kind ${shown} of ${apiVersion.slice(0, 64)}${meant}` };
  }
  return {
    as: 'notice',
    message: `${kind.slice(0, 64)} ${id} is not mapped: it says nothing to watch in a registry`,
  };
}
