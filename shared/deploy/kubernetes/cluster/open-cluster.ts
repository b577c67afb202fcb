import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../../clock.ts';
import { abortable } from '../../../kernel/abortable.ts';
import { cancelled } from '../../../kernel/cancelled.ts';
import { deployFailed } from '../../kit/failures.ts';
import { type ChildProgram, startProgram } from '../build/child-program.ts';
import type { Kubectl } from '../build/kubectl.ts';
import type { KubernetesSettings } from '../kubernetes-settings.ts';
import { makeWorkFolder } from '../work-folder.ts';
import type { Cluster } from './cluster.ts';
import { requestCluster } from './cluster-request.ts';
import { ClusterSecrets } from './cluster-secrets.ts';

export interface ClusterAccess extends Pick<KubernetesSettings, 'context' | 'serviceAccount'> {
  readonly kubectl: Kubectl;
  /** Text of a kubeconfig; undefined: kubectl finds its own. */
  readonly kubeconfig: string | undefined;
  /** ARN of the cluster, where it is one of EKS. */
  readonly eks?: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A cluster that is open for one visit. */
export interface OpenCluster extends AsyncDisposable {
  readonly cluster: Cluster;
  /** ARN of the cluster, where it is one of EKS. */
  readonly eks?: string | undefined;
  /** Where it listens: whoever may reach it is whom the deploy works as. */
  readonly socket: string;
}

const READY = 'Starting to serve on';

function argvOf({ kubectl, context, serviceAccount }: ClusterAccess, socket: string): [string, ...string[]] {
  return [
    kubectl.program,
    'proxy',
    `--unix-socket=${socket}`,
    ...(context === undefined ? [] : [`--context=${context}`]),
    ...(serviceAccount === undefined
      ? []
      : [`--as=system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.name}`]),
  ];
}

/** Resolves once the socket is there. @throws LandfallError DEPLOY_FAILED where it ends before */
async function ready(proxy: ChildProgram, { kubectl, signal }: ClusterAccess): Promise<void> {
  const lines = createInterface({ input: proxy.stdout });
  const began = new Promise<'ready'>((resolve) => {
    lines.on('line', (line) => {
      if (line.startsWith(READY)) resolve('ready');
    });
  });
  const ended = await abortable(Promise.race([began, proxy.exit]), signal);
  if (ended === 'ready') return;
  throw deployFailed(`${kubectl.program} proxy exited with ${ended}: ${proxy.stderr()}`, {
    hint: 'Check kubeconfig and context of the deploy: `kubectl --context NAME get namespaces` has to work with them.',
  });
}

/**
 * Opens the API server through `kubectl proxy` on a socket that only this user can reach: kubectl is who reads the
 * kubeconfig, proves who we are (certificates, tokens, exec plugins) and speaks TLS. What is sent is ours.
 * @throws LandfallError DEPLOY_FAILED, CANCELLED
 */
export async function openCluster(access: ClusterAccess): Promise<OpenCluster> {
  const { kubeconfig, eks, clock, signal } = access;
  const directory = await makeWorkFolder('k');
  const socket = join(directory, 's');
  const config = join(directory, 'kubeconfig');
  const env = { ...process.env, ...(kubeconfig !== undefined && { KUBECONFIG: config }) };
  let proxy: ChildProgram | undefined;
  let agent: Dispatcher | undefined;
  const close = async (): Promise<void> => {
    await agent?.destroy();
    await proxy?.end();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    if (kubeconfig !== undefined) await writeFile(config, kubeconfig, { mode: 0o600 });
    proxy = startProgram({ argv: argvOf(access, socket), env, directory, signal });
    await ready(proxy, access);
    // It has been read. Whoever kills us from here on leaves no secret on the disk.
    await rm(config, { force: true });
    const { Pool } = await import('./proxy-client.ts');
    const pool = new Pool('http://localhost', { socketPath: socket, connections: 8, pipelining: 1 });
    agent = pool;
    const told = proxy.stderr;
    const ways = { dispatcher: pool, clock, signal, told, secrets: new ClusterSecrets() };
    return {
      cluster: { send: (request) => requestCluster(request, ways) },
      eks,
      socket,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    if (signal.aborted) throw cancelled('kubectl proxy', signal);
    throw error;
  }
}
