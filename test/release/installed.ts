import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '../..');

const execute = promisify(execFile);

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine on which nothing is set up: a home with nothing in it but that npm is to run no script, and this Node. */
export interface BlankMachine {
  readonly home: string;
  run(file: string, args: readonly string[], cwd?: string): Promise<Ran>;
}

/** How the network is reached, if it is by a proxy. */
const NETWORK = /^(?:NODE_EXTRA_CA_CERTS|(?:https?|no)_proxy)$/i;

/** What npm has fetched already, and from where: it is not the network that is tried here. */
async function npmSettings(): Promise<Readonly<Record<string, string>>> {
  const get = async (key: string): Promise<string> =>
    (await execute('npm', ['config', 'get', key], { cwd: ROOT })).stdout.trim();
  return { npm_config_cache: await get('cache'), npm_config_registry: await get('registry') };
}

export async function blankMachine(home: string): Promise<BlankMachine> {
  await mkdir(home, { recursive: true });
  await writeFile(
    join(home, '.npmrc'),
    'ignore-scripts=true\nprefer-offline=true\naudit=false\nfund=false\n',
  );
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`;
  const network = Object.fromEntries(Object.entries(process.env).filter(([name]) => NETWORK.test(name)));
  const env = { ...network, ...(await npmSettings()), HOME: home, PATH: path };
  return {
    home,
    run: async (file, args, cwd = home) => {
      try {
        const { stdout, stderr } = await execute(file, args, { cwd, env, maxBuffer: 2 ** 24 });
        return { code: 0, stdout, stderr };
      } catch (error) {
        const { code, stdout = '', stderr = '' } = error as Partial<Ran>;
        return { code: typeof code === 'number' ? code : -1, stdout, stderr };
      }
    },
  };
}

/** Makes the package, as who releases it does. Its path. */
export async function packPackage(to: string): Promise<string> {
  const { stdout } = await execute(
    'npm',
    ['pack', '--json', '--ignore-scripts=false', '--pack-destination', to],
    {
      cwd: ROOT,
      maxBuffer: 2 ** 26,
    },
  );
  const packed: unknown = JSON.parse(stdout.slice(stdout.indexOf('[')));
  return join(to, (packed as readonly [{ readonly filename: string }])[0].filename);
}

/** An app that has these packages of the checkout, which its own npm would take a minute to fetch, beside what npm installed. */
export async function linkPackages(app: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(app, 'node_modules', name)), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(app, 'node_modules', name));
  }
}
