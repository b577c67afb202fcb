import { randomUUID } from 'node:crypto';
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf, LandfallError } from '../../errors.ts';
import { isObject, type JsonObject, parseObject } from '../../kernel/json.ts';
import { DOCKER_HUB } from '../../oci/reference.ts';
import type { Environment } from '../secret.ts';
import { eraseFromProgram, storeInProgram } from './credential-program.ts';
import { parseWholeDockerConfig } from './docker-config.ts';
import { scopeOf } from './docker-scope.ts';
import { dockerConfigFile } from './login-locations.ts';

interface Login {
  /** Host and port, as parseRegistryName writes it. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

/** Where a login was put, or taken from. */
export interface LoginPlace {
  readonly file: string;
  /** `docker-credential-NAME`, which keeps it; undefined: it stands in the file for whoever can read that. */
  readonly program: string | undefined;
}

/** Docker looks for its hub's under the address of the API before this one. */
const keyOf = (registry: string): string =>
  registry === DOCKER_HUB ? 'https://index.docker.io/v1/' : registry;

const codeOf = (error: unknown): string => errnoOf(error) ?? 'error';

async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return '';
    throw new LandfallError('CREDENTIAL_UNREADABLE', `docker config ${file}: ${codeOf(cause)}`, { cause });
  }
}

/** Whole or not at all, as docker writes it; a link to the file stays one. */
async function writeConfig(file: string, config: JsonObject): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const fresh = `${target}.${randomUUID()}`;
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(fresh, `${JSON.stringify(config, null, '\t')}\n`, { mode: 0o600, flag: 'wx' });
    await rename(fresh, target);
  } catch (cause) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw new LandfallError(
      'OUTPUT_UNWRITABLE',
      `docker config ${file} cannot be written: ${codeOf(cause)}`,
      {
        cause,
        hint: 'Set DOCKER_CONFIG to a folder that can be written.',
      },
    );
  }
}

/** Which program keeps a registry's logins: its own, else the one for all. */
function programFor(config: ReturnType<typeof parseWholeDockerConfig>, key: string): string | undefined {
  const own = config.credHelpers.find((helper) => helper.key === key);
  return (own ? own.program : config.credsStore) || undefined;
}

/** Changes the entry of one registry and keeps all else of the file as it is. */
async function changeAuth(
  env: Environment,
  registry: string,
  change: (place: {
    readonly program: string | undefined;
    readonly key: string;
  }) => Promise<JsonObject | undefined>,
): Promise<LoginPlace> {
  const file = dockerConfigFile(env);
  const text = await readConfig(file);
  const key = keyOf(registry);
  const program = programFor(parseWholeDockerConfig(text, file), key);
  const entry = await change({ program, key });
  const config = parseObject(text) ?? {};
  const auths = isObject(config['auths']) ? config['auths'] : {};
  // `https://ghcr.io` and `ghcr.io/` are the same registry: docker takes out both.
  const isOf = (name: string): boolean => {
    const scope = scopeOf(name);
    return scope.registry === registry && scope.path === '';
  };
  const others = Object.fromEntries(Object.entries(auths).filter(([name]) => name !== key && !isOf(name)));
  const isChanged = entry !== undefined || Object.keys(others).length < Object.keys(auths).length;
  if (isChanged) await writeConfig(file, { ...config, auths: entry ? { ...others, [key]: entry } : others });
  return { file, program };
}

/**
 * Keeps a login where docker would: with the program its configuration names, else in the file.
 * @throws LandfallError CREDENTIAL_UNREADABLE, OUTPUT_UNWRITABLE; nothing is changed then
 * @see https://docs.docker.com/reference/cli/docker/login/#credential-stores
 */
export const keepLogin = ({ registry, username, password }: Login, env: Environment): Promise<LoginPlace> =>
  changeAuth(env, registry, async ({ program, key }) => {
    if (program === undefined) return { auth: Buffer.from(`${username}:${password}`).toString('base64') };
    await storeInProgram({ name: program, server: key }, { username, secret: password }, env);
    return {};
  });

/** Forgets a login; that there was none is no error. @throws LandfallError CREDENTIAL_UNREADABLE, OUTPUT_UNWRITABLE */
export const forgetLogin = (registry: string, env: Environment): Promise<LoginPlace> =>
  changeAuth(env, registry, async ({ program, key }) => {
    if (program !== undefined) await eraseFromProgram({ name: program, server: key }, env);
    return undefined;
  });
