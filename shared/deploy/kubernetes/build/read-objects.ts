import { setImmediate as nextTurn } from 'node:timers/promises';
import { monotonic } from '../../../clock.ts';
import type { CallOptions } from '../../../kernel/call-options.ts';
import { throwIfCancelled } from '../../../kernel/cancelled.ts';
import { isObject, type JsonObject } from '../../../kernel/json.ts';
import { KUBERNETES_MANIFEST_BYTES, KUBERNETES_OBJECT_BYTES, KUBERNETES_OBJECTS } from '../../../limits.ts';
import { deployFailed } from '../../kit/failures.ts';
import {
  type ClusterObject,
  idOf,
  isMarked,
  keyOf,
  shownObject,
  textAt,
  valueAt,
} from '../cluster-object.ts';
import { substituted, type Variables } from './substitute.ts';
import { readYaml, yamlDocuments } from './yaml-objects.ts';

const isTexts = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (isObject(value) && Object.values(value).every((each) => typeof each === 'string'));

/** As Go reads it: with its padding, whatever the lines. */
const isBase64 = (value: unknown): boolean => {
  if (value === null) return true;
  const text = typeof value === 'string' ? value.replace(/[\r\n]/g, '') : '?';
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
};

/** What is wrong with the values of a Secret, and none of them: the API server would tell them. Undefined: nothing. */
function secretFault(object: JsonObject): string | undefined {
  if (object['kind'] !== 'Secret' || object['apiVersion'] !== 'v1') return undefined;
  const wrong = ['data', 'stringData'].find((key) => !isObject(object[key] ?? {}));
  if (wrong !== undefined) return `${wrong} is no mapping`;
  const bad = Object.entries(object['data'] ?? {}).find(([, value]) => !isBase64(value));
  return bad && `data.${bad[0]} is no base64 (what is not encoded is stringData)`;
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names */
const UNSAFE = /^\.{1,2}$|[\s/%]/;
const API_VERSION =
  /^(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\/)?v?[a-z0-9]+$/;

/** What cannot be in a name is in no path of the API. @throws LandfallError DEPLOY_FAILED */
function asObject(value: unknown): ClusterObject {
  const refused = (why: string) =>
    deployFailed(
      `${why}: ${[textAt(value, 'kind') || 'a document', textAt(value, 'metadata', 'name')].join(' ').trim()}`,
      {
        hint: 'Every YAML file that the build reads has to be an object of Kubernetes; leave others out by `ignore` of the source, or by a kustomization.yaml.',
      },
    );
  if (!isObject(value)) throw refused('an object is no mapping');
  for (const keys of [['apiVersion'], ['kind'], ['metadata', 'name']])
    if (textAt(value, ...keys) === '') throw refused(`an object has no ${keys.join('.')}`);
  for (const key of ['labels', 'annotations'])
    if (!isTexts(valueAt(value, 'metadata', key)))
      throw refused(`metadata.${key} holds what is no text (quote it)`);
  const namespace = valueAt(value, 'metadata', 'namespace');
  if (namespace !== undefined && typeof namespace !== 'string')
    throw refused('metadata.namespace is no text');
  const names = [
    textAt(value, 'metadata', 'name'),
    textAt(value, 'metadata', 'namespace'),
    textAt(value, 'kind'),
  ];
  if (names.some((name) => UNSAFE.test(name))) throw refused('its name cannot be one of Kubernetes');
  if (!API_VERSION.test(textAt(value, 'apiVersion'))) throw refused('its apiVersion is none of Kubernetes');
  const fault = secretFault(value);
  if (fault !== undefined) throw refused(fault);
  return value as ClusterObject;
}

/** A list is its items. */
const itemsOf = (value: unknown): readonly unknown[] => {
  const items = valueAt(value, 'items');
  return /List$/.test(textAt(value, 'kind')) && Array.isArray(items) ? items : [value];
};

/** What is written for people is data as the API server keeps it; and status is not ours to say. */
function normalised(object: ClusterObject): ClusterObject {
  const { status: _status, ...rest } = object;
  const base = object.kind === 'CustomResourceDefinition' ? rest : (rest as ClusterObject);
  const texts = base['stringData'];
  if (object.kind !== 'Secret' || !isObject(texts)) return base as ClusterObject;
  const { stringData: _texts, ...secret } = base as ClusterObject;
  const encoded = Object.entries(texts).map(
    ([key, value]) => [key, Buffer.from(String(value)).toString('base64')] as const,
  );
  return {
    ...(secret as ClusterObject),
    data: { ...(isObject(secret['data']) ? secret['data'] : {}), ...Object.fromEntries(encoded) },
  };
}

const SPLIT = 'Split it, or take it out of the artifact.';

function readLimited(text: string, what: string): unknown {
  if (text.length <= KUBERNETES_OBJECT_BYTES) return readYaml(text, what);
  throw deployFailed(
    `${what} has an object of ${text.length} characters, wanted at most ${KUBERNETES_OBJECT_BYTES}`,
    { hint: SPLIT },
  );
}

interface ReadText {
  readonly value: unknown;
  readonly characters: number;
}

function readDocument(text: string, variables: Variables): ReadText {
  const asBuilt = readLimited(text, 'what kustomize made');
  const isPlain = variables.size === 0 || !text.includes('$');
  if (isPlain || isMarked(asBuilt, 'substitute', 'disabled'))
    return { value: asBuilt, characters: text.length };
  const what = [textAt(asBuilt, 'kind'), textAt(asBuilt, 'metadata', 'name')].join('/');
  const put = substituted(text, variables, what);
  return { value: readLimited(put, `${what} with its variables put in`), characters: put.length };
}

/**
 * Each object of a stream of YAML documents, with its variables put in. Where there are no variables nothing is.
 * @throws LandfallError DEPLOY_FAILED where they are too many or too large, or one is no object of Kubernetes
 */
export function* eachObject(stream: string, variables: Variables): Generator<ClusterObject> {
  let [size, count] = [0, 0];
  for (const text of yamlDocuments(stream)) {
    const { value, characters } = readDocument(text, variables);
    size += characters;
    if (size > KUBERNETES_MANIFEST_BYTES)
      throw deployFailed(
        `with its variables the artifact comes to more than is let through: at most ${KUBERNETES_MANIFEST_BYTES} characters`,
        {
          hint: SPLIT,
        },
      );
    if (value === null) continue;
    for (const item of itemsOf(value)) {
      count += 1;
      if (count > KUBERNETES_OBJECTS)
        throw deployFailed(`there are more than ${KUBERNETES_OBJECTS} objects`, {
          hint: 'Split the artifact into several deploys, each with its own folder.',
        });
      yield normalised(asObject(item));
    }
  }
}

/** So long others wait for one that reads YAML: a visit has a claim to hold, and a process others to serve. */
const LONGEST_TURN_MS = 50;

/**
 * The same as a list, read with turns for others in between.
 * @throws LandfallError DEPLOY_FAILED as that, and where there is none, or two of one name; CANCELLED
 */
export async function readObjects(
  stream: string,
  variables: Variables,
  { signal }: CallOptions = {},
): Promise<readonly ClusterObject[]> {
  const objects = new Map<string, ClusterObject>();
  throwIfCancelled('reading what kustomize made', signal);
  let begun = monotonic();
  for (const object of eachObject(stream, variables)) {
    const key = keyOf(idOf(object));
    if (objects.has(key))
      throw deployFailed(`${shownObject(idOf(object))} is there twice`, {
        hint: 'Take one of the two out of the artifact, or give it another name or namespace.',
      });
    objects.set(key, object);
    if (monotonic() - begun < LONGEST_TURN_MS) continue;
    await nextTurn();
    throwIfCancelled('reading what kustomize made', signal);
    begun = monotonic();
  }
  if (objects.size > 0) return [...objects.values()];
  throw deployFailed('the artifact has no object of Kubernetes where the deploy looks', {
    hint: 'Correct `kustomization` of the deploy. Nothing was removed from the cluster; to have everything removed take the deploy out of the documents, with `prune: true`.',
  });
}

/** Variables in the order in which they win. Newlines are no part of a value, as with Flux. */
export const variablesOf = (sources: readonly JsonObject[]): Variables =>
  new Map(
    sources.flatMap((source) =>
      Object.entries(source).map(([name, value]) => [name, String(value).replaceAll('\n', '')] as const),
    ),
  );
