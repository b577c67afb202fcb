import { type Clock, steadyNow, systemClock } from '../clock.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import type { Access, AccessResolver } from '../registry/client.ts';
import type { AwsIdentity } from './cloud/aws-identity.ts';
import { HeldTokens } from './cloud/held-tokens.ts';
import type { Consideration } from './consideration.ts';
import type { CloudSecrets, CredentialEntry } from './credential-entry.ts';
import { ProgramCache } from './docker/program-cache.ts';
import { type PreparedEntry, prepareEntry, RANKS } from './entry-match.ts';
import { explainAccess, type Resolver, resolveAccess } from './resolve-access.ts';
import type { Environment } from './secret.ts';
import type { SecretBinding } from './secret-binding.ts';
import type { TransportOptions } from './transport.ts';
import { WatchedFiles } from './watched-files.ts';

export interface AccessOptions extends TransportOptions {
  /** From `--registry-*`, made by registryFlagEntries: asked before everything else. */
  readonly flags?: readonly CredentialEntry[];
  /** The documents' `credentials`. */
  readonly credentials?: readonly CredentialEntry[];
  /** From variables, made by environmentEntries: asked after the documents'. */
  readonly environment?: readonly CredentialEntry[];
  /** Where secrets, HOME, DOCKER_CONFIG and PATH are looked up. Default: the process's. */
  readonly env?: Environment;
  /** Reads the secrets that AWS keeps; absent: there is no identity of AWS. */
  readonly cloud?: CloudSecrets;
  /** As SecretDeps has it. */
  readonly isCloudOnly?: boolean;
  readonly aws?: AwsIdentity;
  /** Stand-ins for clouds' token services, by the origin they stand for. */
  readonly standIns?: ReadonlyMap<string, string>;
  /** Where the secrets of AWS may be sent. Absent: wherever the documents say. */
  readonly bindings?: readonly SecretBinding[];
  readonly clock?: Pick<Clock, 'now' | 'steady'>;
  /** Told once of each login that could not be read and was gone on without. */
  readonly onPassedOver?: (why: string) => void;
}

export interface ExplainingAccessResolver extends AccessResolver {
  /** Takes other documents' credentials in place of those it had. @throws LandfallError CONFIG_INVALID, and keeps them */
  replace(credentials: readonly CredentialEntry[]): void;
  /** Everything that was considered for a repository, what matched and which won. Without secrets. */
  explain(repository: Repository): Promise<readonly Consideration[]>;
}

interface Kept {
  readonly access: Promise<Access>;
  /** Milliseconds of the steady clock. */
  until: number;
}

/** More repositories than one installation polls; past it the cache starts again. */
const KEPT_MAXIMUM = 50_000;

/**
 * Answers which credential and transport a repository gets: flags, then the documents' credentials, then the
 * environment's, then docker's, podman's and Helm's logins, then ECR's own; of each the most specific match wins and transport
 * settings merge over all that match. Answers, and tokens made for them, are kept until a file they came from changes.
 */
export function createAccessResolver(options: AccessOptions = {}): ExplainingAccessResolver {
  const { flags = [], credentials = [], environment = [] } = options;
  const { env = process.env, cloud, isCloudOnly = false, aws, standIns, bindings } = options;
  const { clock = systemClock, onPassedOver } = options;
  const tokens = new HeldTokens(clock);
  const files = new WatchedFiles(clock);
  const entriesOf = (documents: readonly CredentialEntry[]): readonly PreparedEntry[] => [
    ...flags.map((entry, at) => prepareEntry(entry, at, RANKS.flag)),
    ...documents.map((entry, at) => prepareEntry(entry, at, RANKS.document)),
    ...environment.map((entry, at) => prepareEntry(entry, at, RANKS.environment)),
  ];
  let resolver: Resolver = {
    entries: entriesOf(credentials),
    options,
    env,
    files,
    isCloudOnly,
    clock,
    tokens,
    programs: new ProgramCache(env, clock),
    ...(cloud && { cloud }),
    ...(aws && { aws }),
    ...(standIns && { standIns }),
    ...(bindings && { bindings }),
  };
  const kept = new Map<string, Kept>();
  const told = new Set<string>();
  const tell = (why: string): void => {
    if (told.has(why)) return;
    told.add(why);
    onPassedOver?.(why);
  };

  async function access(repository: Repository): Promise<Access> {
    if (await files.changed()) {
      kept.clear();
      told.clear();
      tokens.forget();
    }
    const key = `${repository.namespace ?? ''} ${formatRepository(repository)}`;
    const known = kept.get(key);
    if (known !== undefined && steadyNow(clock) < known.until) return known.access;
    const resolved = resolveAccess(resolver, repository);
    const keeping: Kept = {
      access: resolved.then((result) => result.access),
      until: Number.POSITIVE_INFINITY,
    };
    // Whoever asked first gets the failure from `resolved`; this one may have nobody waiting.
    keeping.access.catch(() => undefined);
    if (kept.size >= KEPT_MAXIMUM) kept.clear();
    kept.set(key, keeping);
    try {
      const { access: answer, keepMs } = await resolved;
      keeping.until = steadyNow(clock) + keepMs;
      for (const why of answer.passedOver ?? []) tell(why);
      return answer;
    } catch (error) {
      if (kept.get(key) === keeping) kept.delete(key);
      throw error;
    }
  }
  return {
    access,
    explain: (repository) => explainAccess(resolver, repository),
    replace: (documents) => {
      resolver = { ...resolver, entries: entriesOf(documents) };
      kept.clear();
    },
  };
}
