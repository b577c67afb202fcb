import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clusterDeploy } from '../test/deploy/kubernetes/cluster/cluster-world.ts';
import { type ApiServer, apiServerSkip, startApiServer } from '../test/support/kubernetes/api-server.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { milliseconds, ratio } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';

const run = promisify(execFile);

const OBJECTS = 500;
const CHANGED = 5;
const KINDS = ['ConfigMap', 'Service', 'Deployment', 'ServiceAccount', 'Role'] as const;

/** An object as applications have them; `text` is what is changed of it. */
function objectAt(at: number, text: string): object {
  const kind = KINDS[at % KINDS.length];
  const name = `bench-${at}`;
  const labels = { app: name };
  const metadata = { name, annotations: { text } };
  switch (kind) {
    case 'Service':
      return { apiVersion: 'v1', kind, metadata, spec: { selector: labels, ports: [{ port: 80 }] } };
    case 'Deployment': {
      const containers = [{ name: 'a', image: 'a:1', ports: [{ containerPort: 80 }] }];
      const template = { metadata: { labels }, spec: { containers } };
      return { apiVersion: 'apps/v1', kind, metadata, spec: { selector: { matchLabels: labels }, template } };
    }
    case 'Role': {
      const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
      return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata, rules };
    }
    case 'ServiceAccount':
      return { apiVersion: 'v1', kind, metadata };
    default:
      return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text } };
  }
}

const filesOf = (objects: number, changed: number, text: string): Readonly<Record<string, string>> => {
  const names = Array.from({ length: objects }, (_, at) => `${at}.yaml`);
  const all = names.map((name, at) => [name, JSON.stringify(objectAt(at, at < changed ? text : 'first'))]);
  return Object.fromEntries([...all, ['kustomization.yaml', JSON.stringify({ resources: names })]]);
};

/** What the API server has been asked, but for what it asks itself and what it is asked to count this. */
async function requestsSeen(server: ApiServer): Promise<number> {
  const text = await server.kubectl('get', '--raw', '/metrics');
  const lines = text.split('\n').filter((line) => line.startsWith('apiserver_request_total{'));
  const resources =
    /resource="(?:configmaps|services|deployments|serviceaccounts|roles|namespaces)"|group="",.*resource=""/;
  const ours = lines.filter((line) => resources.test(line) && !/verb="(?:WATCH)"/.test(line));
  return ours.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

interface Spent {
  readonly ms: number;
  readonly requests: number;
}

/** Of the requests that nobody here makes there are a few a second, in both. */
async function spent(server: ApiServer, work: () => Promise<unknown>): Promise<Spent> {
  const before = await requestsSeen(server);
  const begun = performance.now();
  await work();
  const ms = performance.now() - begun;
  return { ms, requests: (await requestsSeen(server)) - before };
}

interface Sides {
  readonly ours: () => Promise<unknown>;
  readonly theirs: () => Promise<unknown>;
}

async function compared(
  { server, rounds }: { readonly server: ApiServer; readonly rounds: number },
  sides: (round: number) => Promise<Sides>,
) {
  const all: { readonly ours: Spent; readonly theirs: Spent }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { ours, theirs } = await sides(round);
    all.push({ theirs: await spent(server, theirs), ours: await spent(server, ours) });
  }
  const of = (side: 'ours' | 'theirs', what: keyof Spent): number =>
    median(all.map((each) => each[side][what]));
  return {
    wall: median(all.map(({ ours, theirs }) => ours.ms / theirs.ms)),
    requests: of('ours', 'requests') / of('theirs', 'requests'),
    said: `${milliseconds(of('ours', 'ms'))} and ${of('ours', 'requests')} requests, kubectl ${milliseconds(of('theirs', 'ms'))} and ${of('theirs', 'requests')}; load ${loadavg()[0]?.toFixed(1)}`,
  };
}

async function figures(server: ApiServer, { quick, scratch, say }: BenchContext): Promise<readonly Figure[]> {
  const objects = quick ? 50 : OBJECTS;
  const rounds = quick ? 1 : 5;
  const kubeconfig = join(scratch, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig, { mode: 0o600 });
  await server.kubectl('create', 'namespace', 'theirs');
  await server.kubectl('create', 'namespace', 'ours');
  const deploy = clusterDeploy(server, {
    name: 'bench',
    settings: { targetNamespace: 'ours', inventoryNamespace: 'ours' },
  });
  const kubectl = process.env['LANDFALL_KUBECTL'] ?? 'kubectl';
  const theirs = async (files: Readonly<Record<string, string>>, name: string) => {
    const folder = join(scratch, name);
    await mkdir(folder, { recursive: true });
    for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
    const flags = ['apply', '--server-side', '--force-conflicts', '-k', folder, '-n', 'theirs'];
    return () => run(kubectl, ['--kubeconfig', kubeconfig, ...flags], { maxBuffer: 1 << 26 });
  };
  const first = filesOf(objects, 0, '');
  say(`makes ${objects} objects twice`);
  await (await theirs(first, 'first'))();
  await deploy.run(first);
  await deploy.run(first);
  const unchanged = await compared({ server, rounds }, async () => ({
    ours: () => deploy.run(first),
    theirs: await theirs(first, 'first'),
  }));
  const changed = await compared({ server, rounds }, async (round) => {
    const files = filesOf(objects, CHANGED, `round ${round}`);
    return { ours: () => deploy.run(files), theirs: await theirs(files, `round-${round}`) };
  });
  return [
    {
      what: `${objects} objects unchanged`,
      measured: `${ratio(unchanged.wall)} of the time and ${ratio(unchanged.requests)} of the requests of kubectl apply --server-side -k: ${unchanged.said}`,
      target: '≤ 0.50 of both',
      met: unchanged.wall <= 0.5 && unchanged.requests <= 0.5,
    },
    {
      what: `${CHANGED} of ${objects} changed`,
      measured: `${ratio(changed.wall)} of its time, ${ratio(changed.requests)} of its requests: ${changed.said}`,
      target: '≤ 1.00 of its time',
      met: changed.wall <= 1,
    },
  ];
}

/** A deploy into a cluster beside kubectl, over a real API server. */
export const bench: Bench = {
  name: 'kubernetes',
  about: 'a deploy into a cluster, beside kubectl apply --server-side -k',
  needs: ['etcd', 'kubectl', 'openssl'],
  run: async (context) => {
    if (apiServerSkip !== false) return [{ what: 'a deploy into a cluster', measured: apiServerSkip }];
    const server = await startApiServer();
    try {
      return await figures(server, context);
    } finally {
      await server.stop();
    }
  },
};
