import { knownSecrets } from '../../../credentials/known-secrets.ts';
import { isObject } from '../../../kernel/json.ts';
import { textAt, valueAt } from '../cluster-object.ts';
import type { Cluster } from './cluster.ts';
import { clusterRefusal, isSuccess } from './cluster-refusal.ts';

/** A ConfigMap or Secret that says something of a deploy. */
export interface ConfigSource {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly namespace: string;
  readonly name: string;
}

const PLURALS = { ConfigMap: 'configmaps', Secret: 'secrets' } as const;

interface ConfigData {
  /** What it has under `data`, decoded. */
  readonly data: Readonly<Record<string, string>>;
  /** Nobody who may not read the object knows it. */
  readonly uid: string;
}

/**
 * Reads it; undefined where it is not there. Values of a Secret are masked wherever they may be printed.
 * @param what it is, for messages
 * @throws LandfallError
 */
export async function readConfigData(
  { kind, namespace, name }: ConfigSource,
  cluster: Cluster,
  what: string,
): Promise<ConfigData | undefined> {
  const path = `/api/v1/namespaces/${namespace}/${PLURALS[kind]}/${name}`;
  const answer = await cluster.send({ method: 'GET', path });
  if (answer.status === 404) return undefined;
  if (!isSuccess(answer)) throw clusterRefusal(`${what} cannot be read`, answer);
  const found = valueAt(answer.body, 'data');
  const uid = textAt(answer.body, 'metadata', 'uid');
  const entries = Object.entries(isObject(found) ? found : {}).map(
    ([key, value]) => [key, String(value)] as const,
  );
  if (kind === 'ConfigMap') return { data: Object.fromEntries(entries), uid };
  const decoded = entries.map(
    ([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')] as const,
  );
  for (const [, value] of decoded) knownSecrets.note(value);
  return { data: Object.fromEntries(decoded), uid };
}
