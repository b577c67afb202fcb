import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { type Serving, serve } from '../../local/serve.ts';
import { systemClock } from '../../shared/clock.ts';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { WatchedFiles } from '../../shared/credentials/watched-files.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { silentLog } from '../../shared/log.ts';
import { createRegistryClient, type RegistryClient } from '../../shared/registry/create-client.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import type { YamlFile } from '../../shared/source/file/yaml-document.ts';
import { receiverPath } from '../../shared/trigger/receivers/open-receiver.ts';
import { say, sayCommand, sayStep, sayYaml } from '../demo/say.ts';
import { awaitDeploys, type Wanted } from './await-deploys.ts';
import { type Cloud, formatCloud, startCloud } from './cloud.ts';
import { landfall } from './commands.ts';

/** Of the demo's own receiver, on loopback, for as long as the demo runs. */
const SECRET = 'demo-webhook-secret';

const IMAGE = [
  ...['--media-type', 'application/vnd.oci.image.layer.v1.tar+gzip'],
  ...['--config-media-type', 'application/vnd.oci.image.config.v1+json'],
];

interface Stage {
  readonly cloud: Cloud;
  readonly registry: EmbeddedRegistry;
  readonly serving: Serving;
  readonly documents: readonly YamlFile[];
}

const openRegistryClient = (): RegistryClient =>
  createRegistryClient({
    access: createAccessResolver({ plainHttp: true, env: {} }),
    clock: systemClock,
    limits: DEFAULT_LIMITS,
  });

async function setUp(stack: AsyncDisposableStack): Promise<Stage> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'landfall-demo-')));
  stack.defer(() => rm(root, { recursive: true, force: true }));
  process.chdir(root);
  stack.defer(() => process.chdir(tmpdir()));
  await cp(new URL('../shop', import.meta.url), 'shop', { recursive: true });
  const cloud = await startCloud(stack);
  const client = openRegistryClient();
  stack.defer(() => client.close());
  const serving = await serve({
    configuration: parseDocuments([]),
    where: join(root, 'store'),
    registry: client,
    listen: { host: '127.0.0.1', port: 0 },
    secrets: { files: new WatchedFiles(systemClock), env: {} },
    log: silentLog,
  });
  stack.defer(() => serving.close());
  const url = `${serving.url}${receiverPath({ type: 'distribution', name: 'demo' }, SECRET)}`;
  const registry = await startEmbeddedRegistry({
    notifications: [{ url, headers: { Authorization: `Bearer ${SECRET}` } }],
  });
  stack.defer(() => registry.close());
  const documents = await Promise.all(
    ['deploys.yaml', 'machine.yaml'].map(async (file) => {
      const text = await readFile(new URL(file, import.meta.url), 'utf8');
      return { file, text: text.replaceAll('registry.example.org', registry.host) };
    }),
  );
  for (const { file, text } of documents) await writeFile(file, text);
  return { cloud, registry, serving, documents };
}

/** The demo ends where something is not as it says. */
function require(text: string, wanted: readonly RegExp[]): void {
  for (const pattern of wanted)
    if (!pattern.test(text)) throw new Error(`the demo says what is not so: wanted ${pattern} in\n${text}`);
}

const push = (version: string, { registry }: Stage): Promise<string> =>
  landfall(
    'push',
    `shop/${version}`,
    `oci://${registry.host}/demo/shop:${version}`,
    '--plain-http',
    ...IMAGE,
  );

/** What there is at the stand-ins now. */
function sayCloud({ cloud }: Stage, wanted: readonly RegExp[]): void {
  const text = formatCloud(cloud);
  say('At AWS:');
  for (const line of text.split('\n')) say(`  ${line}`);
  require(text, wanted);
}

/** `landfall get deploys`, whose rows have to begin with these: deploy, generation that is applied, state. */
async function sayDeploys(
  wanted: readonly (readonly [deploy: string, applied: string, state: string])[],
): Promise<void> {
  const text = await landfall('get', 'deploys', '--store', 'store');
  require(text, wanted.map(
    ([deploy, applied, state]) => new RegExp(`^${deploy} +web/shop +${applied} .* ${state} `, 'm'),
  ));
}

/** Does something, and waits until these deploys have told what they are to tell. */
async function until(wanted: Wanted, { serving }: Stage, cause: () => Promise<unknown>): Promise<void> {
  const told = awaitDeploys(serving.bus, wanted);
  await Promise.all([told, cause()]);
}

async function deployFirst(stage: Stage): Promise<void> {
  const { serving, documents } = stage;
  sayStep(
    'One artifact with all of it: a template, pages, the code of a function, an image; four deploys follow it',
  );
  sayYaml(documents[0]?.text ?? '');
  sayStep(
    '1.0.0 is pushed. First the stack, then the function and the pages; the service waits for a person',
  );
  await push('1.0.0', stage);
  sayCommand('landfall serve -f deploys.yaml -f machine.yaml --store store --listen 127.0.0.1:0');
  await until({ pages: 'Deploy Succeeded', web: 'Deploy Waiting' }, stage, () =>
    serving.replace(parseDocuments(documents)),
  );
  await sayDeploys([
    ['network', '1', 'Succeeded'],
    ['api', '1', 'Succeeded'],
    ['pages', '1', 'Succeeded'],
    ['web', '-', 'Waiting'],
  ]);
  sayCloud(stage, [
    /stack shop-network: CREATE_COMPLETE/,
    /version 2/,
    /says Hello from 1\.0\.0/,
    /service web: demo\/shop:0.9.0/,
  ]);
}

async function approve(stage: Stage): Promise<void> {
  sayStep('A person asks what the service would do, and lets it');
  const plan = await landfall('deploy', 'web', '--dry-run', '-f', 'deploys.yaml', '--store', 'store');
  require(plan, [/update +container web: .*demo\/shop:0\.9\.0 → .*demo\/shop@sha256:/]);
  await until({ web: 'Deploy Succeeded' }, stage, () =>
    landfall('approve', 'web', '--reason', 'seen on staging', '--by', 'ada', '--store', 'store'),
  );
  await sayDeploys([['web', '1', 'Succeeded']]);
  sayCloud(stage, [/service web: demo\/shop@sha256:/]);
}

async function rollBack(stage: Stage): Promise<void> {
  const { cloudFormation } = stage.cloud;
  sayStep(
    '1.1.0 is pushed, whose template asks for a topic that somebody else has: CloudFormation rolls back',
  );
  cloudFormation.state.failing.set('Invoices', {
    reason: 'Topic invoices already exists with different tags',
  });
  await until({ network: 'Deploy Failed', web: 'Deploy Waiting' }, stage, () => push('1.1.0', stage));
  await sayDeploys([
    ['network', '1', 'RolledBack'],
    ['api', '1', 'Waiting'],
    ['pages', '1', 'Waiting'],
    ['web', '1', 'Waiting'],
  ]);
  require(await landfall('logs', 'network', '--store', 'store'), [/Topic invoices already exists/]);
  say('What depends on the stack has not begun, and all of it runs as it did:');
  sayCloud(stage, [/UPDATE_ROLLBACK_COMPLETE Orders$/m, /version 2/, /says Hello from 1\.0\.0/]);
}

async function mend(stage: Stage): Promise<void> {
  sayStep('1.2.0 mends it; the service is rejected, with a reason');
  stage.cloud.cloudFormation.state.failing.clear();
  await until({ pages: 'Deploy Succeeded', web: 'Deploy Waiting' }, stage, () => push('1.2.0', stage));
  await landfall('reject', 'web', '--reason', 'not on a Friday', '--by', 'ada', '--store', 'store');
  await sayDeploys([
    ['network', '3', 'Succeeded'],
    ['api', '3', 'Succeeded'],
    ['pages', '3', 'Succeeded'],
    ['web', '1', 'Waiting'],
  ]);
  sayCloud(stage, [/UPDATE_COMPLETE Orders Invoices$/m, /version 3/, /says Hello from 1\.2\.0/]);
}

function sayNext(): void {
  sayStep('Now your own account');
  say(
    "The same documents on AWS: new Landfall(this, 'Landfall', { documents: ['deploys.yaml'] }) builds the functions,",
  );
  say(
    'roles, rules and alarms of each deploy. On one machine `landfall serve` uses the credentials it has: docs/deploys.md',
  );
}

await using stack = new AsyncDisposableStack();
const stage = await setUp(stack);
await deployFirst(stage);
await approve(stage);
await rollBack(stage);
await mend(stage);
sayNext();
