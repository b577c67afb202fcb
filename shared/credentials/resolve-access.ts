import type { Repository } from '../oci/reference.ts';
import type { Access } from '../registry/client.ts';
import { type Consideration, judgeOffers } from './consideration.ts';
import type { DockerConfig } from './docker-config.ts';
import { dockerConfigFiles, dockerOffers, readDockerConfig } from './docker-offers.ts';
import { matching, mismatch, type PreparedEntry } from './entry-match.ts';
import { entryOffer, firstGiven, type OfferDeps } from './entry-offer.ts';
import type { Offer } from './offer.ts';
import { decidingEntries, mergeTransport, type TransportOptions } from './transport.ts';

/** What an answer is made of. */
export interface Resolver extends OfferDeps {
  readonly entries: readonly PreparedEntry[];
  readonly options: TransportOptions;
}

/** Flags before documents; within each the most specific first. */
const entryOffers = (resolver: Resolver, repository: Repository): readonly Offer[] =>
  matching(resolver.entries, repository)
    .toSorted((a, b) => a.rank - b.rank)
    .map((prepared) => entryOffer(prepared, repository, resolver));

async function dockerConfigs({ env, files }: Resolver): Promise<readonly DockerConfig[]> {
  const read = await Promise.all(dockerConfigFiles(env).map((file) => readDockerConfig(file, files)));
  return read.filter((config) => config !== undefined);
}

/** @throws LandfallError CREDENTIAL_UNREADABLE naming the place a credential or certificate should be at */
export async function resolveAccess(
  resolver: Resolver,
  repository: Repository,
): Promise<{ readonly access: Access; readonly expires: boolean }> {
  const transport = await mergeTransport(
    matching(resolver.entries, repository),
    resolver.options,
    resolver.files,
  );
  const given =
    (await firstGiven(entryOffers(resolver, repository))) ??
    (await firstGiven(
      (
        await dockerConfigs(resolver)
      ).flatMap((config) => dockerOffers(config, repository, resolver.programs)),
    ));
  const credential = given?.credential ?? { kind: 'anonymous' };
  return { access: { credential, transport }, expires: given?.expires ?? false };
}

/** The same walk, noting each step; what comes after the winner is not read. */
export async function explainAccess(
  resolver: Resolver,
  repository: Repository,
): Promise<readonly Consideration[]> {
  const { entries, programs } = resolver;
  const deciding = [...decidingEntries(matching(entries, repository))];
  const settingsOf = (origin: string): readonly string[] =>
    deciding.flatMap(([setting, prepared]) => (prepared.origin === origin ? [setting] : []));
  const docker = (await dockerConfigs(resolver)).flatMap((config) =>
    dockerOffers(config, repository, programs),
  );
  const judged = await judgeOffers([...entryOffers(resolver, repository), ...docker]);
  const matched = judged.map(([{ origin, registry, repository: glob }, verdict]) => ({
    origin,
    registry,
    repository: glob,
    matched: true,
    settings: settingsOf(origin),
    ...verdict,
  }));
  const others = entries.flatMap((prepared) => {
    const why = mismatch(prepared, repository);
    if (why === undefined) return [];
    const { origin, registry, entry } = prepared;
    return [
      {
        origin,
        registry,
        repository: entry.repository ?? null,
        matched: false,
        used: false,
        settings: [],
        why,
      },
    ];
  });
  return [...matched, ...others];
}
