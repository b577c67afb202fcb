import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { knownSecrets } from '../../../credentials/known-secrets.ts';
import { cancelled } from '../../../kernel/cancelled.ts';
import { DisposeStack } from '../../../kernel/dispose-stack.ts';
import {
  COMMAND_GRACE_MS,
  COMMAND_STDERR_CHARACTERS,
  HELM_RUN_MS,
  KUBERNETES_ANSWER_BYTES,
  KUBERNETES_BUILD_MEMORY_BYTES,
} from '../../../limits.ts';
import { runCommand } from '../../command/run-command.ts';
import { MaskedTail } from '../../command/secret-mask.ts';
import type { RemoveContext } from '../../kit/deploy-context.ts';
import { deployFailed } from '../../kit/failures.ts';
import { withMemory } from '../../kubernetes/build/child-program.ts';
import { makeWorkFolder } from '../../kubernetes/work-folder.ts';
import type { Helm, HelmEnd, OpenHelm } from './helm.ts';
import type { HelmFence } from './helm-fence.ts';
import type { HelmProgram } from './helm-program.ts';
import { openHelmProxy } from './helm-proxy.ts';

export interface HelmAccess {
  readonly program: HelmProgram;
  /** Of the cluster. */
  readonly socket: string;
  readonly fence: HelmFence | undefined;
  readonly context: Pick<RemoveContext<unknown, unknown>, 'signal' | 'claimFor'>;
}

const kubeconfigOf = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'deploy',
    clusters: [{ name: 'deploy', cluster: { server } }],
    contexts: [{ name: 'deploy', context: { cluster: 'deploy', user: 'deploy' } }],
    users: [{ name: 'deploy', user: {} }],
  });

/** No login, no plugin, no repository, no way out but to the cluster, and nothing of this process's own environment. */
function environmentOf(folder: string): NodeJS.ProcessEnv {
  const home = join(folder, 'home');
  const at = (name: string): string => join(home, name);
  return {
    HOME: home,
    TMPDIR: home,
    PATH: '/nonexistent',
    KUBECONFIG: join(folder, 'kubeconfig'),
    HELM_CACHE_HOME: at('cache'),
    HELM_CONFIG_HOME: at('config'),
    HELM_DATA_HOME: at('data'),
    HELM_PLUGINS: at('plugins'),
    HELM_REGISTRY_CONFIG: at('registry.json'),
    HELM_REPOSITORY_CONFIG: at('repositories.yaml'),
    HTTP_PROXY: 'http://127.0.0.1:9',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    NO_PROXY: '127.0.0.1',
  };
}

async function runHelm(
  args: readonly string[],
  folder: string,
  { program: { program }, context: { signal, claimFor } }: HelmAccess,
): Promise<HelmEnd> {
  const overdue = AbortSignal.timeout(HELM_RUN_MS);
  const tail = new MaskedTail(COMMAND_STDERR_CHARACTERS, knownSecrets.all());
  const parts: string[] = [];
  let size = 0;
  const ended = await runCommand({
    argv: withMemory([program, ...args], KUBERNETES_BUILD_MEMORY_BYTES),
    directory: folder,
    env: environmentOf(folder),
    input: '',
    onOutput: (stream, text) => {
      if (stream === 'stderr') tail.write(text);
      else {
        size += text.length;
        if (size <= KUBERNETES_ANSWER_BYTES) parts.push(text);
      }
    },
    begin: claimFor,
    graceMs: COMMAND_GRACE_MS,
    signal: AbortSignal.any([signal, overdue]),
  });
  if (signal.aborted) throw cancelled(`helm ${args[0]}`, signal);
  if (size > KUBERNETES_ANSWER_BYTES)
    throw deployFailed(`helm ${args[0]} says more than ${KUBERNETES_ANSWER_BYTES} characters`, {
      hint: 'Split the chart into several, each a deploy of its own.',
    });
  const { code, isStopped } = ended;
  const stderr = tail.read().trim().replaceAll(`${folder}/`, '');
  return { code, stdout: parts.join(''), stderr, isOverdue: isStopped };
}

/** Opens helm for one visit. @throws LandfallError */
export async function openHelm(access: HelmAccess): Promise<OpenHelm> {
  await using stack = new DisposeStack();
  const path = await makeWorkFolder('helm');
  stack.defer(() => rm(path, { recursive: true, force: true }));
  await mkdir(join(path, 'home'));
  const { server } = stack.use(await openHelmProxy(access));
  await writeFile(join(path, 'kubeconfig'), kubeconfigOf(server), { mode: 0o600 });
  const { version, major } = access.program;
  const helm: Helm = { version, major, folder: path, run: (args) => runHelm(args, path, access) };
  const opened = stack.move();
  return { helm, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}
