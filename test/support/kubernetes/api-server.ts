import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isInstalled } from '../programs/tool.ts';
import { freePort } from '../servers/free-port.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const run = promisify(execFile);

/** A real API server of Kubernetes with its store, for the length of a file of tests. Nothing runs pods in it. */
export interface ApiServer {
  /** Text of a kubeconfig of its administrator. */
  readonly kubeconfig: string;
  /** kubectl's stdout. */
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export const programOf = (variable: string, name: string): string => process.env[variable] ?? name;
const PROGRAMS = {
  'kube-apiserver': programOf('LANDFALL_KUBE_APISERVER', 'kube-apiserver'),
  etcd: programOf('LANDFALL_ETCD', 'etcd'),
  kubectl: programOf('LANDFALL_KUBECTL', 'kubectl'),
} as const;

function isThere(program: string): boolean {
  if (!program.includes('/')) return isInstalled(program);
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The names of the programs that are not here. */
export const missingOf = (programs: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(programs).flatMap(([name, program]) => (isThere(program) ? [] : [name]));

const missing = missingOf(PROGRAMS);

/** What a test says that is left out for want of an API server; false where it is there. See npm run check:kubernetes. */
export const apiServerSkip: string | false =
  missing.length > 0 && `${missing.join(', ')} not found: skipped what needs a real API server`;

/** The same for what needs only kubectl. */
export const kubectlSkip: string | false =
  missing.includes('kubectl') && 'kubectl not found: skipped its builds';

const TOKEN = 'landfall-tests';

const kubeconfigOf = (port: number): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [
      { name: 'test', cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    users: [{ name: 'admin', user: { token: TOKEN } }],
  });

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

/** Flags: see https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/ */
const apiServerFlags = (folder: string, port: number, etcd: number): readonly string[] => [
  `--etcd-servers=http://127.0.0.1:${etcd}`,
  '--bind-address=127.0.0.1',
  `--secure-port=${port}`,
  `--cert-dir=${join(folder, 'certificates')}`,
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-key-file=${join(folder, 'key.pem')}`,
  `--service-account-signing-key-file=${join(folder, 'key.pem')}`,
  `--token-auth-file=${join(folder, 'tokens.csv')}`,
  '--authorization-mode=RBAC',
  '--service-cluster-ip-range=10.0.0.0/24',
  '--disable-admission-plugins=ServiceAccount',
];

/** Starts both and waits until the namespace `default` is there. @throws Error with what the server wrote */
export async function startApiServer(): Promise<ApiServer> {
  const folder = await temporaryFolder();
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const at = (name: string): string => join(folder.path, name);
  await run('openssl', ['genrsa', '-out', at('key.pem'), '2048']);
  await writeFile(at('tokens.csv'), `${TOKEN},admin,1,"system:masters"\n`);
  const kubeconfig = kubeconfigOf(port);
  await writeFile(at('kubeconfig'), kubeconfig, { mode: 0o600 });
  const log = at('log');
  const start = (program: string, flags: readonly string[]): ChildProcess =>
    spawn('/bin/sh', ['-c', `exec "$@" >>"${log}" 2>&1`, 'sh', program, ...flags], { stdio: 'ignore' });
  const client = `http://127.0.0.1:${etcdPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const etcd = start(PROGRAMS.etcd, [
    ...['--data-dir', at('etcd'), '--unsafe-no-fsync', '--log-level', 'error'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...[
      '--listen-peer-urls',
      peer,
      '--initial-advertise-peer-urls',
      peer,
      '--initial-cluster',
      `default=${peer}`,
    ],
  ]);
  const server = start(PROGRAMS['kube-apiserver'], apiServerFlags(folder.path, port, etcdPort));
  const stop = async (): Promise<void> => {
    await end(server);
    await end(etcd);
    await folder.remove();
  };
  const kubectl = async (...args: readonly string[]): Promise<string> =>
    (
      await run(PROGRAMS.kubectl, ['--kubeconfig', at('kubeconfig'), ...args], {
        maxBuffer: 64 * 1024 * 1024,
      })
    ).stdout;
  for (let tries = 0; tries < 240 && server.exitCode === null && etcd.exitCode === null; tries += 1) {
    const found = await kubectl('get', 'namespace', 'default', '-o', 'name').catch(() => '');
    if (found.trim() === 'namespace/default') return { kubeconfig, kubectl, stop };
    await sleep(500);
  }
  const said = (await readFile(log, 'utf8').catch(() => '')).slice(-2_000);
  await stop();
  throw new Error(`the API server does not come up: ${said}`);
}
