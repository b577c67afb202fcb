import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { putDocument } from '../../../shared/aws/configuration/source-bucket.ts';
import { documentKey } from '../../../shared/store/layout.ts';
import { ACCOUNT } from '../../support/aws-server/aws-client-for.ts';
import { bundleFunction } from '../../support/lambda/bundle-function.ts';
import { type Installation, installationFor } from '../../support/lambda/installation.ts';
import { type LambdaProcess, startLambda } from '../../support/lambda/lambda-process.ts';
import { SECRET } from './url-event.ts';

type Name = 'receive' | 'poll' | 'reconcile' | 'collect' | 'deploy-roles' | 'deploy-kind' | 'deploy-clusters';

/** Paths of bundles by the function's name. */
export type Bundles<K extends Name> = Readonly<Record<K, string>>;

/** Bundles of these functions, gone when the file's tests are through. */
export async function bundlesOf<K extends Name>(...names: readonly K[]): Promise<Bundles<K>> {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-handlers-'));
  after(() => rm(folder, { recursive: true }));
  const made = names.map(async (name) => [name, (await bundleFunction(name, folder)).path] as const);
  return Object.fromEntries(await Promise.all(made)) as Bundles<K>;
}

export const ID = { namespace: 'web', name: 'site' };

export const documentOf = (host: string): string => `
sources:
  - { namespace: web, name: site, url: oci://${host}/team/site, ref: { tag: stable }, interval: 1m }
credentials: [{ registry: '${host}', plainHttp: true }]
receivers:
  - { name: ci, type: generic, registry: '${host}', secret: { secretsManager: webhook, key: secret } }
  - { name: grid, type: acr-event-grid, registry: '${host}', secret: { secretsManager: webhook, key: secret } }
`;

const putEvent = (key: string) => ({
  ...{
    version: '0',
    id: 'x',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: ACCOUNT,
    region: 'eu-central-1',
  },
  detail: { bucket: { name: 'landfall' }, object: { key } },
});

/** What the rule on the bucket's events does. */
export async function apply({ store, queue }: Installation, text: string): Promise<void> {
  await putDocument({ file: 'a.yaml', text }, store.objects);
  const body = JSON.stringify(putEvent(documentKey('a.yaml')));
  queue.send({ body, groupId: 'documents', deduplicationId: String(Math.random()) });
}

/** An installation whose functions can be started, and whose time is passed by hand. */
export async function openHandlers<K extends Name>(t: TestContext, bundles: Bundles<K>) {
  let now = Date.UTC(2026, 10, 21, 9);
  const installation = await installationFor(t, () => now);
  installation.aws.secrets.set('webhook', JSON.stringify({ secret: SECRET }));
  const start = (name: K, env = {}): Promise<LambdaProcess> =>
    startLambda(t, bundles[name], { ...installation.env, ...env });
  const pass = (milliseconds: number): void => {
    now += milliseconds;
  };
  return { ...installation, start, pass };
}
