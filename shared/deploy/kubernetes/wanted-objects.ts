import { knownSecrets } from '../../credentials/known-secrets.ts';
import { isObject, type JsonObject } from '../../kernel/json.ts';
import { deployFailed } from '../kit/failures.ts';
import { buildObjects } from './build/build-objects.ts';
import { variablesOf } from './build/read-objects.ts';
import type { Variables } from './build/substitute.ts';
import type { ClusterObject } from './cluster/cluster-object.ts';
import { valueAt } from './cluster/cluster-object.ts';
import { clusterRefusal, isSuccess } from './cluster/cluster-refusal.ts';
import type { KubernetesSettings } from './kubernetes-settings.ts';
import type { KubernetesVisit } from './kubernetes-visit.ts';
import { wantedImages } from './wanted-images.ts';

type VariableSource = KubernetesSettings['substituteFrom'][number];

const PLURALS = { ConfigMap: 'configmaps', Secret: 'secrets' } as const;

async function readSource(
  { kind, name, namespace, optional }: VariableSource,
  { cluster }: KubernetesVisit,
): Promise<JsonObject> {
  const what = `substituteFrom: ${kind}/${namespace}/${name}`;
  const path = `/api/v1/namespaces/${namespace}/${PLURALS[kind]}/${name}`;
  const answer = await cluster.send({ method: 'GET', path });
  if (answer.status === 404 && optional) return {};
  if (answer.status === 404)
    throw deployFailed(`${what} is not in the cluster`, { hint: 'Make it, or say `optional: true`.' });
  if (!isSuccess(answer)) throw clusterRefusal(`${what} cannot be read`, answer);
  const data = valueAt(answer.body, 'data');
  const found = isObject(data) ? data : {};
  if (kind === 'ConfigMap') return found;
  const decoded = Object.entries(found).map(
    ([key, value]) => [key, Buffer.from(String(value), 'base64').toString('utf8')] as const,
  );
  for (const [, value] of decoded) knownSecrets.note(value);
  return Object.fromEntries(decoded);
}

async function readVariables(visit: KubernetesVisit): Promise<Variables> {
  const { substituteFrom, substitute } = visit.context.settings;
  const sources: JsonObject[] = [];
  for (const source of substituteFrom) sources.push(await readSource(source, visit));
  const variables = variablesOf([...sources, substitute]);
  const bad = variables.keys().find((name) => !/^[_A-Za-z][_A-Za-z0-9]*$/.test(name));
  if (bad === undefined) return variables;
  throw deployFailed(`substituteFrom: ${JSON.stringify(bad)} is not the name of a variable`, {
    hint: 'Names are letters, digits and `_`, and do not begin with a digit.',
  });
}

/** What the artifact and the deploy together want to be in the cluster. @throws LandfallError */
export async function wantedObjects(visit: KubernetesVisit): Promise<readonly ClusterObject[]> {
  const { context, kubectl } = visit;
  const { artifact, signal } = context;
  const settings = { ...context.settings, images: wantedImages(context.settings.images, context) };
  return buildObjects({ artifact, settings, kubectl, signal, variables: await readVariables(visit) });
}
