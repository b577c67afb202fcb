import { isObject } from '../../kernel/json.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { EMPTY_FRAGMENT, type Fragment } from '../fragment.ts';
import { formatPlace, type Problem } from '../problem.ts';
import { mapKustomization } from './deploy/kustomization.ts';
import { fluxKustomization } from './deploy/kustomization-schema.ts';
import type { MappedDeploy } from './deploy/mapped-deploy.ts';
import { mapRelease } from './deploy/release.ts';
import { fluxRelease } from './deploy/release-schema.ts';
import { chartOf, chartOriginOf, mapChart, UNREAD_OF_REPOSITORY, type WantedChart } from './helm.ts';
import { imageRepositoryIdOf, mapImagePolicy, UNREAD_OF_IMAGES } from './image.ts';
import type { KubernetesObject, MappedKind } from './kinds.ts';
import { idIn, type MappedSource, type ReadObject, type RefusedObject, readObject } from './mapped-object.ts';
import { fluxAlert, mapAlert } from './notify/alert.ts';
import { fluxProvider } from './notify/notify-provider.ts';
import { mapGitRepository, mapOciRepository } from './oci-repository.ts';
import { type FluxReceiver, fluxReceiver } from './receiver/flux-receiver.ts';
import type { Referred } from './referred.ts';
import {
  gitRepository,
  helmChart,
  helmRelease,
  helmRepository,
  imagePolicy,
  imageRepository,
  ociRepository,
} from './schema.ts';
import { unmappedWords } from './unmapped.ts';
import { type UnreadFields, unreadNotices } from './unread.ts';

/** What an object comes to. Problems without a source are its file's. */
export type Outcome =
  | { readonly as: 'source'; readonly mapped: MappedSource }
  | { readonly as: 'deploy'; readonly mapped: MappedDeploy }
  | { readonly as: 'receiver'; readonly read: ReadObject<FluxReceiver> }
  | { readonly as: 'fragment'; readonly fragment: Fragment }
  | {
      readonly as: 'refusedDeploy';
      readonly id: string;
      readonly from: string;
      readonly problems: readonly Problem[];
    }
  | { readonly as: 'refused'; readonly refused: RefusedObject }
  | { readonly as: 'notice'; readonly message: string }
  | { readonly as: 'problems'; readonly problems: readonly Problem[] }
  | { readonly as: 'nothing' };

const NOTHING: Outcome = { as: 'nothing' };
const notice = (message: string): Outcome => ({ as: 'notice', message });
/** What is read for others: it comes to nothing itself. */
function forOthers(document: YamlDocument, unread: UnreadFields): Outcome {
  const notices = unreadNotices(document, unread).map(({ place, message }) => ({
    place: formatPlace(place),
    message,
  }));
  return { as: 'fragment', fragment: { ...EMPTY_FRAGMENT, notices } };
}
const source = (mapped: MappedSource): Outcome => ({ as: 'source', mapped });

const refused = ({ document, kind }: KubernetesObject, problems: readonly Problem[]): Outcome => ({
  as: 'refused',
  refused: { document, kind, ...idIn(document), problems },
});

const specOf = ({ value }: YamlDocument): Readonly<Record<string, unknown>> => {
  const spec = isObject(value) ? value['spec'] : undefined;
  return isObject(spec) ? spec : {};
};

/** A Kustomize patch has what it changes, and nothing else that is required. */
const isPatch = (document: YamlDocument, ...required: readonly string[]): boolean =>
  document.found && required.every((key) => specOf(document)[key] === undefined);

const patchOf = ({ kind, id }: KubernetesObject): Outcome =>
  notice(`${kind} ${id} is not mapped: it names no registry, as a patch of another document`);

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Whether a release or chart is of an API version that is read; one of long ago is left to who still has it. */
const isOld = (problems: readonly Problem[]): boolean => problems.some(({ path }) => path === 'apiVersion');

function wantedChart(
  document: YamlDocument,
  kind: 'HelmRelease' | 'HelmChart',
): WantedChart | undefined | readonly Problem[] {
  if (kind === 'HelmRelease') {
    const result = readObject(helmRelease, document);
    return 'read' in result ? chartOf(result.read) : result.problems;
  }
  const result = readObject(helmChart, document);
  return 'read' in result ? { ...result.read, spec: result.read.object.spec } : result.problems;
}

/** Only a chart from a registry is ours: what is wrong with any other is not ours to judge. */
function readChart(
  object: KubernetesObject,
  kind: 'HelmRelease' | 'HelmChart',
  { repositories }: Referred,
): Outcome {
  const { document, id, apiVersion } = object;
  const not = (because: string): Outcome => notice(`${kind} ${id} is not mapped: ${because}`);
  const origin = chartOriginOf(document, kind);
  if ('because' in origin) return not(origin.because);
  const repository = repositories.get(origin.id);
  if (repository === undefined) return not(`HelmRepository ${origin.id} is not in these documents`);
  if (repository.object.spec.type !== 'oci') return not(`HelmRepository ${origin.id} is not of type oci`);
  const wanted = wantedChart(document, kind);
  if (wanted === undefined) return not('it names no chart');
  if (!('spec' in wanted))
    return isOld(wanted)
      ? not(`apiVersion ${JSON.stringify(apiVersion.slice(0, 64))} is not read`)
      : refused(object, wanted);
  const mapped = mapChart(wanted, repository);
  if (typeof mapped !== 'string') return source(mapped);
  const path = kind === 'HelmRelease' ? 'spec.chart.spec.chart' : 'spec.chart';
  return refused(object, [
    { ...document.placeOf(path.split('.')), path, message: mapped, code: 'CONFIG_INVALID' },
  ]);
}

function readHelmRepository(object: KubernetesObject): Outcome {
  const { document, id } = object;
  const { type, url } = specOf(document);
  const result = readObject(helmRepository, document);
  const isOci = textIn(url).toLowerCase().startsWith('oci://');
  if (isOci && type !== 'oci')
    return notice(
      `HelmRepository ${id} is not mapped: it has an oci:// url and is not of type oci; write type: oci`,
    );
  if ('read' in result) return type === 'oci' ? forOthers(document, UNREAD_OF_REPOSITORY) : NOTHING;
  if (type !== 'oci' || isPatch(document, 'url') || isOld(result.problems))
    return notice(
      `HelmRepository ${id} is not mapped: ${result.problems[0]?.message ?? 'it cannot be read'}`,
    );
  return { as: 'problems', problems: result.problems };
}

function readOciRepository(object: KubernetesObject): Outcome {
  const { document } = object;
  if (isPatch(document, 'url', 'interval')) return patchOf(object);
  const result = readObject(ociRepository, document);
  return 'read' in result ? source(mapOciRepository(result.read)) : refused(object, result.problems);
}

function readGitRepository(object: KubernetesObject): Outcome {
  const { document } = object;
  if (!textIn(specOf(document)['url']).toLowerCase().startsWith('oci://'))
    return notice(unmappedWords(object));
  const result = readObject(gitRepository, document);
  return 'read' in result ? source(mapGitRepository(result.read)) : refused(object, result.problems);
}

function readImageRepository(object: KubernetesObject): Outcome {
  const { document } = object;
  if (isPatch(document, 'image')) return patchOf(object);
  const result = readObject(imageRepository, document);
  return 'read' in result
    ? forOthers(document, UNREAD_OF_IMAGES)
    : { as: 'problems', problems: result.problems };
}

function readImagePolicy(object: KubernetesObject, { images }: Referred): Outcome {
  const { document, id } = object;
  if (isPatch(document, 'imageRepositoryRef')) return patchOf(object);
  const result = readObject(imagePolicy, document);
  if (!('read' in result)) return refused(object, result.problems);
  const from = imageRepositoryIdOf(result.read);
  const repository = images.get(from);
  if (repository !== undefined) return source(mapImagePolicy(result.read, repository));
  return notice(
    `ImagePolicy ${id} is not mapped: it chooses among the tags of ImageRepository ${from}, which is not in these documents`,
  );
}

/** Only what comes from a registry is ours: what is wrong with any other is not ours to judge. */
function readKustomization(object: KubernetesObject): Outcome {
  const { document, id } = object;
  const { sourceRef } = specOf(document);
  const { kind, name, namespace } = isObject(sourceRef) ? sourceRef : {};
  if (typeof name !== 'string' || typeof kind !== 'string')
    return notice(`Kustomization ${id} is not mapped: it names no source, as a patch of another document`);
  const result = readObject(fluxKustomization, document);
  if ('read' in result) return { as: 'deploy', mapped: mapKustomization(result.read) };
  const from = `${kind} ${typeof namespace === 'string' ? namespace : idIn(document).namespace}/${name}`;
  return { as: 'refusedDeploy', id: `Kustomization ${id}`, from, problems: result.problems };
}

const isNamed = (value: unknown): value is { readonly kind: string; readonly name: string } =>
  isObject(value) && typeof value['kind'] === 'string' && typeof value['name'] === 'string';

/** A release is a source of its chart's versions, where it names one, and a deploy. */
function readRelease(object: KubernetesObject, referred: Referred): readonly Outcome[] {
  const { document, id } = object;
  const { chart, chartRef } = specOf(document);
  const watched = readChart(object, 'HelmRelease', referred);
  const isWatched = watched.as === 'source';
  if (!isWatched && (chart !== undefined || !isNamed(chartRef))) return [watched];
  const {
    namespace = idIn(document).namespace,
    ...ref
  }: { namespace?: unknown; kind?: string; name?: string } = isNamed(chartRef) ? chartRef : {};
  const from = isWatched ? `HelmRelease ${id}` : `${ref.kind} ${String(namespace)}/${ref.name}`;
  const result = readObject(fluxRelease, document);
  const deploy: Outcome =
    'read' in result
      ? { as: 'deploy', mapped: mapRelease(result.read, from, referred) }
      : { as: 'refusedDeploy', id: `HelmRelease ${id}`, from, problems: result.problems };
  return isWatched ? [watched, deploy] : [deploy];
}

/** Whom somebody wants told is nothing that stops a source: what cannot be read of it is a notice. */
function readNotification(object: KubernetesObject, kind: 'Alert' | 'Provider', referred: Referred): Outcome {
  const { document, id } = object;
  const not = (problems: readonly Problem[]): Outcome =>
    notice(`${kind} ${id} is not mapped: ${problems[0]?.path}: ${problems[0]?.message}`);
  if (kind === 'Provider') {
    const result = readObject(fluxProvider, document);
    return 'read' in result ? NOTHING : not(result.problems);
  }
  const result = readObject(fluxAlert, document);
  return 'read' in result
    ? { as: 'fragment', fragment: mapAlert(result.read, referred) }
    : not(result.problems);
}

/** Which sources a webhook looks at shows once all sources are there. */
function readReceiver({ document, id }: KubernetesObject): Outcome {
  const result = readObject(fluxReceiver, document);
  if ('read' in result) return { as: 'receiver', read: result.read };
  const [first] = result.problems;
  return notice(`Receiver ${id} is not mapped: ${first?.path}: ${first?.message}`);
}

/** Reads an object of a kind that is mapped. */
export const readKind = (
  kind: MappedKind,
  object: KubernetesObject,
  referred: Referred,
): readonly Outcome[] =>
  kind === 'HelmRelease' ? readRelease(object, referred) : [readOne(kind, object, referred)];

function readOne(
  kind: Exclude<MappedKind, 'HelmRelease'>,
  object: KubernetesObject,
  referred: Referred,
): Outcome {
  switch (kind) {
    case 'OCIRepository':
      return readOciRepository(object);
    case 'GitRepository':
      return readGitRepository(object);
    case 'HelmChart':
      return readChart(object, kind, referred);
    case 'HelmRepository':
      return readHelmRepository(object);
    case 'ImageRepository':
      return readImageRepository(object);
    case 'ImagePolicy':
      return readImagePolicy(object, referred);
    case 'Kustomization':
      return readKustomization(object);
    case 'Alert':
    case 'Provider':
      return readNotification(object, kind, referred);
    case 'Receiver':
      return readReceiver(object);
  }
}
