import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { isInstalled, skipWithout } from '../programs/tool.ts';
import { signingKey } from '../signing-key.ts';
import { type TemporaryFolder, temporaryFolder } from '../temporary-folder.ts';
import { startTokenServer, type TokenServer, type TokenServerOptions } from './token-server.ts';

/** Who may do what at Docker's registry. */
export type DockerAuth =
  | { readonly kind: 'open' }
  | { readonly kind: 'htpasswd'; readonly users: Readonly<Record<string, string>> }
  | ({ readonly kind: 'token' } & TokenServerOptions);

export interface DockerEndpoint {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Actions not told, `pull` for instance. */
  readonly ignoreActions?: readonly string[];
  readonly ignoreMediaTypes?: readonly string[];
}

export interface DockerRegistryOptions {
  readonly auth?: DockerAuth;
  readonly notifications?: readonly DockerEndpoint[];
}

/** Debian's docker-registry, running on 127.0.0.1 over a folder of its own. */
export interface DockerRegistry extends AsyncDisposable {
  readonly url: string;
  readonly host: string;
  /** With token auth. */
  readonly tokens: TokenServer | undefined;
  close(): Promise<void>;
}

const run = promisify(execFile);
const PROGRAM = 'docker-registry';
const NEEDS: Readonly<Record<DockerAuth['kind'], readonly string[]>> = {
  open: [PROGRAM],
  htpasswd: [PROGRAM, 'htpasswd'],
  token: [PROGRAM, 'openssl'],
};

export const dockerRegistryAvailable = (): boolean => isInstalled(PROGRAM);

/** For a test's `skip`: false where the registry can be started with such auth, else why not. */
export const skipWithoutDockerRegistry = (what: string, auth: DockerAuth['kind'] = 'open'): string | false =>
  skipWithout(NEEDS[auth], what);

async function htpasswd(users: Readonly<Record<string, string>>): Promise<string> {
  const lines = Object.entries(users).map(([name, password]) => run('htpasswd', ['-Bbn', name, password]));
  return (await Promise.all(lines)).map(({ stdout }) => stdout.trim()).join('\n');
}

type AuthConfig = Readonly<Record<string, Readonly<Record<string, string>>>>;

async function configureAuth(
  auth: DockerAuth,
  folder: string,
): Promise<{ readonly config: AuthConfig | undefined; readonly tokens: TokenServer | undefined }> {
  if (auth.kind === 'open') return { config: undefined, tokens: undefined };
  if (auth.kind === 'htpasswd') {
    const path = join(folder, 'htpasswd');
    await writeFile(path, await htpasswd(auth.users));
    return { config: { htpasswd: { realm: 'registry', path } }, tokens: undefined };
  }
  const key = await signingKey();
  const rootcertbundle = join(folder, 'token.pem');
  await writeFile(rootcertbundle, key.cert);
  const tokens = await startTokenServer(auth, key);
  const { realm, issuer, service } = tokens;
  return { config: { token: { realm, issuer, service, rootcertbundle } }, tokens };
}

const endpointConfig = (endpoint: DockerEndpoint, index: number): Readonly<Record<string, unknown>> => ({
  name: `endpoint-${index}`,
  url: endpoint.url,
  headers: Object.fromEntries(Object.entries(endpoint.headers ?? {}).map(([name, value]) => [name, [value]])),
  timeout: '2s',
  threshold: 3,
  backoff: '100ms',
  // 2.8 forgets the ignored actions where no media type is ignored, so one that nothing has always is.
  ignore: {
    actions: endpoint.ignoreActions ?? [],
    mediatypes: ['application/vnd.example.none', ...(endpoint.ignoreMediaTypes ?? [])],
  },
});

/** JSON is YAML. Port 0: the registry takes a free one and says in its log which. */
function configure(options: DockerRegistryOptions, folder: string, auth: AuthConfig | undefined): string {
  return JSON.stringify({
    version: '0.1',
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0', secret: 'test' },
    ...(auth !== undefined && { auth }),
    notifications: { endpoints: (options.notifications ?? []).map(endpointConfig) },
  });
}

/** The address it listens on, read from its log. Rejects with that log where it ends before. */
async function listening(child: ChildProcess): Promise<string> {
  await once(child, 'spawn');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr ?? Readable.from([]) })) {
    said.push(line);
    const [, host] = /listening on (127\.0\.0\.1:[0-9]+)/.exec(line) ?? [];
    if (host !== undefined) return host;
  }
  throw new Error(`${PROGRAM} ended before it listened:\n${said.slice(-20).join('\n')}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function serve(
  options: DockerRegistryOptions,
  folder: TemporaryFolder,
  closing: (() => Promise<void>)[],
): Promise<DockerRegistry> {
  const { config, tokens } = await configureAuth(options.auth ?? { kind: 'open' }, folder.path);
  if (tokens !== undefined) closing.unshift(() => tokens.close());
  const path = join(folder.path, 'config.yml');
  await writeFile(path, configure(options, folder.path, config));
  const child = spawn(PROGRAM, ['serve', path], { stdio: ['ignore', 'ignore', 'pipe'] });
  closing.unshift(() => stop(child));
  const host = await listening(child);
  child.stderr?.resume();
  const close = (): Promise<void> => closeAll(closing);
  return { url: `http://${host}`, host, tokens, close, [Symbol.asyncDispose]: close };
}

async function closeAll(closing: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closing) await close();
}

/** Starts it and waits until it listens. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const folder = await temporaryFolder();
  const closing = [() => folder.remove()];
  try {
    return await serve(options, folder, closing);
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}
