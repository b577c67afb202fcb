import { HELM_CHART } from '../../oci/media-types.ts';
import { parseRepository } from '../../oci/reference.ts';
import { refusalOf } from '../schema-fields.ts';
import { labelsOf, type MappedSource, type ReadObject } from './mapped-object.ts';
import type { HelmChart, HelmRelease, HelmRepository } from './schema.ts';

/** A chart that is wanted, by a HelmRelease or a HelmChart of its own. */
export interface WantedChart extends ReadObject<HelmRelease | HelmChart> {
  readonly spec: NonNullable<HelmRelease['spec']['chart']>['spec'];
}

/** What the chart comes to: a source, or why it is none. */
export type MappedChart =
  | { readonly mapped: MappedSource }
  | { readonly because: string; readonly as: 'notice' | 'problem' };

/** The chart of a release; undefined where it takes an artifact that is watched already. */
export function chartOf(read: ReadObject<HelmRelease>): WantedChart | undefined {
  const spec = read.object.spec.chart?.spec;
  return spec === undefined ? undefined : { ...read, spec };
}

export const repositoryIdOf = ({ object, spec }: WantedChart): string =>
  `${spec.sourceRef.namespace ?? object.metadata.namespace}/${spec.sourceRef.name}`;

/** Maps a chart of a HelmRepository of type oci onto a source of the chart's versions. */
export function mapChart(
  wanted: WantedChart,
  repository: ReadObject<HelmRepository> | undefined,
): MappedChart {
  const { document, object, spec } = wanted;
  const { kind } = spec.sourceRef;
  if (kind !== 'HelmRepository')
    return { as: 'notice', because: `its chart comes from a ${kind.slice(0, 64)}` };
  const id = repositoryIdOf(wanted);
  if (repository === undefined)
    return { as: 'notice', because: `HelmRepository ${id} is not in these documents` };
  const from = repository.object.spec;
  if (from.type !== 'oci') return { as: 'notice', because: `HelmRepository ${id} is not of type oci` };
  const url = `${from.url.replace(/\/+$/, '')}/${spec.chart}`;
  const refusal = refusalOf(() => parseRepository(url));
  if (refusal !== undefined) return { as: 'problem', because: refusal.message };
  const interval = spec.interval ?? from.interval ?? object.spec.interval;
  const entry = {
    name: object.metadata.name,
    namespace: object.metadata.namespace,
    url,
    ref: { semver: spec.version },
    labels: labelsOf(object.metadata.labels),
    suspend: object.spec.suspend || from.suspend,
    layers: { mediaType: HELM_CHART },
    ...(interval !== undefined && { interval }),
    ...(from.timeout !== undefined && { timeout: from.timeout }),
  };
  const access = {
    spec: from,
    namespace: repository.object.metadata.namespace,
    document: repository.document,
  };
  const message = `${object.kind} ${entry.namespace}/${entry.name}: its chart is watched; installing it is not Landfall's`;
  const notices = object.kind === 'HelmRelease' ? [{ place: document.placeOf([]), message }] : [];
  return { mapped: { document, entry, access, notices } };
}
