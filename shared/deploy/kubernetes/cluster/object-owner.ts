import { createHash } from 'node:crypto';
import type { SourceId } from '../../../model/ids.ts';
import type { ClusterObject } from '../cluster-object.ts';
import { textAt } from '../cluster-object.ts';

/** The labels by which an object is a deploy's own. */
export interface OwnerLabels extends Readonly<Record<string, string>> {
  readonly 'landfall/deploy': string;
  /** `NAMESPACE.NAME`. */
  readonly 'landfall/source': string;
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const LABEL = 63;

/** The name itself, or its beginning and a hash where a label is too short for it. */
function labelled(name: string): string {
  if (name.length <= LABEL) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return `${name.slice(0, LABEL - hash.length - 1)}-${hash}`;
}

export const ownerLabels = ({
  name,
  source,
}: {
  readonly name: string;
  readonly source: SourceId;
}): OwnerLabels => ({
  'landfall/deploy': labelled(name),
  'landfall/source': labelled(`${source.namespace}.${source.name}`),
});

export const withOwner = (object: ClusterObject, owner: OwnerLabels): ClusterObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...owner } },
});

export const isOwnedBy = (object: unknown, owner: OwnerLabels): boolean =>
  Object.entries(owner).every(([label, value]) => textAt(object, 'metadata', 'labels', label) === value);

/** Who keeps an object beside us, in words; undefined where nobody says so. */
export function otherOwner(object: unknown, owner: OwnerLabels): string | undefined {
  const label = (name: string): string => textAt(object, 'metadata', 'labels', name);
  const release = textAt(object, 'metadata', 'annotations', 'meta.helm.sh/release-name');
  if (label('landfall/deploy') !== '' && !isOwnedBy(object, owner))
    return `deploy ${label('landfall/deploy')} of ${label('landfall/source')}`;
  const flux = label('kustomize.toolkit.fluxcd.io/name');
  if (flux !== '') return `Flux's Kustomization ${label('kustomize.toolkit.fluxcd.io/namespace')}/${flux}`;
  if (release !== '') return `release ${release} of Helm`;
  return undefined;
}
