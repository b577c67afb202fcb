import { posix } from 'node:path';
import type { LandfallError } from '../../../errors.ts';
import { isObject, type JsonObject } from '../../../kernel/json.ts';
import { deployFailed } from '../../kit/failures.ts';

const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** Fields that name nothing outside the file. */
const PLAIN: readonly string[] = [
  ...['apiVersion', 'kind', 'metadata', 'namespace', 'namePrefix', 'nameSuffix', 'commonLabels', 'labels'],
  ...['commonAnnotations', 'images', 'replicas', 'generatorOptions', 'vars', 'buildMetadata', 'sortOptions'],
];
/** Fields that would run programs or read what is not in the artifact. */
const REFUSED: readonly string[] = [
  ...['generators', 'transformers', 'validators', 'helmCharts', 'helmGlobals', 'helmChartInflationGenerator'],
];

const refusal = (file: string, why: string): LandfallError =>
  deployFailed(`${file}: ${why}`, {
    hint: 'Push an artifact that has all it needs, below the folder that the deploy reads; kustomize may not fetch or run anything here.',
  });

/** What kustomize takes for a repository or a URL, whatever lies beside it. */
const REMOTE = /^[a-z][a-z0-9+.-]*:|:\/\/|^git@|^(gh|github\.com)[:/]|^git::|[?]ref=/i;

const strings = (value: unknown, where: string, file: string): readonly string[] => {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw refusal(file, `${where} is no list of texts`);
};

const objects = (value: unknown, where: string, file: string): readonly JsonObject[] => {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw refusal(file, `${where} is no list of mappings`);
};

/** Go reads keys whatever their case: only what is spelt as we know it is let through. */
function checkKeys(object: JsonObject, allowed: readonly string[], where: string, file: string): void {
  const unknown = Object.keys(object).find((key) => !allowed.includes(key));
  if (unknown !== undefined) throw refusal(file, `${where}${unknown} is no field that is known here`);
}

/** One path that a kustomization names. */
interface Reference {
  readonly field: string;
  readonly path: string;
}

const PATCH_KEYS = ['path', 'patch', 'target', 'options'];
const GENERATOR_KEYS = [
  'name',
  'namespace',
  'behavior',
  'type',
  'literals',
  'options',
  'files',
  'envs',
  'env',
];

function* patchReferences(content: JsonObject, file: string): Generator<Reference> {
  for (const field of ['patches', 'patchesJson6902'])
    for (const each of objects(content[field], field, file)) {
      checkKeys(each, PATCH_KEYS, `${field}.`, file);
      for (const path of strings([each['path'] ?? []].flat(), `${field}.path`, file)) yield { field, path };
    }
  for (const path of strings(content['patchesStrategicMerge'], 'patchesStrategicMerge', file)) {
    const reference = { field: 'patchesStrategicMerge', path };
    if (!/^\s*\{|\n/.test(path)) yield reference;
    // What kustomize cannot read as a patch it takes for a path after all.
    else placeIn(reference, '.', file);
  }
  for (const each of objects(content['replacements'], 'replacements', file)) {
    checkKeys(each, ['path', 'source', 'targets'], 'replacements.', file);
    for (const path of strings([each['path'] ?? []].flat(), 'replacements.path', file))
      yield { field: 'replacements', path };
  }
}

function* generatorReferences(content: JsonObject, file: string): Generator<Reference> {
  for (const field of ['configMapGenerator', 'secretGenerator'])
    for (const each of objects(content[field], field, file)) {
      checkKeys(each, GENERATOR_KEYS, `${field}.`, file);
      const named = strings(each['files'], `${field}.files`, file).map((text) =>
        text.slice(text.indexOf('=') + 1),
      );
      const envs = [each['envs'] ?? [], each['env'] ?? []].flat();
      for (const path of [...named, ...strings(envs, `${field}.envs`, file)]) yield { field, path };
    }
}

/** Files that a kustomization names; folders and files of `resources` and `components` are in `bases`. */
export interface KustomizationReferences {
  readonly files: readonly Reference[];
  readonly bases: readonly Reference[];
}

/**
 * What a kustomization names, from the fields that kustomize has: any other is refused, since it might name more.
 * @param file where it is, for messages
 * @throws LandfallError DEPLOY_FAILED
 */
export function kustomizationReferences(content: JsonObject, file: string): KustomizationReferences {
  const refused = Object.keys(content).find((key) => REFUSED.includes(key));
  if (refused !== undefined) throw refusal(file, `${refused} is not supported`);
  const lists = ['resources', 'bases', 'components', 'crds', 'configurations'];
  const others = ['openapi', 'patches', 'patchesJson6902', 'patchesStrategicMerge', 'replacements'];
  const generators = ['configMapGenerator', 'secretGenerator'];
  checkKeys(content, [...PLAIN, ...lists, ...others, ...generators], '', file);
  const openapi = content['openapi'];
  if (isObject(openapi)) checkKeys(openapi, ['path', 'version'], 'openapi.', file);
  const named = (field: string): readonly Reference[] =>
    strings(content[field], field, file).map((path) => ({ field, path }));
  return {
    bases: ['resources', 'bases', 'components'].flatMap(named),
    files: [
      ...['crds', 'configurations'].flatMap(named),
      ...(isObject(openapi) ? strings([openapi['path'] ?? []].flat(), 'openapi.path', file) : []).map(
        (path) => ({ field: 'openapi', path }),
      ),
      ...patchReferences(content, file),
      ...generatorReferences(content, file),
    ],
  };
}

/** @throws LandfallError DEPLOY_FAILED where a path is absolute, or outside */
function placeIn({ field, path }: Reference, folder: string, file: string): string {
  const joined = posix.normalize(posix.join(folder, path));
  if (
    path === '' ||
    path.startsWith('/') ||
    joined === '..' ||
    joined.startsWith('../') ||
    path.includes('\0')
  )
    throw refusal(file, `${field} names ${JSON.stringify(path)}, which is outside of the artifact`);
  return joined.replace(/\/$/, '') || '.';
}

/**
 * Where a path that a kustomization names is in the artifact: `base/deployment.yaml`, or `.` for its root.
 * @throws LandfallError DEPLOY_FAILED where it is a URL, absolute, or outside
 */
export function pathInArtifact(reference: Reference, folder: string, file: string): string {
  const { field, path } = reference;
  if (REMOTE.test(path)) throw refusal(file, `${field} names ${path}, which is not in the artifact`);
  return placeIn(reference, folder, file);
}

export const missingReference = ({ field }: Reference, place: string, file: string): LandfallError =>
  refusal(file, `${field} names ${place}, which is not in the artifact`);

export const inFolder = (folder: string, name: string): string =>
  folder === '.' ? name : `${folder}/${name}`;

/** The kustomization of a folder, where it has one. @throws LandfallError DEPLOY_FAILED where it has two */
export function kustomizationIn(folder: string, files: ReadonlySet<string>): string | undefined {
  const there = KUSTOMIZATION_NAMES.map((name) => inFolder(folder, name)).filter((path) => files.has(path));
  if (there.length > 1) throw refusal(folder, `has ${there.join(' and ')}, wanted one of them`);
  return there[0];
}
