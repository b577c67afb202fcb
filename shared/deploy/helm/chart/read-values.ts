import { posix } from 'node:path';
import { knownSecrets } from '../../../credentials/known-secrets.ts';
import { isObject, type JsonObject } from '../../../kernel/json.ts';
import { qualifiedSource } from '../../../model/ids.ts';
import type { DeployArtifact, DeployContext } from '../../kit/deploy-context.ts';
import { deployFailed } from '../../kit/failures.ts';
import { readYaml } from '../../kubernetes/build/yaml-objects.ts';
import type { Cluster } from '../../kubernetes/cluster/cluster.ts';
import { readConfigData } from '../../kubernetes/cluster/config-source.ts';
import type { HelmSettings, ValuesSource } from '../helm-settings.ts';
import type { ChartFiles } from './chart-files.ts';
import { parseValuePath, typedValue, withValue } from './set-value.ts';
import { inexactNumber, mergedValues } from './values.ts';

export interface ValuesInput {
  readonly settings: Pick<HelmSettings, 'values' | 'valuesFrom' | 'targetNamespace'>;
  readonly artifact: Pick<DeployArtifact, 'files' | 'read'>;
  readonly usedArtifact: DeployContext<unknown>['usedArtifact'];
  readonly cluster: Cluster;
}

/** What a release is given, over the chart's own defaults. */
export interface ReleaseValues {
  readonly values: JsonObject;
  /** Of the Secrets that some came from: a digest with these in it tells nobody who guesses a value that it is right. */
  readonly salts: readonly string[];
}

type ClusterSource = Extract<ValuesSource, { readonly kind: string }>;

/** One source, as what is merged, and what is set after all of these. */
interface ReadSource {
  readonly values?: JsonObject;
  readonly set?: { readonly path: readonly (string | number)[]; readonly value: unknown };
  readonly salt?: string;
}

/** Each text in values that came from a Secret is one, also where YAML takes it for a number. */
function noteTexts(value: unknown): void {
  if (typeof value === 'string') knownSecrets.note(value);
  else if (typeof value === 'number' || typeof value === 'bigint') knownSecrets.note(String(value));
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(noteTexts);
}

function asValues(text: string, what: string): JsonObject {
  const found = readYaml(text, what) ?? {};
  if (isObject(found)) return found;
  throw deployFailed(`${what} is no mapping of YAML`, { hint: 'Values are names with what they are.' });
}

async function readFile(
  { file, source, optional }: Extract<ValuesSource, { readonly file: string }>,
  { artifact: own, usedArtifact }: ValuesInput,
): Promise<ReadSource> {
  const artifact = source === undefined ? own : await usedArtifact(qualifiedSource(source));
  if (optional && !artifact.files.some(({ path }) => path === file)) return {};
  const what = `valuesFrom: ${file} of ${source ?? 'the artifact'}`;
  return { values: asValues(Buffer.from(await artifact.read(file)).toString('utf8'), what) };
}

function setOf(
  { targetPath = '', literal }: ClusterSource,
  text: string,
  what: string,
): NonNullable<ReadSource['set']> {
  const path = parseValuePath(targetPath);
  if (path === undefined)
    throw deployFailed(`${what}: targetPath ${JSON.stringify(targetPath)} is none`, {
      hint: 'Write it as behind --set: `ingress.hosts[0].host`, with a backslash before a dot that is part of a name.',
    });
  const typed = literal ? { value: text } : typedValue(text);
  if (typed !== undefined) return { path, value: typed.value };
  throw deployFailed(`${what}: its value is a list, or several`, {
    hint: 'Have it be a text by `literal: true`, or put it into a file of values.',
  });
}

async function readClusterSource(source: ClusterSource, input: ValuesInput): Promise<ReadSource> {
  const { kind, name, valuesKey, targetPath, optional } = source;
  const namespace = source.namespace ?? input.settings.targetNamespace;
  const what = `valuesFrom: ${kind}/${namespace}/${name}`;
  const found = await readConfigData({ kind, name, namespace }, input.cluster, what);
  if (found === undefined && optional) return {};
  if (found === undefined)
    throw deployFailed(`${what} is not in the cluster`, { hint: 'Make it, or say `optional: true`.' });
  const text = Object.hasOwn(found.data, valuesKey) ? found.data[valuesKey] : undefined;
  if (text === undefined)
    throw deployFailed(`${what} has no key ${valuesKey}`, { hint: 'Add it, or correct `valuesKey`.' });
  const salt = kind === 'Secret' ? { salt: found.uid } : {};
  if (targetPath !== undefined) return { set: setOf(source, text, what), ...salt };
  const values = asValues(text, `${what}, ${valuesKey}`);
  if (kind === 'Secret') noteTexts(values);
  return { values, ...salt };
}

/**
 * Values in place of those of the chart itself, where the deploy names files of it; undefined: it does not.
 * @throws LandfallError DEPLOY_FAILED
 */
export async function readDefaults(
  { form, path: root }: ChartFiles,
  { settings, artifact }: Pick<ValuesInput, 'artifact'> & { readonly settings: HelmSettings },
): Promise<JsonObject | undefined> {
  const { valuesFiles, ignoreMissingValuesFiles } = settings;
  if (valuesFiles.length === 0) return undefined;
  if (form === 'archive')
    throw deployFailed('valuesFiles are of a chart that has landed as a folder, and this one is an archive', {
      hint: 'Have the source unpack it: without `operation: copy`, or with `unpack: { mode: files }`.',
    });
  const files: JsonObject[] = [];
  for (const each of valuesFiles) {
    const path = posix.join(root, each);
    const isMissing = !artifact.files.some((file) => file.path === path);
    if (isMissing && ignoreMissingValuesFiles) continue;
    const text = Buffer.from(await artifact.read(path)).toString('utf8');
    files.push(asValues(text, `valuesFiles: ${each} of the chart`));
  }
  return files.reduce(mergedValues, {});
}

/** All that a release is given: sources in their order, then the deploy's own, then what has a path of its own. @throws LandfallError */
export async function readValues(input: ValuesInput): Promise<ReleaseValues> {
  const { valuesFrom, values } = input.settings;
  const sources: ReadSource[] = [];
  for (const source of valuesFrom)
    sources.push('file' in source ? await readFile(source, input) : await readClusterSource(source, input));
  const merged = [...sources.map((each) => each.values ?? {}), values].reduce(mergedValues, {});
  const whole = sources
    .flatMap(({ set }) => set ?? [])
    .reduce((found, { path, value }) => withValue(found, path, value), merged);
  const inexact = inexactNumber(whole);
  if (inexact !== undefined)
    throw deployFailed(`the value of ${inexact} is a number that would not stay exact`, {
      hint: 'Write it as a text, between quotes.',
    });
  return { values: whole, salts: sources.flatMap(({ salt }) => salt ?? []) };
}
