import { LandfallError } from '../../errors.ts';
import { DOCKER_HUB, type Repository } from '../../oci/reference.ts';
import type { Given, Offer } from '../offer.ts';
import { credentialOf, isHeld } from './docker-auth.ts';
import { type DockerConfig, malformedAt } from './docker-config.ts';
import { compareScopes, type DockerScope, fitting, scopeOf, serverOf } from './docker-scope.ts';
import { PROGRAM_ANSWER_MS, type ProgramCache } from './program-cache.ts';

/** The key docker has always kept its own registry under. */
const HUB_SERVER = 'https://index.docker.io/v1/';

type Scoped = readonly [scope: DockerScope, offer: Offer];

const offerOf = (config: DockerConfig, what: string, scope: DockerScope, give: Offer['give']): Scoped => [
  scope,
  {
    origin: `${config.file} ${what}`,
    registry: scope.registry,
    repository: scope.path === '' ? null : `${scope.path}/**`,
    give,
  },
];

/** What cannot be read, and names no registry that is asked for: passed over, and told. */
export const unreadOffer = (origin: string, registry: string, error: LandfallError): Offer => ({
  origin,
  registry,
  repository: null,
  give: async (passOver) => {
    passOver(error.message);
    return undefined;
  },
});

async function ask(name: string, server: string, programs: ProgramCache): Promise<Given | undefined> {
  const credential = await programs.ask({ name, server });
  return credential && { credential, keepMs: PROGRAM_ANSWER_MS };
}

/** A program that fails is passed over where something else may do; else it is an error. */
const orPassedOver =
  (isOptional: boolean, give: () => Promise<Given | undefined>): Offer['give'] =>
  async (passOver) => {
    try {
      return await give();
    } catch (error) {
      if (!isOptional || !(error instanceof LandfallError)) throw error;
      passOver(error.message);
      return undefined;
    }
  };

/**
 * The programs a config names for a repository, else its store, which is asked about every registry. Where that fails
 * for one that the file does not name, the user may never have logged in there: a registry open to all must not need a
 * working store.
 */
function programOffers(config: DockerConfig, wanted: Repository, programs: ProgramCache): readonly Scoped[] {
  const logins = fitting(config.auths, wanted);
  const isWritten = logins.some(({ auth }) => isHeld(auth));
  const helpers = fitting(config.credHelpers, wanted);
  const named = helpers.map((scope) => {
    const what = `credHelpers ${JSON.stringify(scope.key)}`;
    const { program } = scope;
    const give = async (): Promise<Given | undefined> => {
      if (program === undefined) throw malformedAt(config.file, what);
      // Docker's way to say that the file itself has this one.
      return program === '' ? undefined : ask(program, serverOf(scope, wanted), programs);
    };
    return offerOf(config, what, scope, orPassedOver(isWritten, give));
  });
  const { credsStore: store } = config;
  if (store === undefined || helpers.length > 0) return named;
  const server = wanted.registry === DOCKER_HUB ? HUB_SERVER : wanted.registry;
  const give = orPassedOver(logins.length === 0 || isWritten, () => ask(store, server, programs));
  return [offerOf(config, 'credsStore', { ...scopeOf(wanted.registry), registry: wanted.registry }, give)];
}

/** What a docker config has for a repository: the most specific first; a program before what the file itself holds. */
export function dockerOffers(
  config: DockerConfig,
  wanted: Repository,
  programs: ProgramCache,
): readonly Offer[] {
  const auths = fitting(config.auths, wanted).map((scope) => {
    const what = `auths ${JSON.stringify(scope.key)}`;
    const give = async (): Promise<Given | undefined> => {
      const credential = credentialOf(scope.auth, `${config.file} ${what}`);
      return credential && { credential, keepMs: Number.POSITIVE_INFINITY };
    };
    return offerOf(config, what, scope, give);
  });
  const unread = config.unread.map((key) =>
    unreadOffer(`${config.file} ${key}`, wanted.registry, malformedAt(config.file, key)),
  );
  const offers = [...programOffers(config, wanted, programs), ...auths]
    .toSorted(([a], [b]) => compareScopes({ ...a, key: '' }, { ...b, key: '' }))
    .map(([, offer]) => offer);
  return [...offers, ...unread];
}
