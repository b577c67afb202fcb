import { isLandfallError } from '../errors.ts';
import type { Repository } from '../oci/reference.ts';
import { type Access, DEFAULT_TRANSPORT } from '../registry/client.ts';
import { type Choice, chooseEntries } from './choose.ts';
import { type Consideration, judgeOffers } from './consideration.ts';
import { dockerOffers, unreadOffer } from './docker/docker-offers.ts';
import { loginLocations, readLogins } from './docker/login-locations.ts';
import { PROGRAM_ANSWER_MS } from './docker/program-cache.ts';
import type { PreparedEntry } from './entry-match.ts';
import { type Destination, ecrOffers, entryOffer, firstGiven, type OfferDeps } from './entry-offer.ts';
import { knownSecrets } from './known-secrets.ts';
import { formatCredential, type Offer } from './offer.ts';
import { mergeTransport, type TransportOptions } from './transport.ts';

/** What an answer is made of. */
export interface Resolver extends OfferDeps {
  readonly entries: readonly PreparedEntry[];
  readonly options: TransportOptions;
}

const entryOffers = ({ asked }: Choice, to: Destination, resolver: Resolver): readonly Offer[] =>
  asked.map((prepared) => entryOffer(prepared, to, resolver));

/** What other programs' logins have for it. A place that cannot be read stops no pull, and is told. */
async function dockerLogins(
  repository: Repository,
  { env, files, programs }: Resolver,
): Promise<readonly Offer[]> {
  const locations = loginLocations(env);
  const read = await Promise.all(locations.map((location) => readLogins(location, env, files)));
  return locations.flatMap((location, at) => {
    const found = read[at];
    if (found === undefined) return [];
    const origin = 'file' in location ? location.file : location.variable;
    if (isLandfallError(found)) return [unreadOffer(origin, repository.registry, found)];
    return dockerOffers(found, repository, programs);
  });
}

/** What is there without an entry: logins, and a cloud's own. */
const loginOffers = async (repository: Repository, resolver: Resolver): Promise<readonly Offer[]> => [
  ...(await dockerLogins(repository, resolver)),
  ...ecrOffers(repository, resolver),
];

/** @throws LandfallError CREDENTIAL_UNREADABLE naming the place a credential or certificate should be at */
export async function resolveAccess(
  resolver: Resolver,
  repository: Repository,
): Promise<{ readonly access: Access; readonly keepMs: number }> {
  const choice = chooseEntries(resolver.entries, repository);
  const transport = await mergeTransport(choice, resolver.options, resolver.files);
  const passedOver: string[] = [];
  const passOver = (why: string): void => void passedOver.push(why);
  const given =
    (await firstGiven(
      entryOffers(choice, { repository, transport, caOfDocument: choice.settings.has('ca') }, resolver),
      passOver,
    )) ?? (await firstGiven(await loginOffers(repository, resolver), passOver));
  const told = passedOver.length > 0 && { passedOver };
  if (given === undefined) {
    return {
      access: { credential: { kind: 'anonymous' }, transport, ...told },
      // A program that failed may be there by then.
      keepMs: told ? PROGRAM_ANSWER_MS : Number.POSITIVE_INFINITY,
    };
  }
  const { credential, origin } = given;
  knownSecrets.noteCredential(credential);
  const keepMs = told ? Math.min(given.keepMs, PROGRAM_ANSWER_MS) : given.keepMs;
  const access = { credential, given: `${formatCredential(credential)} of ${origin}`, transport, ...told };
  return { access, keepMs };
}

/** The same walk, noting each step; what comes after the winner is not read. */
export async function explainAccess(
  resolver: Resolver,
  repository: Repository,
): Promise<readonly Consideration[]> {
  const choice = chooseEntries(resolver.entries, repository);
  const transport =
    resolver.bindings === undefined
      ? DEFAULT_TRANSPORT
      : await mergeTransport(choice, resolver.options, resolver.files);
  const to = { repository, transport, caOfDocument: choice.settings.has('ca') };
  const offers = [...entryOffers(choice, to, resolver), ...(await loginOffers(repository, resolver))];
  const settingsOf = (origin: string): readonly string[] =>
    [...choice.settings].flatMap(([setting, prepared]) => (prepared.origin === origin ? [setting] : []));
  const matched = (await judgeOffers(offers)).map(([{ origin, registry, repository: glob }, verdict]) => ({
    origin,
    registry,
    repository: glob,
    matched: true,
    settings: settingsOf(origin),
    ...verdict,
  }));
  const others = choice.others.map(({ prepared: { origin, registry, entry }, why }) => ({
    origin,
    registry,
    repository: entry.repository ?? null,
    matched: false,
    used: false,
    settings: [],
    why,
  }));
  return [...matched, ...others];
}
