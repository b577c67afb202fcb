import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HELM_RUN_MS } from '../../limits.ts';
import { type ChartFiles, stageChart } from './chart/chart-files.ts';
import { formatValues } from './chart/values.ts';
import type { WantedRelease } from './chart/wanted-release.ts';
import type { HelmSettings } from './helm-settings.ts';
import type { HelmVisit, ReleaseVisit } from './helm-visit.ts';
import type { Helm } from './program/helm.ts';
import { helmFailure } from './program/helm-failure.ts';
import { DIGEST_LABEL, HOOKS_LABEL, type ReleasePlace } from './release/release-history.ts';

/** helm's own limit for each of its waits: it ends before it is ended, and says why. */
const TIMEOUT = `${HELM_RUN_MS / 1000 - 5}s`;

const placeFlags = ({ name, namespace }: ReleasePlace): readonly string[] => [name, '--namespace', namespace];

/** Fields that somebody else set are taken over, as by every deploy into a cluster. Helm 3 knows no other way. */
const applyFlags = ({ major }: Helm): readonly string[] =>
  major < 4 ? [] : ['--server-side=true', '--force-conflicts'];

type Action = HelmSettings['disableHooks'][number];

const hookFlags = (action: Action, { context }: ReleaseVisit): readonly string[] =>
  flag(context.settings.disableHooks.includes(action), '--no-hooks');

const flag = (isSet: boolean, name: string): readonly string[] => (isSet ? [name] : []);

/** @throws LandfallError where it does not end well */
async function run(what: string, args: readonly string[], helm: Helm): Promise<string> {
  const end = await helm.run(args);
  if (end.code !== 0 || end.isOverdue) throw helmFailure(what, end);
  return end.stdout;
}

const staged = new WeakMap<Helm, Promise<string>>();

/** Once a visit. */
function chartPath(chart: ChartFiles, helm: Helm, { context }: HelmVisit): Promise<string> {
  const { artifact, signal } = context;
  const path = staged.get(helm) ?? stageChart(chart, artifact, { folder: helm.folder, signal });
  staged.set(helm, path);
  return path;
}

interface UpgradeOptions {
  /** Those after it are run later, and are told by a label until they have ended. */
  readonly isWithoutHooks?: boolean;
}

async function upgradeArgs(
  { chart, values, defaults, digest }: WantedRelease,
  action: Extract<Action, 'install' | 'upgrade'>,
  helm: Helm,
  { visit, isWithoutHooks = false }: UpgradeOptions & { readonly visit: HelmVisit },
): Promise<readonly string[]> {
  const { settings } = visit.context;
  const file = join(helm.folder, 'values.json');
  await writeFile(file, formatValues(values), { mode: 0o600 });
  const path = await chartPath(chart, helm, visit);
  if (defaults !== undefined) await writeFile(join(path, 'values.yaml'), formatValues(defaults));
  // helm hands labels on to the next revision: each says it anew.
  const hooks = isWithoutHooks ? 'pending' : 'done';
  const labels = Object.entries({ ...visit.owner, [DIGEST_LABEL]: digest, [HOOKS_LABEL]: hooks });
  const [name, ...flags] = placeFlags(visit.history.place);
  return [
    ...['upgrade', name ?? '', path, '--install', ...flags],
    ...['--values', file, '--reset-values', '--skip-crds', '--timeout', TIMEOUT],
    ...['--history-max', String(settings.maxHistory)],
    ...['--labels', labels.map(([key, value]) => `${key}=${value}`).join(',')],
    ...applyFlags(helm),
    ...hookFlags(action, visit),
    ...flag(settings.disableSchemaValidation, '--skip-schema-validation'),
    ...flag(settings.disableOpenApiValidation, '--disable-openapi-validation'),
    ...flag(settings.cleanupOnFail, '--cleanup-on-fail'),
    ...flag(settings.takeOver, '--take-ownership'),
  ];
}

/** Installs or upgrades; what becomes of its objects is looked at later. @throws LandfallError */
export async function upgradeRelease(
  wanted: WantedRelease,
  action: 'install' | 'upgrade',
  visit: HelmVisit,
  { isWithoutHooks = false }: UpgradeOptions = {},
): Promise<void> {
  const helm = await visit.helm();
  const args = await upgradeArgs(wanted, action, helm, { visit, isWithoutHooks });
  await run(
    `helm ${action} of ${visit.history.shown}`,
    [...args, ...flag(isWithoutHooks, '--no-hooks')],
    helm,
  );
}

/** Helm's JSON of the release as it would be. @throws LandfallError */
export async function renderRelease(
  wanted: WantedRelease,
  action: 'install' | 'upgrade',
  visit: HelmVisit,
): Promise<string> {
  const helm = await visit.helm();
  const args = [
    ...(await upgradeArgs(wanted, action, helm, { visit })),
    '--dry-run=server',
    '--output',
    'json',
  ];
  return run(`helm ${action} of ${visit.history.shown}, as a dry run,`, args, helm);
}

/** The chart's definitions and those of its dependencies, as a stream of YAML documents. @throws LandfallError */
export async function chartDefinitions(chart: ChartFiles, visit: HelmVisit): Promise<string> {
  const helm = await visit.helm();
  return run('helm show crds', ['show', 'crds', await chartPath(chart, helm, visit)], helm);
}

/** @throws LandfallError */
export async function rollbackRelease(version: number, visit: HelmVisit): Promise<void> {
  const { settings } = visit.context;
  const [name = '', ...flags] = placeFlags(visit.history.place);
  const helm = await visit.helm();
  const args = [
    ...['rollback', name, String(version), ...flags, '--timeout', TIMEOUT],
    ...['--history-max', String(settings.maxHistory), ...applyFlags(helm)],
    ...hookFlags('rollback', visit),
    ...flag(settings.cleanupOnFail, '--cleanup-on-fail'),
  ];
  await run(`helm rollback of ${visit.history.shown} to revision ${version}`, args, helm);
}

/** Runs the tests of a release. @throws LandfallError */
export async function testRelease(visit: HelmVisit): Promise<void> {
  const args = ['test', ...placeFlags(visit.history.place), '--timeout', TIMEOUT];
  await run(`helm test of ${visit.history.shown}`, args, await visit.helm());
}

/** Takes the objects away; the history stays until they are gone. @throws LandfallError */
export async function uninstallRelease(place: ReleasePlace, visit: ReleaseVisit): Promise<void> {
  const args = [
    ...['uninstall', ...placeFlags(place), '--keep-history', '--timeout', TIMEOUT],
    ...hookFlags('uninstall', visit),
  ];
  await run(`helm uninstall of release ${place.namespace}/${place.name}`, args, await visit.helm());
}
