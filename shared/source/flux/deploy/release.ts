import { fittingRelease } from '../../../deploy/helm/release/release-name.ts';
import { isObject } from '../../../kernel/json.ts';
import type { Place } from '../../problem.ts';
import { ANOTHER_DIGEST } from '../helm.ts';
import { labelsOf, type ReadObject } from '../mapped-object.ts';
import type { Referred } from '../referred.ts';
import { type UnreadFields, unreadNotices } from '../unread.ts';
import { deployNameOf, given, type MappedDeploy } from './mapped-deploy.ts';
import type { FluxRelease } from './release-schema.ts';

type Spec = FluxRelease['spec'];

function releaseNameOf({ releaseName, targetNamespace }: Spec, name: string): string {
  if (releaseName !== undefined) return releaseName;
  return fittingRelease(targetNamespace === undefined ? name : `${targetNamespace}-${name}`);
}

const ACTIONS = ['install', 'upgrade', 'rollback', 'uninstall'] as const;

const TIMES = 'how long a whole run may take is said by timeout of the release';
const WAITS = 'what is applied is waited for, jobs too, unless disableWait is set for install and upgrade';
const FORCED = 'objects are applied by the server, as Helm 4 does, and fields of others are taken over';

const UNREAD: UnreadFields = {
  'chart.metadata': 'no HelmChart is made, which these labels and annotations would be of',
  'chart.spec.reconcileStrategy': ANOTHER_DIGEST,
  persistentClient: 'each run of helm is one of its own',
  waitStrategy: 'health is judged as by Flux (poller)',
  postRenderStrategy: 'nothing is rendered behind helm',
  'install.timeout': TIMES,
  'upgrade.timeout': TIMES,
  'test.timeout': TIMES,
  'rollback.timeout': TIMES,
  'uninstall.timeout': TIMES,
  'install.strategy': 'what failed for good is tried again once something changes',
  'upgrade.strategy': 'what failed for good is tried again once something changes',
  'install.disableWaitForJobs': WAITS,
  'upgrade.disableWaitForJobs': WAITS,
  'rollback.disableWait': WAITS,
  'rollback.disableWaitForJobs': WAITS,
  'uninstall.disableWait': 'it is waited until all is gone',
  'install.serverSideApply': FORCED,
  'upgrade.serverSideApply': FORCED,
  'rollback.serverSideApply': FORCED,
  'upgrade.force': FORCED,
  'rollback.force': FORCED,
  'rollback.recreate': 'Helm 4 knows it no more',
  'install.replace': 'a name whose release was uninstalled is used again',
  'upgrade.chartNameChangeStrategy': 'another chart is an upgrade (InPlaceUpdate)',
  'install.remediation.ignoreTestFailures': 'test.ignoreFailures is',
  'upgrade.remediation.ignoreTestFailures': 'test.ignoreFailures is',
};

/** What a release says that is done otherwise here. */
function* toldOf({
  install,
  upgrade,
  driftDetection,
}: Spec): Generator<readonly [path: string, message: string]> {
  if ((install?.disableWait ?? false) !== (upgrade?.disableWait ?? false))
    yield ['upgrade', 'disableWait of one action alone is not read: it is waited after both'];
  for (const [path, each] of [
    ['install', install],
    ['upgrade', upgrade],
  ] as const) {
    if ((each?.remediation?.retries ?? 0) !== 0)
      yield [
        `${path}.remediation.retries`,
        `retries of ${path} are not counted: a failure is taken back, and the same revision tried again once something changes`,
      ];
    if (each?.disableTakeOwnership === false)
      yield [
        `${path}.disableTakeOwnership`,
        `${path}.disableTakeOwnership is not read: objects that are there already, and no release keeps, are refused`,
      ];
  }
  if (driftDetection?.mode === 'warn')
    yield [
      'driftDetection.mode',
      'with mode: warn what changes in valuesFrom is told, too, and applied with the next revision',
    ];
}

/** Flux takes expressions here. */
const isPlain = (value: unknown): boolean => typeof value !== 'string' || /^[A-Za-z0-9.-]*$/.test(value);

function driftOf({ driftDetection }: Spec): Readonly<Record<string, unknown>> {
  const { mode = 'disabled', ignore = [] } = driftDetection ?? {};
  const objects = mode === 'disabled' ? 'release' : 'objects';
  // What is no plain name would mean something else: our own schema then refuses it by its name.
  const driftIgnore = ignore.map(({ paths, target }) => ({
    paths,
    target: isObject(target) && !Object.values(target).every(isPlain) ? 'names and no expressions' : target,
  }));
  return {
    drift: mode === 'warn' ? 'tell' : 'correct',
    driftOf: objects,
    driftIgnore: driftIgnore.map(given),
  };
}

const isRemediated = ({ install, upgrade }: Spec): boolean =>
  [install, upgrade].some((each) => {
    const { retries = 0, remediateLastFailure = false } = each?.remediation ?? {};
    return retries !== 0 || remediateLastFailure;
  });

/** Values files are of the chart, wherever that is named. */
function valuesFilesOf({ chart, chartRef }: Spec, from: string, { charts }: Referred) {
  if (chartRef === undefined) return chart?.spec;
  return from.startsWith('HelmChart ') ? charts.get(from.slice('HelmChart '.length))?.object.spec : undefined;
}

/**
 * Maps Flux's HelmRelease onto a deploy of kind helm.
 * @param from what its chart is of: `HelmRelease namespace/name` for its own, else what its chartRef names
 */
export function mapRelease(
  { document, object }: ReadObject<FluxRelease>,
  from: string,
  referred: Referred,
): MappedDeploy {
  const { metadata, spec } = object;
  const { namespace, name } = metadata;
  const { install, upgrade, rollback, uninstall, serviceAccountName } = spec;
  const id = `HelmRelease ${namespace}/${name}`;
  const files = valuesFilesOf(spec, from, referred);
  const notice = (path: string, message: string): { place: Place; message: string } => ({
    place: document.placeOf(['spec', ...path.split('.')]),
    message,
  });
  return {
    document,
    id,
    from,
    dependsOn: spec.dependsOn.map((each) => `HelmRelease ${each.namespace ?? namespace}/${each.name}`),
    entry: given({
      name: deployNameOf(id),
      kind: 'helm',
      labels: labelsOf(metadata.labels),
      interval: spec.interval,
      timeout: spec.timeout,
      suspend: spec.suspend,
      prune: true,
      rollback: isRemediated(spec) ? 'onFailure' : undefined,
      ...driftOf(spec),
      releaseName: releaseNameOf(spec, name),
      targetNamespace: spec.targetNamespace ?? namespace,
      createNamespace: install?.createNamespace,
      values: spec.values ?? undefined,
      valuesFrom: spec.valuesFrom.map((each) => ({ ...each, namespace })),
      valuesFiles: files?.valuesFiles,
      ignoreMissingValuesFiles: files?.ignoreMissingValuesFiles,
      crds: given({ install: install?.skipCRDs === true ? 'Skip' : install?.crds, upgrade: upgrade?.crds }),
      maxHistory: spec.maxHistory,
      disableHooks: ACTIONS.filter((each) => spec[each]?.disableHooks === true),
      disableSchemaValidation:
        install?.disableSchemaValidation === true || upgrade?.disableSchemaValidation === true,
      disableOpenApiValidation:
        install?.disableOpenAPIValidation === true || upgrade?.disableOpenAPIValidation === true,
      cleanupOnFail: upgrade?.cleanupOnFail === true || rollback?.cleanupOnFail === true,
      wait: !(install?.disableWait === true && upgrade?.disableWait === true),
      test: spec.test?.enable,
      ignoreTestFailures: spec.test?.ignoreFailures,
      keepHistory: uninstall?.keepHistory,
      serviceAccount: serviceAccountName && { name: serviceAccountName, namespace },
    }),
    notices: [
      ...unreadNotices(document, UNREAD),
      ...[...toldOf(spec)].map(([path, message]) => notice(path, message)),
    ],
  };
}
