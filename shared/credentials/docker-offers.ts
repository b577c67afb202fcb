import { homedir } from 'node:os';
import { join } from 'node:path';
import { LandfallError } from '../errors.ts';
import { DOCKER_HUB, type Repository } from '../oci/reference.ts';
import { credentialOf } from './docker-auth.ts';
import { type DockerConfig, type DockerScope, fitting, parseDockerConfig } from './docker-config.ts';
import type { Given, Offer } from './offer.ts';
import { PROGRAM_ANSWER_MS, type ProgramCache } from './program-cache.ts';
import type { Environment } from './secret.ts';
import type { WatchedFiles } from './watched-files.ts';

/** The key docker has always kept its own registry under. */
const HUB_SERVER = 'https://index.docker.io/v1/';

/** Where docker and podman keep logins, in the order they are asked. */
export function dockerConfigFiles(env: Environment): readonly string[] {
  const home = env['HOME'] ?? homedir();
  const runtime = env['XDG_RUNTIME_DIR'];
  const podman = env['REGISTRY_AUTH_FILE'];
  return [
    join(env['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json'),
    ...(podman
      ? [podman]
      : [
          ...(runtime ? [join(runtime, 'containers', 'auth.json')] : []),
          join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'containers', 'auth.json'),
        ]),
  ];
}

/** The docker config of a file; undefined where there is none. @throws LandfallError CREDENTIAL_UNREADABLE */
export async function readDockerConfig(file: string, files: WatchedFiles): Promise<DockerConfig | undefined> {
  const content = await files.read(file);
  return content === undefined ? undefined : parseDockerConfig(content, file);
}

const offerOf = (
  config: DockerConfig,
  what: string,
  scope: Omit<DockerScope, 'key'>,
  give: Offer['give'],
): Offer => ({
  origin: `${config.file} ${what}`,
  registry: scope.registry,
  repository: scope.path === '' ? null : `${scope.path}/**`,
  give,
});

/**
 * The store is asked about every registry. Where it fails for one that the file does not name, the user may never
 * have logged in there: a registry open to all must not need a working store.
 */
function storeOffer(config: DockerConfig, store: string, wanted: Repository, programs: ProgramCache): Offer {
  const named = fitting(config.auths, wanted).length > 0;
  const server = wanted.registry === DOCKER_HUB ? HUB_SERVER : wanted.registry;
  const give = async (): Promise<Given | undefined> => {
    try {
      const credential = await programs.ask({ name: store, server });
      return credential && { credential, keepMs: PROGRAM_ANSWER_MS };
    } catch (error) {
      if (named || !(error instanceof LandfallError)) throw error;
      return undefined;
    }
  };
  return offerOf(config, 'credsStore', { registry: wanted.registry, path: '' }, give);
}

/** What a docker config has for a repository: longest path first; a program before what the file itself holds. */
export function dockerOffers(
  config: DockerConfig,
  wanted: Repository,
  programs: ProgramCache,
): readonly Offer[] {
  const helpers = fitting(config.credHelpers, wanted).map((scope) => ({
    path: scope.path,
    offer: offerOf(config, `credHelpers ${JSON.stringify(scope.key)}`, scope, async () => {
      const credential = await programs.ask({ name: scope.program, server: scope.key });
      return credential && { credential, keepMs: PROGRAM_ANSWER_MS };
    }),
  }));
  const { credsStore } = config;
  const stores =
    credsStore === undefined || helpers.length > 0
      ? []
      : [{ path: '', offer: storeOffer(config, credsStore, wanted, programs) }];
  const auths = fitting(config.auths, wanted).map((scope) => {
    const what = `auths ${JSON.stringify(scope.key)}`;
    const give = async (): Promise<Given | undefined> => {
      const credential = credentialOf(scope.auth, `${config.file} ${what}`);
      return credential && { credential, keepMs: Number.POSITIVE_INFINITY };
    };
    return { path: scope.path, offer: offerOf(config, what, scope, give) };
  });
  return [...helpers, ...stores, ...auths]
    .toSorted((a, b) => b.path.length - a.path.length)
    .map(({ offer }) => offer);
}
