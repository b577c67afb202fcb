import type { Repository } from '../oci/reference.ts';
import type { Access } from '../registry/client.ts';
import { type Choice, chooseEntries } from './choose.ts';
import { type Consideration, judgeOffers } from './consideration.ts';
import type { DockerConfig } from './docker-config.ts';
import { dockerConfigFiles, dockerOffers, readDockerConfig } from './docker-offers.ts';
import type { PreparedEntry } from './entry-match.ts';
import { ecrOffers, entryOffer, firstGiven, type OfferDeps } from './entry-offer.ts';
import { formatCredential, type Offer } from './offer.ts';
import { mergeTransport, type TransportOptions } from './transport.ts';

/** What an answer is made of. */
export interface Resolver extends OfferDeps {
  readonly entries: readonly PreparedEntry[];
  readonly options: TransportOptions;
}

const entryOffers = ({ asked }: Choice, repository: Repository, resolver: Resolver): readonly Offer[] =>
  asked.map((prepared) => entryOffer(prepared, repository, resolver));

async function dockerConfigs({ env, files }: Resolver): Promise<readonly DockerConfig[]> {
  const read = await Promise.all(dockerConfigFiles(env).map((file) => readDockerConfig(file, files)));
  return read.filter((config) => config !== undefined);
}

/** What is there without an entry: logins, and a cloud's own. */
const loginOffers = async (repository: Repository, resolver: Resolver): Promise<readonly Offer[]> => [
  ...(await dockerConfigs(resolver)).flatMap((config) => dockerOffers(config, repository, resolver.programs)),
  ...ecrOffers(repository, resolver),
];

/** @throws LandfallError CREDENTIAL_UNREADABLE naming the place a credential or certificate should be at */
export async function resolveAccess(
  resolver: Resolver,
  repository: Repository,
): Promise<{ readonly access: Access; readonly keepMs: number }> {
  const choice = chooseEntries(resolver.entries, repository);
  const transport = await mergeTransport(choice, resolver.options, resolver.files);
  const given =
    (await firstGiven(entryOffers(choice, repository, resolver))) ??
    (await firstGiven(await loginOffers(repository, resolver)));
  if (given === undefined) {
    return {
      access: { credential: { kind: 'anonymous' }, transport },
      keepMs: Number.POSITIVE_INFINITY,
    };
  }
  const { credential, keepMs, origin } = given;
  return { access: { credential, given: `${formatCredential(credential)} of ${origin}`, transport }, keepMs };
}

/** The same walk, noting each step; what comes after the winner is not read. */
export async function explainAccess(
  resolver: Resolver,
  repository: Repository,
): Promise<readonly Consideration[]> {
  const choice = chooseEntries(resolver.entries, repository);
  const offers = [...entryOffers(choice, repository, resolver), ...(await loginOffers(repository, resolver))];
  const settingsOf = (origin: string): readonly string[] =>
    [...choice.settings].flatMap(([setting, prepared]) => (prepared.origin === origin ? [setting] : []));
  const matched = (await judgeOffers(offers)).map(([{ origin, registry, repository: glob }, verdict]) => ({
    ...{ origin, registry, repository: glob, matched: true, settings: settingsOf(origin) },
    ...verdict,
  }));
  const others = choice.others.map(({ prepared: { origin, registry, entry }, why }) => ({
    ...{ origin, registry, repository: entry.repository ?? null },
    ...{ matched: false, used: false, settings: [], why },
  }));
  return [...matched, ...others];
}
