import { isObject } from '../../kernel/json.ts';
import { looksLikeHost } from '../../oci/host.ts';
import { HELM_CHART } from '../../oci/media-types.ts';
import { parseRepository } from '../../oci/reference.ts';
import { parseVersion } from '../../resolve/version.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { hostNote } from '../landfall-document.ts';
import { refusalOf } from '../schema/schema-fields.ts';
import { labelsOf, type MappedSource, type ReadObject } from './mapped-object.ts';
import type { HelmChart, HelmRelease, HelmRepository } from './schema.ts';
import { COMPOSED_ELSEWHERE, type UnreadFields, unreadNotices } from './unread.ts';

/** A chart that is wanted, by a HelmRelease or a HelmChart of its own. */
export interface WantedChart extends ReadObject<HelmRelease | HelmChart> {
  readonly spec: NonNullable<HelmRelease['spec']['chart']>['spec'];
}

/** The chart of a release; undefined where it takes an artifact that is watched already. */
export function chartOf(read: ReadObject<HelmRelease>): WantedChart | undefined {
  const spec = read.object.spec.chart?.spec;
  return spec === undefined ? undefined : { ...read, spec };
}

/** Where a chart comes from, as far as a document says it that may be but a part of one. */
export type ChartOrigin = { readonly id: string } | { readonly because: string };

const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});
const shown = (value: unknown): string => String(value).slice(0, 64);

/** `namespace/name` of the HelmRepository a chart comes from, or why there is none. */
export function chartOriginOf({ value }: YamlDocument, kind: 'HelmRelease' | 'HelmChart'): ChartOrigin {
  const { metadata, spec } = recordOf(value);
  const { chart, chartRef } = recordOf(spec);
  if (kind === 'HelmRelease' && chart === undefined) {
    if (chartRef === undefined) return { because: 'it names no chart, as a patch of another document' };
    return { because: 'it names no chart; what its chartRef names is watched' };
  }
  const wanted = kind === 'HelmChart' ? recordOf(spec) : recordOf(recordOf(chart)['spec']);
  const { namespace = recordOf(metadata)['namespace'] ?? 'default', ...from } = recordOf(wanted['sourceRef']);
  if (typeof wanted['chart'] !== 'string' || typeof from['name'] !== 'string')
    return { because: 'it names no chart, as a patch of another document' };
  if (from['kind'] !== 'HelmRepository') return { because: `its chart comes from a ${shown(from['kind'])}` };
  return { id: `${shown(namespace)}/${from['name'].slice(0, 253)}` };
}

/**
 * A version that names one chart is its tag, and nothing is listed for it: Helm writes `+` as `_`. All else is a range.
 * @see https://github.com/fluxcd/source-controller/blob/39b711b1/internal/helm/repository/oci_chart_repository.go#L160
 */
const chartRefOf = (version: string): Readonly<Record<string, string>> =>
  parseVersion(version) === undefined
    ? { semver: version === '' ? '*' : version }
    : { tag: version.replaceAll('+', '_') };

/** Of `reconcileStrategy`. */
export const ANOTHER_DIGEST =
  'a chart of the same version with another digest is another revision (Revision)';

const UNREAD: UnreadFields = { reconcileStrategy: ANOTHER_DIGEST, accessFrom: COMPOSED_ELSEWHERE };

/** What a HelmRepository of type oci says, and none of its charts can have. */
export const UNREAD_OF_REPOSITORY: UnreadFields = {
  passCredentials: 'a credential goes to its own registry alone',
  accessFrom: COMPOSED_ELSEWHERE,
};

/** Maps a chart of a HelmRepository of type oci onto a source of the chart's versions; or says why it is none. */
export function mapChart(
  { document, object, spec }: WantedChart,
  repository: ReadObject<HelmRepository>,
): MappedSource | string {
  const from = repository.object.spec;
  const url = `${from.url.replace(/\/+$/, '')}/${spec.chart}`;
  const refusal = refusalOf(() => parseRepository(url));
  if (refusal !== undefined) return refusal.message;
  const interval = spec.interval ?? from.interval ?? object.spec.interval;
  const { namespace, name, labels } = object.metadata;
  const at = parseRepository(url);
  return {
    document,
    kind: object.kind,
    namespace,
    name,
    entry: {
      url,
      ref: chartRefOf(spec.version),
      labels: labelsOf(labels),
      suspend: object.spec.suspend || from.suspend,
      layers: { mediaType: HELM_CHART },
      ...(interval !== undefined && { interval }),
      ...(from.timeout !== undefined && { timeout: from.timeout }),
    },
    ...(spec.verify !== undefined && { verify: { spec: spec.verify, namespace, document } }),
    access: {
      spec: from,
      namespace: repository.object.metadata.namespace,
      document: repository.document,
    },
    notices: [
      ...(object.kind === 'HelmChart' ? unreadNotices(document, UNREAD) : []),
      ...(looksLikeHost(at.registry)
        ? []
        : [{ place: repository.document.placeOf(['spec', 'url']), message: hostNote(at) }]),
    ],
  };
}
