import type { Clock } from '../clock.ts';
import { chooseEntries } from '../credentials/choose.ts';
import type { CredentialEntry } from '../credentials/credential-entry.ts';
import { prepareEntry, RANKS } from '../credentials/entry-match.ts';
import type { Repository } from '../oci/reference.ts';
import type { Access, AccessResolver, Credential } from '../registry/client.ts';
import type { AwsClient } from './aws-client.ts';
import { PUBLIC_ECR, parseEcrHost } from './ecr-host.ts';
import { type EcrTokenRequest, ecrTokens } from './ecr-token.ts';

export interface EcrAccessOptions {
  /** Asked first: a credential that a document gives is used as it is. */
  readonly base: AccessResolver;
  /** The documents' credentials: `role` is looked up here. */
  readonly credentials: readonly CredentialEntry[];
  readonly tokenOf: TokenOf;
}

export type TokenOf = (request: EcrTokenRequest) => Promise<Credential>;

/** One for a process: it outlives a change of the documents. */
export const createTokenOf = (deps: { readonly client: AwsClient; readonly clock: Clock }): TokenOf =>
  ecrTokens(deps);

/** Gives ECR's hosts a token of theirs where no document gives a credential; all else is as `base` has it. */
export function ecrAccess({ base, credentials, tokenOf }: EcrAccessOptions): AccessResolver {
  const entries = credentials.map((entry, at) => prepareEntry(entry, at, RANKS.document));
  // The same object for the same answer, so that the client compares nothing.
  const combined = new WeakMap<Credential, WeakMap<Access, Access>>();

  function combine(access: Access, credential: Credential): Access {
    const byAccess = combined.get(credential) ?? new WeakMap<Access, Access>();
    combined.set(credential, byAccess);
    const known = byAccess.get(access) ?? { ...access, credential };
    byAccess.set(access, known);
    return known;
  }

  function requestOf(repository: Repository): EcrTokenRequest | undefined {
    const role = chooseEntries(entries, repository).asked.find(({ entry }) => entry.role !== undefined)?.entry
      .role;
    if (repository.registry === PUBLIC_ECR) return { region: undefined, role };
    const host = parseEcrHost(repository.registry);
    return host && { region: host.region, role };
  }

  return {
    access: async (repository) => {
      const access = await base.access(repository);
      if (access.credential.kind !== 'anonymous') return access;
      const request = requestOf(repository);
      return request === undefined ? access : combine(access, await tokenOf(request));
    },
  };
}
