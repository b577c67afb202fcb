import type { JsonObject } from '../../kernel/json.ts';
import { deployFailed } from '../kit/failures.ts';
import { buildObjects } from './build/build-objects.ts';
import { variablesOf } from './build/read-objects.ts';
import type { Variables } from './build/substitute.ts';
import { readConfigData } from './cluster/config-source.ts';
import type { ClusterObject } from './cluster-object.ts';
import type { KubernetesSettings } from './kubernetes-settings.ts';
import type { KubernetesVisit } from './kubernetes-visit.ts';
import { wantedImages } from './wanted-images.ts';

type VariableSource = KubernetesSettings['substituteFrom'][number];

async function readSource(source: VariableSource, { cluster }: KubernetesVisit): Promise<JsonObject> {
  const { kind, namespace, name, optional } = source;
  const what = `substituteFrom: ${kind}/${namespace}/${name}`;
  const found = await readConfigData(source, cluster, what);
  if (found !== undefined || optional) return found?.data ?? {};
  throw deployFailed(`${what} is not in the cluster`, { hint: 'Make it, or say `optional: true`.' });
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
