import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { skipWithout } from '../programs/tool.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { until } from '../until.ts';

const PROGRAM = 'gitea';
const run = promisify(execFile);

/** Its only user, who owns the packages. Gitea keeps the capital, and a registry's names are lower case. */
export const GITEA_USER = { username: 'Team', password: 'canary-gitea-password' } as const;

export interface GiteaHook {
  readonly url: string;
  readonly secret: string;
  readonly contentType: 'json' | 'form';
}

/** Gitea with its container registry, running on 127.0.0.1 over a folder of its own. */
export interface Gitea {
  readonly host: string;
  /** Has the user's packages told of. */
  hook(hook: GiteaHook): Promise<void>;
  close(): Promise<void>;
}

/** For a test's `skip`: false where Gitea can be started, else why not. */
export const skipWithoutGitea = (what: string): string | false => skipWithout([PROGRAM], what);

const configuration = (host: string, root: string): string => {
  const [address, port] = host.split(':');
  return `
WORK_PATH = ${root}
RUN_MODE = prod
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = ${process.getuid?.() === 0}
[server]
HTTP_ADDR = ${address}
HTTP_PORT = ${port}
ROOT_URL = http://${host}/
OFFLINE_MODE = true
DISABLE_SSH = true
[database]
DB_TYPE = sqlite3
[security]
INSTALL_LOCK = true
SECRET_KEY = of-a-test
[webhook]
ALLOWED_HOST_LIST = loopback
[log]
LEVEL = error
`;
};

async function listens(url: string): Promise<true | undefined> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.status === 401 || undefined;
  } catch {
    return undefined;
  }
}

async function createHook(host: string, { url, secret, contentType }: GiteaHook): Promise<void> {
  const { username, password } = GITEA_USER;
  const response = await fetch(`http://${host}/api/v1/user/hooks`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      type: 'gitea',
      active: true,
      events: ['package'],
      config: { url, secret, content_type: contentType },
    }),
  });
  if (response.status !== 201) throw new Error(`Gitea: ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}

export async function startGitea(host: string): Promise<Gitea> {
  const folder = await temporaryFolder();
  const config = join(folder.path, 'app.ini');
  await mkdir(join(folder.path, 'home'));
  await writeFile(config, configuration(host, folder.path));
  const env = { ...process.env, HOME: join(folder.path, 'home') };
  const child = spawn(PROGRAM, ['web', '--config', config], { stdio: 'ignore', env });
  const ended = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await folder.remove();
  };
  try {
    await until('Gitea to listen', () => listens(`http://${host}/v2/`));
    const { username, password } = GITEA_USER;
    const named = ['--username', username, '--password', password, '--email', 'team@git.example'];
    const create = ['admin', 'user', 'create', '--config', config, ...named, '--must-change-password=false'];
    await run(PROGRAM, create, { env });
    return { host, hook: (hook) => createHook(host, hook), close };
  } catch (error) {
    await close();
    throw error;
  }
}
