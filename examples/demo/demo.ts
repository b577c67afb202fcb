import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { type Serving, serve } from '../../local/serve.ts';
import { systemClock } from '../../shared/clock.ts';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { WatchedFiles } from '../../shared/credentials/watched-files.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { silentLog } from '../../shared/log.ts';
import { createRegistryClient, type RegistryClient } from '../../shared/registry/create-client.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import { receiverPath } from '../../shared/trigger/receivers/open-receiver.ts';
import { awaitEvents } from './await-events.ts';
import { pushHostile, pushSite } from './pushes.ts';
import { say, sayCommand, sayEvent, sayFailure, sayStep, sayYaml } from './say.ts';

/** Of the demo's own receiver, on loopback, for as long as the demo runs. */
const SECRET = 'demo-webhook-secret';

const documentFor = (host: string, live: string): string => `sources:
  - name: site                      # the best version of a range
    namespace: web
    url: oci://${host}/demo/site
    ref: { semver: ">=1.0.0 <2.0.0" }
    interval: 1h                    # pushes arrive by webhook; polling is the floor
  - name: site-stable               # a tag that moves
    namespace: web
    url: oci://${host}/demo/site
    ref: { tag: stable }
    interval: 1h
credentials:
  - registry: ${host}
    plainHttp: true
receivers:
  - name: demo
    type: distribution
    registry: ${host}
    secret: { value: ${SECRET} }
deploys:
  - name: live
    kind: directory
    source: web/site
    target: ${live}
`;

interface Stage {
  readonly root: string;
  readonly live: string;
  readonly registry: EmbeddedRegistry;
  readonly client: RegistryClient;
  readonly serving: Serving;
}

const noSources = parseDocuments([]);

async function setUp(stack: AsyncDisposableStack): Promise<Stage> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'landfall-demo-')));
  stack.defer(() => rm(root, { recursive: true, force: true }));
  const access = createAccessResolver({ plainHttp: true, env: {} });
  const client = createRegistryClient({ access, clock: systemClock, limits: DEFAULT_LIMITS });
  stack.defer(() => client.close());
  const secrets = { files: new WatchedFiles(systemClock), env: {} };
  const serving = await serve({
    configuration: noSources,
    where: join(root, 'store'),
    registry: client,
    listen: { host: '127.0.0.1', port: 0 },
    secrets,
    log: silentLog,
  });
  stack.defer(() => serving.close());
  const url = `${serving.url}${receiverPath({ type: 'distribution', name: 'demo' }, SECRET)}`;
  const registry = await startEmbeddedRegistry({
    notifications: [{ url, headers: { Authorization: `Bearer ${SECRET}` } }],
  });
  stack.defer(() => registry.close());
  return { root, live: join(root, 'live'), registry, client, serving };
}

const greeting = async (live: string): Promise<string> =>
  /<h1>(.*)<\/h1>/.exec(await readFile(join(live, 'index.html'), 'utf8'))?.[1] ?? 'nothing';

async function landFirst({ registry, client, serving, live, root }: Stage): Promise<void> {
  sayStep('A registry, and version 1.0.0 of a site pushed to it as 1.0.0 and stable');
  sayCommand(
    `landfall push examples/site/1.0.0 oci://${registry.host}/demo/site:1.0.0 --tag stable --plain-http`,
  );
  say(await pushSite(client, { host: registry.host, version: '1.0.0', tags: ['1.0.0', 'stable'] }));

  sayStep('Two sources follow it, and a directory deploy follows the first');
  const text = documentFor(registry.host, live);
  sayYaml(text);
  sayCommand('landfall serve -f sources.yaml --store store --listen 127.0.0.1:0');
  const events = awaitEvents(serving.bus, [
    'Artifact Revision Changed',
    'Artifact Revision Changed',
    'Deploy Succeeded',
  ]);
  await serving.replace(parseDocuments([{ file: 'sources.yaml', text }]));
  const landed = await events;
  sayEvent(landed.find(({ detail }) => detail['name'] === 'site'));
  say(`live → ${relative(root, await realpath(live))}`);
  say(`live/index.html says "${await greeting(live)}"`);
}

async function landSecond({ registry, client, serving, live }: Stage): Promise<void> {
  sayStep('Version 1.1.0 is pushed; the registry calls the webhook');
  const events = awaitEvents(serving.bus, ['Artifact Revision Changed', 'Deploy Succeeded']);
  sayCommand(`landfall push examples/site/1.1.0 oci://${registry.host}/demo/site:1.1.0 --plain-http`);
  say(await pushSite(client, { host: registry.host, version: '1.1.0', tags: ['1.1.0'] }));
  const pushed = performance.now();
  const [event] = await events;
  say(
    `event and deploy ${Math.round(performance.now() - pushed)} ms after the push; the event says what changed:`,
  );
  sayEvent(event);
  say(`live/index.html says "${await greeting(live)}"; web/site-stable stays at 1.0.0`);
}

async function refuseHostile({ registry, client, serving, live }: Stage): Promise<void> {
  sayStep('Somebody pushes 1.2.0 with a file that would leave the folder: ../../etc/cron.d/job');
  const events = awaitEvents(serving.bus, ['Source Reconcile Failed']);
  await pushHostile(client, { host: registry.host, tag: '1.2.0' });
  const [event] = await events;
  sayCommand('landfall status web/site --store store');
  sayFailure(event);
  say(
    `live/index.html still says "${await greeting(live)}": the last good artifact stays, and nothing of 1.2.0 is visible`,
  );
}

function sayNext(): void {
  sayStep('Now your own registry');
  sayCommand('bin/landfall pull oci://ghcr.io/stefanprodan/manifests/podinfo:latest -o podinfo');
  sayCommand('bin/landfall tags oci://YOUR.REGISTRY/team/app --registry-creds YOUR.REGISTRY=USER:TOKEN');
  sayCommand('bin/landfall serve -f sources.yaml --store ./store        # docs/getting-started.md');
}

await using stack = new AsyncDisposableStack();
const stage = await setUp(stack);
await landFirst(stage);
await landSecond(stage);
await refuseHostile(stage);
sayNext();
