import type { Clock } from '../clock.ts';
import { isLandfallError, LandfallError } from '../errors.ts';
import type { Repository } from '../oci/reference.ts';
import type { Credential } from '../registry/client.ts';
import type { AwsIdentity } from './cloud/aws-identity.ts';
import type { HeldTokens } from './cloud/held-tokens.ts';
import type { CredentialEntry, SecretLocation } from './credential-entry.ts';
import { type DockerConfig, parseWholeDockerConfig } from './docker/docker-config.ts';
import { dockerOffers } from './docker/docker-offers.ts';
import { PROGRAM_ANSWER_MS, type ProgramCache } from './docker/program-cache.ts';
import { secretLocations } from './entry-locations.ts';
import type { PreparedEntry } from './entry-match.ts';
import type { Given, Offer } from './offer.ts';
import { formatLocation, isCloud, readSecret, readText, type SecretDeps } from './secret.ts';
import { checkSecretUse, type SecretBinding, type SecretUse } from './secret-binding.ts';

export interface OfferDeps extends SecretDeps {
  readonly programs: ProgramCache;
  readonly tokens: HeldTokens;
  readonly clock: Pick<Clock, 'now'>;
  /** Absent: there is none here. */
  readonly aws?: AwsIdentity;
  /** Stand-ins for clouds' token services, by the origin they stand for. */
  readonly standIns?: ReadonlyMap<string, string>;
  /** Absent: whoever writes the documents owns the secrets, too. */
  readonly bindings?: readonly SecretBinding[];
}

/** The first that has something, in order, and where it was written. */
export async function firstGiven(
  offers: readonly Offer[],
  passOver: (why: string) => void,
): Promise<(Given & Pick<Offer, 'origin'>) | undefined> {
  for (const { give, origin } of offers) {
    const given = await give(passOver);
    if (given !== undefined) return { ...given, origin };
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
const keepMs = (entry: CredentialEntry): number =>
  secretLocations(entry).some(([, location]) => isCloud(location))
    ? PROGRAM_ANSWER_MS
    : Number.POSITIVE_INFINITY;

const locationOf = (given: string | SecretLocation): SecretLocation =>
  typeof given === 'string' ? { file: given } : given;

/** Somebody named it, so a blank one is no configuration but a mistake. */
async function readDocument(location: SecretLocation, deps: OfferDeps): Promise<string> {
  const text = await readText(location, deps);
  if (text.trim() !== '') return text;
  throw new LandfallError('CREDENTIAL_UNREADABLE', `${formatLocation(location)} is empty`, {
    hint: 'Put the logins there, or point the entry to where they are.',
  });
}

/** A docker config that stands somewhere, or in the manifest of a Secret. */
async function loginsOf(entry: CredentialEntry, deps: OfferDeps): Promise<DockerConfig | undefined> {
  const { dockerConfig, kubernetesSecret } = entry;
  if (dockerConfig !== undefined) {
    const location = locationOf(dockerConfig);
    return parseWholeDockerConfig(await readDocument(location, deps), formatLocation(location));
  }
  if (kubernetesSecret === undefined) return undefined;
  const location = locationOf(kubernetesSecret);
  const text = await readDocument(location, deps);
  // YAML is a good part of what there is to load, and few need it here.
  const { parseKubernetesSecret } = await import('./docker/kubernetes-secret.ts');
  return parseKubernetesSecret(text, formatLocation(location));
}

function ecrGiven(role: string, { registry }: Repository, { aws, tokens }: OfferDeps): Promise<Given> {
  const refused = (why: string, hint: string): LandfallError =>
    new LandfallError('CREDENTIAL_UNREADABLE', `role ${role} ${why}`, { hint });
  if (aws === undefined) {
    throw refused('is only assumed with an identity of AWS', 'Use it on AWS or where AWS credentials are.');
  }
  const source = aws.ecr(registry, role);
  if (source === undefined) {
    throw refused(`is for registries of ECR, and ${registry} is none`, 'Give the entry another credential.');
  }
  return tokens.get(source);
}

/** Tokens of a cloud. What only a few need is loaded when it is wanted. */
async function cloudGiven(
  { google, azure }: CredentialEntry,
  { registry }: Repository,
  deps: OfferDeps,
): Promise<Given | undefined> {
  if (google === undefined && azure === undefined) return undefined;
  const [{ createTokenPost }, { isAzureHost, isGoogleHost }] = await Promise.all([
    import('./cloud/token-post.ts'),
    import('./cloud/cloud-host.ts'),
  ]);
  const { aws, clock, env, standIns, tokens } = deps;
  const post = createTokenPost({ env, ...(standIns && { standIns }) });
  const parts = { secrets: deps, aws, clock, post };
  const isTheirs = google === undefined ? isAzureHost(registry) : isGoogleHost(registry);
  if (!isTheirs) {
    const whose =
      google === undefined ? 'azure is for *.azurecr.io' : 'google is for *-docker.pkg.dev and gcr.io';
    throw new LandfallError('CREDENTIAL_UNREADABLE', `${whose}, and ${registry} is none`);
  }
  if (google !== undefined) {
    const { googleToken } = await import('./cloud/google-token.ts');
    return tokens.get(googleToken(google, parts));
  }
  if (azure === undefined) return undefined;
  const { azureToken } = await import('./cloud/azure-token.ts');
  return tokens.get(azureToken(azure, registry, parts));
}

async function givenBy(
  entry: CredentialEntry,
  repository: Repository,
  deps: OfferDeps,
  passOver: (why: string) => void,
): Promise<Given | undefined> {
  if (entry.role !== undefined) return ecrGiven(entry.role, repository, deps);
  const token = await cloudGiven(entry, repository, deps);
  if (token !== undefined) return token;
  const logins = await loginsOf(entry, deps);
  if (logins === undefined) {
    const credential = await secretOf(entry, deps);
    return credential && { credential, keepMs: keepMs(entry) };
  }
  const given = await firstGiven(dockerOffers(logins, repository, deps.programs), passOver);
  return given && { ...given, keepMs: Math.min(given.keepMs, keepMs(entry)) };
}

/** Names the entry in what went wrong with it. */
function located(error: unknown, origin: string): unknown {
  if (!isLandfallError(error)) return error;
  return error.with({ message: `credentials at ${origin}: ${error.message}` });
}

/** Before anything of it is read. */
function checkBindings(entry: CredentialEntry, to: Destination, { bindings }: OfferDeps): void {
  if (bindings === undefined) return;
  for (const [, location] of secretLocations(entry)) {
    if (isCloud(location)) checkSecretUse({ location, ...to }, bindings);
  }
}

/** Where a credential goes, and how. */
export type Destination = Omit<SecretUse, 'location'>;

/** An entry's credential, read when it is asked for. */
export const entryOffer = (prepared: PreparedEntry, to: Destination, deps: OfferDeps): Offer => ({
  origin: prepared.origin,
  registry: prepared.entry.registry,
  repository: prepared.entry.repository ?? null,
  give: async (passOver) => {
    try {
      checkBindings(prepared.entry, to, deps);
      return await givenBy(prepared.entry, to.repository, deps, (why) =>
        passOver(`credentials at ${prepared.origin}: ${why}`),
      );
    } catch (error) {
      throw located(error, prepared.origin);
    }
  },
});

/** Of ECR where nothing else has a credential: what the identity of AWS gets without being told. */
export function ecrOffers({ registry }: Repository, { aws, tokens }: OfferDeps): readonly Offer[] {
  const source = aws?.ecr(registry, undefined);
  if (source === undefined) return [];
  return [{ origin: 'ECR, by default', registry, repository: null, give: () => tokens.get(source) }];
}
