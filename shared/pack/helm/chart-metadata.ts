import { parse } from 'yaml';
import { LandfallError } from '../../errors.ts';
import { isObject, type JsonObject } from '../../kernel/json.ts';
import { YAML_ALIASES } from '../../limits.ts';
import { parseVersion } from '../../resolve/version.ts';

/** What a chart says of itself in its Chart.yaml. @see https://helm.sh/docs/topics/charts/#the-chartyaml-file */
export interface ChartMetadata {
  readonly name: string;
  readonly version: string;
  /** Its fields in the order and under the names in which Helm writes them into an artifact's config. */
  readonly fields: JsonObject;
  /** Those that have to be in its folder `charts`. */
  readonly dependencies: readonly string[];
}

type FieldType = 'text' | 'texts' | 'flag' | 'annotations' | 'maintainers' | 'dependencies' | 'any';
type Fields = readonly (readonly [key: string, type: FieldType])[];

/** @see https://github.com/helm/helm/blob/v3.19.0/pkg/chart/metadata.go */
const METADATA: Fields = [
  ['name', 'text'],
  ['home', 'text'],
  ['sources', 'texts'],
  ['version', 'text'],
  ['description', 'text'],
  ['keywords', 'texts'],
  ['maintainers', 'maintainers'],
  ['icon', 'text'],
  ['apiVersion', 'text'],
  ['condition', 'text'],
  ['tags', 'text'],
  ['appVersion', 'text'],
  ['deprecated', 'flag'],
  ['annotations', 'annotations'],
  ['kubeVersion', 'text'],
  ['dependencies', 'dependencies'],
  ['type', 'text'],
];
const MAINTAINER: Fields = [
  ['name', 'text'],
  ['email', 'text'],
  ['url', 'text'],
];
/** @see https://github.com/helm/helm/blob/v3.19.0/pkg/chart/dependency.go */
const DEPENDENCY: Fields = [
  ['name', 'text'],
  ['version', 'text'],
  ['repository', 'text'],
  ['condition', 'text'],
  ['tags', 'texts'],
  ['enabled', 'flag'],
  ['import-values', 'any'],
  ['alias', 'text'],
];

const NAME = /^[a-zA-Z0-9._-]+$/;

/** Reads as sigs.k8s.io/yaml does for a Go struct: a number where text is wanted is its digits, null is absence. */
class ChartReader {
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  wrong(why: string, hint = 'See: https://helm.sh/docs/topics/charts/#the-chartyaml-file'): LandfallError {
    return new LandfallError('CONFIG_INVALID', `${this.#where} ${why}`, { hint });
  }

  fields(value: unknown, fields: Fields, at: string): JsonObject {
    if (!isObject(value)) throw this.wrong(`at ${at || 'its top'}: wanted fields`);
    return Object.fromEntries(
      fields.flatMap(([key, type]) => {
        const read = this.#value(value[key], type, at === '' ? key : `${at}.${key}`);
        return read === undefined ? [] : [[key, read]];
      }),
    );
  }

  /** Undefined where Go would leave it out: absent, or empty. */
  #value(value: unknown, type: FieldType, at: string): unknown {
    if (value === undefined || value === null || value === '' || value === false) return undefined;
    if (type === 'any') return value;
    if (type === 'flag') return this.#wanted(value === true, value, at, 'true or false');
    if (type === 'text') return this.#text(value, at);
    if (type === 'annotations') return this.#annotations(value, at);
    if (!Array.isArray(value)) throw this.wrong(`at ${at}: wanted a list`);
    if (value.length === 0) return undefined;
    if (type === 'texts') return value.map((one, index) => this.#text(one, `${at}.${index}`));
    const fields = type === 'maintainers' ? MAINTAINER : DEPENDENCY;
    return value.map((one, index) => this.fields(one, fields, `${at}.${index}`));
  }

  #wanted(isRight: boolean, value: unknown, at: string, wanted: string): unknown {
    if (isRight) return value;
    throw this.wrong(`at ${at}: wanted ${wanted}`);
  }

  #text(value: unknown, at: string): string {
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return this.#wanted(typeof value === 'string', value, at, 'text') as string;
  }

  #annotations(value: unknown, at: string): JsonObject | undefined {
    if (!isObject(value)) throw this.wrong(`at ${at}: wanted names and texts`);
    const entries = Object.entries(value).map(
      ([key, text]) => [key, this.#text(text, `${at}.${key}`)] as const,
    );
    return entries.length === 0
      ? undefined
      : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/**
 * Reads a Chart.yaml.
 * @param where what a message calls it
 * @throws LandfallError CONFIG_INVALID naming the field
 */
export function parseChartMetadata(text: string, where: string): ChartMetadata {
  const reader = new ChartReader(where);
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: YAML_ALIASES });
  } catch (cause) {
    throw reader.wrong(
      `is not YAML: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`,
    );
  }
  const fields = reader.fields(document, METADATA, '');
  const { name, version, apiVersion, dependencies } = fields;
  if (apiVersion !== 'v1' && apiVersion !== 'v2') throw reader.wrong('at apiVersion: wanted v1 or v2');
  if (typeof name !== 'string' || !NAME.test(name))
    throw reader.wrong('at name: wanted letters, digits, "-", "." or "_"');
  if (typeof version !== 'string' || parseVersion(version) === undefined)
    throw reader.wrong(`at version: ${JSON.stringify(version ?? null)} is no version such as 1.4.0`);
  const named = (Array.isArray(dependencies) ? dependencies : []).map((one: unknown) =>
    isObject(one) ? String(one['name'] ?? '') : '',
  );
  return { name, version, fields, dependencies: named };
}
