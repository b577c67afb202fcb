import { EMPTY_FRAGMENT, type Fragment, refusedFragment } from '../fragment.ts';
import { formatPlace } from '../problem.ts';
import type { YamlDocument } from '../yaml-document.ts';
import { chartOf, mapChart, repositoryIdOf, type WantedChart } from './helm.ts';
import { type Classification, classify, type KubernetesObject } from './kinds.ts';
import { mappedFragment, type ReadObject, type ReadResult, readObject } from './mapped-object.ts';
import { mapOciRepository } from './oci-repository.ts';
import { type HelmRepository, helmChart, helmRelease, helmRepository, ociRepository } from './schema.ts';
import { collectSecrets, type FluxSecrets } from './secrets.ts';

interface Classified {
  readonly object: KubernetesObject;
  readonly classification: Classification;
}

const noticeFragment = (document: YamlDocument, message: string): Fragment => ({
  ...EMPTY_FRAGMENT,
  notices: [{ place: formatPlace(document.placeOf([])), message }],
});

const problemFragment = (document: YamlDocument, path: string, message: string): Fragment =>
  refusedFragment([{ ...document.placeOf(path.split('.')), path, message, code: 'CONFIG_INVALID' }]);

/** What objects refer to, from all documents. */
interface Referred {
  readonly secrets: FluxSecrets;
  /** By `namespace/name`. */
  readonly repositories: ReadonlyMap<string, ReadObject<HelmRepository>>;
}

const whenRead = <T>(result: ReadResult<T>, map: (read: ReadObject<T>) => Fragment): Fragment =>
  'read' in result ? map(result.read) : refusedFragment(result.problems);

function chartFragment(
  wanted: WantedChart | undefined,
  object: KubernetesObject,
  referred: Referred,
): Fragment {
  const { document, kind, id } = object;
  if (wanted === undefined) {
    return noticeFragment(
      document,
      `${kind} ${id} is not mapped: it names no chart; what its chartRef names is watched`,
    );
  }
  const chart = mapChart(wanted, referred.repositories.get(repositoryIdOf(wanted)));
  if ('mapped' in chart) return mappedFragment(chart.mapped, referred.secrets);
  if (chart.as === 'notice') return noticeFragment(document, `${kind} ${id} is not mapped: ${chart.because}`);
  return problemFragment(
    document,
    kind === 'HelmRelease' ? 'spec.chart.spec.chart' : 'spec.chart',
    chart.because,
  );
}

function readClassified({ object, classification }: Classified, referred: Referred): Fragment {
  const { document } = object;
  switch (classification.as) {
    case 'OCIRepository':
      return whenRead(readObject(ociRepository, document), (read) =>
        mappedFragment(mapOciRepository(read), referred.secrets),
      );
    case 'HelmRelease':
      return whenRead(readObject(helmRelease, document), (read) =>
        chartFragment(chartOf(read), object, referred),
      );
    case 'HelmChart':
      return whenRead(readObject(helmChart, document), (read) =>
        chartFragment({ ...read, spec: read.object.spec }, object, referred),
      );
    case 'HelmRepository':
      return whenRead(readObject(helmRepository, document), () => EMPTY_FRAGMENT);
    case 'Secret':
      return EMPTY_FRAGMENT;
    case 'notice':
      return noticeFragment(document, classification.message);
    case 'problem':
      return problemFragment(document, 'kind', classification.message);
  }
}

/** Maps Flux's objects of all documents onto the model; what they refer to may stand in any of them. */
export function readKubernetesObjects(objects: readonly KubernetesObject[]): readonly Fragment[] {
  const classified = objects.map((object) => ({ object, classification: classify(object) }));
  const documentsOf = (kind: Classification['as']): readonly YamlDocument[] =>
    classified
      .filter(({ classification }) => classification.as === kind)
      .map(({ object }) => object.document);
  const repositories = documentsOf('HelmRepository').flatMap((document) => {
    const result = readObject(helmRepository, document);
    if (!('read' in result)) return [];
    const { namespace, name } = result.read.object.metadata;
    return [[`${namespace}/${name}`, result.read] as const];
  });
  const secrets = collectSecrets(documentsOf('Secret'));
  const referred: Referred = { secrets, repositories: new Map(repositories) };
  const fragments = classified.map((each) => readClassified(each, referred));
  return [...fragments, { ...EMPTY_FRAGMENT, notices: secrets.notices }];
}
