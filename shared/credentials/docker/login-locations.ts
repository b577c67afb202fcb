import { join } from 'node:path';
import { LandfallError } from '../../errors.ts';
import { homeFolder } from '../../home-folder.ts';
import type { Environment } from '../secret.ts';
import type { WatchedFiles } from '../watched-files.ts';
import { type DockerConfig, parseDockerConfig } from './docker-config.ts';

/** Somewhere a login may have been left by another program. */
export type LoginLocation =
  | { readonly file: string }
  /** The whole config is in a variable. */
  | { readonly variable: string };

const configHome = (env: Environment): string => env['XDG_CONFIG_HOME'] || join(homeFolder(env), '.config');

/**
 * Podman's, skopeo's and buildah's.
 * @see https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md
 */
function podmanFiles(env: Environment): readonly string[] {
  const [named, runtime] = [env['REGISTRY_AUTH_FILE'], env['XDG_RUNTIME_DIR']];
  if (named) return [named];
  const folders = [...(runtime ? [runtime] : []), configHome(env)];
  return folders.map((folder) => join(folder, 'containers', 'auth.json'));
}

/** @see https://helm.sh/docs/helm/helm/ */
function helmFile(env: Environment, platform: NodeJS.Platform): string {
  const [named, helmHome, appData] = [env['HELM_REGISTRY_CONFIG'], env['HELM_CONFIG_HOME'], env['APPDATA']];
  if (named) return named;
  if (helmHome) return join(helmHome, 'registry', 'config.json');
  const byPlatform =
    platform === 'darwin' && !env['XDG_CONFIG_HOME']
      ? join(homeFolder(env), 'Library', 'Preferences')
      : platform === 'win32' && appData && !env['XDG_CONFIG_HOME']
        ? appData
        : configHome(env);
  return join(byPlatform, 'helm', 'registry', 'config.json');
}

/** Docker's own, which `login` writes. */
export const dockerConfigFile = (env: Environment): string =>
  join(env['DOCKER_CONFIG'] || join(homeFolder(env), '.docker'), 'config.json');

/** Where docker, GitLab, podman and Helm leave logins, in the order they are asked: docs/credentials.md has it too. */
export function loginLocations(
  env: Environment,
  platform: NodeJS.Platform = process.platform,
): readonly LoginLocation[] {
  return [
    { variable: 'DOCKER_AUTH_CONFIG' },
    { file: dockerConfigFile(env) },
    ...podmanFiles(env).map((file) => ({ file })),
    { file: helmFile(env, platform) },
  ];
}

/**
 * DOCKER_CONFIG is the folder of config.json, and named the file itself it leads nowhere. That a home folder is no folder,
 * as /dev/null of a service, says nothing.
 */
async function misnamed(
  file: string,
  env: Environment,
  files: WatchedFiles,
): Promise<LandfallError | undefined> {
  const named = env['DOCKER_CONFIG'];
  if (!named || file !== dockerConfigFile(env)) return undefined;
  // A folder cannot be read, and is what is wanted.
  const content = await files.read(named).catch(() => undefined);
  return content === undefined
    ? undefined
    : new LandfallError(
        'CREDENTIAL_UNREADABLE',
        `DOCKER_CONFIG names the file ${named}, and not its folder`,
        {
          hint: 'Set DOCKER_CONFIG to the folder that config.json is in.',
        },
      );
}

/** What a place has; undefined where nothing is there; why not, where it cannot be read. */
export async function readLogins(
  location: LoginLocation,
  env: Environment,
  files: WatchedFiles,
): Promise<DockerConfig | LandfallError | undefined> {
  try {
    if ('variable' in location) {
      const text = env[location.variable];
      return text === undefined ? undefined : parseDockerConfig(text, location.variable);
    }
    const text = await files.read(location.file);
    return text === undefined
      ? await misnamed(location.file, env, files)
      : parseDockerConfig(text, location.file);
  } catch (error) {
    if (error instanceof LandfallError) return error;
    throw error;
  }
}
