import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../temporary-folder.ts';
import { type ApiServer, apiServerSkip, missingOf, programOf } from './api-server.ts';

const PROGRAMS = {
  'kube-controllers': programOf('LANDFALL_KUBE_CONTROLLERS', 'kube-controllers'),
  kwok: programOf('LANDFALL_KWOK', 'kwok'),
} as const;

const missing = missingOf(PROGRAMS);

/** What a test says that is left out where pods cannot become ready; false where they can. See npm run check:kubernetes. */
export const nodesSkip: string | false =
  apiServerSkip ||
  (missing.length > 0 && `${missing.join(', ')} not found: skipped what needs pods that become ready`);

/** Those that a deploy's objects need; others of them want certificates. */
const CONTROLLERS = [
  ...['deployment-controller', 'replicaset-controller', 'statefulset-controller', 'daemonset-controller'],
  ...['job-controller', 'garbage-collector-controller', 'namespace-controller', 'endpointslice-controller'],
];

const SIZE = { cpu: '64', memory: '256Gi', pods: '250' };

const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'kwok', labels: { 'kubernetes.io/os': 'linux' } },
  status: { allocatable: SIZE, capacity: SIZE },
};

export interface Nodes {
  readonly stop: () => Promise<void>;
}

/**
 * Kubernetes' own controllers and scheduler, and one node of kwok, whose pods become ready by themselves: but for those of the
 * image `never.example/ready:1`.
 */
export async function startNodes(server: ApiServer): Promise<Nodes> {
  const folder = await temporaryFolder();
  const kubeconfig = join(folder.path, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig, { mode: 0o600 });
  await writeFile(join(folder.path, 'node.json'), JSON.stringify(NODE));
  const start = (program: string, ...argv: readonly string[]): ChildProcess =>
    spawn(program, [...argv, `--kubeconfig=${kubeconfig}`], { stdio: 'ignore' });
  const alone = ['--leader-elect=false', '--secure-port=0'];
  const controllers = PROGRAMS['kube-controllers'];
  const children = [
    start(controllers, 'kube-controller-manager', ...alone, `--controllers=${CONTROLLERS.join(',')}`),
    start(controllers, 'kube-scheduler', ...alone),
    start(PROGRAMS.kwok, '--manage-all-nodes=true', `--config=${join(import.meta.dirname, 'stages.yaml')}`),
  ];
  await server.kubectl('apply', '-f', join(folder.path, 'node.json'));
  await server.kubectl('wait', '--for=condition=Ready', 'node/kwok', '--timeout=60s');
  // What takes the mark of a new node off wants heartbeats.
  await server.kubectl('taint', 'node', 'kwok', 'node.kubernetes.io/not-ready-');
  return {
    stop: async () => {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const closed = once(child, 'close');
        child.kill('SIGKILL');
        await closed;
      }
      await folder.remove();
    },
  };
}
