import { isLandfallError, LandfallError } from '../errors.ts';
import type { Repository } from '../oci/reference.ts';
import type { Credential } from '../registry/client.ts';
import type { CredentialEntry } from './credential-entry.ts';
import { dockerOffers, readDockerConfig } from './docker-offers.ts';
import type { PreparedEntry } from './entry-match.ts';
import type { Given, Offer } from './offer.ts';
import type { ProgramCache } from './program-cache.ts';
import { isCloud, readSecret, type SecretDeps } from './secret.ts';

export interface OfferDeps extends SecretDeps {
  readonly programs: ProgramCache;
}

/** The first that has something, in order. */
export async function firstGiven(offers: readonly Offer[]): Promise<Given | undefined> {
  for (const offer of offers) {
    const given = await offer.give();
    if (given !== undefined) return given;
  }
  return undefined;
}

async function secretOf(entry: CredentialEntry, deps: SecretDeps): Promise<Credential | undefined> {
  const { username, password, identityToken, registryToken } = entry;
  if (registryToken) return { kind: 'registry-token', token: await readSecret(registryToken, deps) };
  const user = typeof username === 'object' ? await readSecret(username, deps) : username;
  if (identityToken) {
    const token = await readSecret(identityToken, deps);
    return { kind: 'identity-token', token, ...(user !== undefined && { username: user }) };
  }
  if (user === undefined || password === undefined) return undefined;
  return { kind: 'basic', username: user, password: await readSecret(password, deps) };
}

/** Secrets that are elsewhere change without a file that would tell. */
const mayRotate = ({ username, password, identityToken, registryToken }: CredentialEntry): boolean =>
  [username, password, identityToken, registryToken].some(
    (location) => typeof location === 'object' && isCloud(location),
  );

async function fromDockerConfig(
  file: string,
  repository: Repository,
  deps: OfferDeps,
): Promise<Given | undefined> {
  const config = await readDockerConfig(file, deps.files);
  if (config !== undefined) return firstGiven(dockerOffers(config, repository, deps.programs));
  throw new LandfallError('CREDENTIAL_UNREADABLE', `docker config ${file} is not there`);
}

/** Names the entry in what went wrong with it. */
function located(error: unknown, origin: string): unknown {
  if (!isLandfallError(error)) return error;
  const { code, message, hint, detail } = error;
  return new LandfallError(code, `credentials at ${origin}: ${message}`, {
    cause: error,
    detail,
    ...(hint !== undefined && { hint }),
  });
}

/** An entry's credential, read when it is asked for. */
export const entryOffer = (prepared: PreparedEntry, repository: Repository, deps: OfferDeps): Offer => ({
  origin: prepared.origin,
  registry: prepared.entry.registry,
  repository: prepared.entry.repository ?? null,
  give: async () => {
    const { dockerConfig } = prepared.entry;
    try {
      if (dockerConfig !== undefined) return await fromDockerConfig(dockerConfig, repository, deps);
      const credential = await secretOf(prepared.entry, deps);
      return credential && { credential, expires: mayRotate(prepared.entry) };
    } catch (error) {
      throw located(error, prepared.origin);
    }
  },
});
