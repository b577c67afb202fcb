import { parseAllDocuments } from 'yaml';
import { LandfallError } from '../../errors.ts';
import { textOf } from '../../escaped-bytes.ts';
import { isObject, type JsonObject, parseJson } from '../../kernel/json.ts';
import { opensMoreThan } from '../../kernel/open-brackets.ts';
import { KUBERNETES_SECRET_BYTES, OPEN_BRACKETS, YAML_ALIASES } from '../../limits.ts';
import { type DockerConfig, parseWholeDockerConfig } from './docker-config.ts';

/** The values of a Secret; `stringData` wins, as in Kubernetes. */
function valuesOf({ data, stringData }: JsonObject): ReadonlyMap<string, string> {
  const texts = (fields: unknown): readonly (readonly [string, string])[] =>
    Object.entries(isObject(fields) ? fields : {}).flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, value] as const] : [],
    );
  const decoded = texts(data).map(([key, text]) => [key, textOf(Buffer.from(text, 'base64'))] as const);
  return new Map([...decoded, ...texts(stringData)]);
}

/** The older form is the `auths` alone; an empty one is none. */
function wrapAuths(text: string): string {
  const parsed = parseJson(text);
  // What is no JSON is told as that by whoever parses it.
  return parsed.ok ? JSON.stringify({ auths: parsed.value }) : text;
}

/**
 * The docker logins a Secret's values hold; undefined where there are none.
 * @throws LandfallError CREDENTIAL_UNREADABLE
 * @see https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets
 */
export function dockerConfigIn(values: ReadonlyMap<string, string>, where: string): DockerConfig | undefined {
  const config = values.get('.dockerconfigjson');
  if (config !== undefined) return parseWholeDockerConfig(config, where);
  const older = values.get('.dockercfg');
  return older === undefined ? undefined : parseWholeDockerConfig(wrapAuths(older), where);
}

const read = (where: string, why: string): LandfallError =>
  new LandfallError('CREDENTIAL_UNREADABLE', `${where} ${why}`, {
    hint: 'Wanted a Secret of type kubernetes.io/dockerconfigjson, as `kubectl create secret docker-registry` makes it.',
  });

/** `kubectl get -o yaml` gives a List of what it finds. */
const itemsOf = (object: unknown): readonly unknown[] => {
  if (!isObject(object) || !/List$/.test(String(object['kind']))) return [object];
  return Array.isArray(object['items']) ? object['items'] : [];
};

/**
 * The docker logins of the first Secret in a manifest that has them, YAML or JSON.
 * @throws LandfallError CREDENTIAL_UNREADABLE naming the place and nothing in it
 */
export function parseKubernetesSecret(text: string, where: string): DockerConfig {
  if (text.length > KUBERNETES_SECRET_BYTES)
    throw read(where, `is longer than ${KUBERNETES_SECRET_BYTES} characters`);
  if (opensMoreThan(text, OPEN_BRACKETS)) throw read(where, 'nests too deeply to be read');
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) {
    throw read(where, 'is not YAML');
  }
  let objects: readonly unknown[];
  try {
    objects = documents.map((document): unknown => document.toJS({ maxAliasCount: YAML_ALIASES }));
  } catch {
    throw read(where, 'has too many aliases');
  }
  for (const object of objects.flatMap(itemsOf)) {
    if (!isObject(object) || object['kind'] !== 'Secret') continue;
    if (object['sops'] !== undefined) throw read(where, 'is encrypted by SOPS');
    const config = dockerConfigIn(valuesOf(object), where);
    if (config !== undefined) return config;
  }
  throw read(where, 'holds no Secret with docker logins');
}
