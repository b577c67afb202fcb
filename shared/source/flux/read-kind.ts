import { isObject } from '../../kernel/json.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import type { Problem } from '../problem.ts';
import { mapKustomization } from './deploy/kustomization.ts';
import { fluxKustomization } from './deploy/kustomization-schema.ts';
import { mapRelease } from './deploy/release.ts';
import { fluxRelease } from './deploy/release-schema.ts';
import { chartOf, chartOriginOf, mapChart, type WantedChart } from './helm.ts';
import { imageRepositoryIdOf, mapImagePolicy } from './image.ts';
import type { KubernetesObject, MappedKind } from './kinds.ts';
import { idIn, readObject } from './mapped-object.ts';
import { fluxAlert, mapAlert } from './notify/alert.ts';
import { fluxProvider } from './notify/notify-provider.ts';
import { readHelmRepository, readImageRepository } from './objects/named-repositories.ts';
import {
  isOld,
  isPatch,
  NOTHING,
  notice,
  type Outcome,
  objectSpec,
  patchNotice,
  refusedOutcome,
  sourceOutcome,
  textIn,
} from './objects/outcome.ts';
import { mapGitRepository, mapOciRepository } from './oci-repository.ts';
import { fluxReceiver } from './receiver/flux-receiver.ts';
import type { Referred } from './referred.ts';
import { gitRepository, helmChart, helmRelease, imagePolicy, ociRepository } from './schema.ts';
import { unmappedWords } from './unmapped.ts';

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

/** What is wrong where an object names another that is refused. */
const refusedName = ({ document }: KubernetesObject, path: string, message: string): Problem => ({
  ...document.placeOf(path.split('.')),
  path,
  message,
  code: 'CONFIG_INVALID',
});

/** Only a chart from a registry is ours: what is wrong with any other is not ours to judge. */
function readChart(
  object: KubernetesObject,
  kind: 'HelmRelease' | 'HelmChart',
  { repositories, refused: refusedNames }: Referred,
): Outcome {
  const { document, id, apiVersion } = object;
  const not = (because: string): Outcome => notice(`${kind} ${id} is not mapped: ${because}`);
  const origin = chartOriginOf(document, kind);
  if ('because' in origin) return not(origin.because);
  const repository = repositories.get(origin.id);
  const because = refusedNames.get(`HelmRepository ${origin.id}`);
  if (repository === undefined && because === undefined)
    return not(`HelmRepository ${origin.id} is not in these documents`);
  if (repository !== undefined && repository.object.spec.type !== 'oci')
    return not(`HelmRepository ${origin.id} is not of type oci`);
  const wanted = wantedChart(document, kind);
  if (wanted === undefined) return not('it names no chart');
  if (!('spec' in wanted))
    return isOld(wanted)
      ? not(`apiVersion ${JSON.stringify(apiVersion.slice(0, 64))} is not read`)
      : refusedOutcome(object, wanted);
  if (repository === undefined || because !== undefined) {
    const at = kind === 'HelmRelease' ? 'spec.chart.spec.sourceRef' : 'spec.sourceRef';
    return refusedOutcome(object, [refusedName(object, at, `HelmRepository ${origin.id} ${because}`)]);
  }
  const mapped = mapChart(wanted, repository);
  if (typeof mapped !== 'string') return sourceOutcome(mapped);
  const path = kind === 'HelmRelease' ? 'spec.chart.spec.chart' : 'spec.chart';
  return refusedOutcome(object, [
    { ...document.placeOf(path.split('.')), path, message: mapped, code: 'CONFIG_INVALID' },
  ]);
}

function readOciRepository(object: KubernetesObject): Outcome {
  const { document } = object;
  if (isPatch(document, 'url', 'interval')) return patchNotice(object);
  const result = readObject(ociRepository, document);
  return 'read' in result
    ? sourceOutcome(mapOciRepository(result.read))
    : refusedOutcome(object, result.problems);
}

function readGitRepository(object: KubernetesObject): Outcome {
  const { document } = object;
  if (!textIn(objectSpec(document)['url']).toLowerCase().startsWith('oci://'))
    return notice(unmappedWords(object));
  const result = readObject(gitRepository, document);
  return 'read' in result
    ? sourceOutcome(mapGitRepository(result.read))
    : refusedOutcome(object, result.problems);
}

function readImagePolicy(object: KubernetesObject, { images, refused: refusedNames }: Referred): Outcome {
  const { document, id } = object;
  if (isPatch(document, 'imageRepositoryRef')) return patchNotice(object);
  const result = readObject(imagePolicy, document);
  if (!('read' in result)) return refusedOutcome(object, result.problems);
  const from = imageRepositoryIdOf(result.read);
  const because = refusedNames.get(`ImageRepository ${from}`);
  if (because !== undefined)
    return refusedOutcome(object, [
      refusedName(object, 'spec.imageRepositoryRef', `ImageRepository ${from} ${because}`),
    ]);
  const repository = images.get(from);
  if (repository !== undefined) return sourceOutcome(mapImagePolicy(result.read, repository));
  return notice(
    `ImagePolicy ${id} is not mapped: it chooses among the tags of ImageRepository ${from}, which is not in these documents`,
  );
}

/** Only what comes from a registry is ours: what is wrong with any other is not ours to judge. */
function readKustomization(object: KubernetesObject): Outcome {
  const { document, id } = object;
  const { sourceRef } = objectSpec(document);
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
  const { chart, chartRef } = objectSpec(document);
  const watched = readChart(object, 'HelmRelease', referred);
  const isWatched = watched.as === 'source';
  // What it deploys stalls, so that what was deployed of it stays as it was.
  if (watched.as === 'refused')
    return [
      watched,
      { as: 'refusedDeploy', id: `HelmRelease ${id}`, from: `HelmRelease ${id}`, problems: [] },
    ];
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
