import { type Glob, parseGlob } from '../glob/glob.ts';
import type { Repository } from '../oci/reference.ts';
import { parseRegistryName, spellingsOf } from '../oci/registry-name.ts';
import type { CredentialEntry } from './credential-entry.ts';

/** An entry made ready to be matched many times. */
export interface PreparedEntry {
  readonly entry: CredentialEntry;
  readonly origin: string;
  readonly registry: string;
  readonly glob: Glob | undefined;
  readonly rank: number;
}

/** Where entries come from, in the order they count: what was said last for this run comes first. */
export const RANKS = { flag: 0, document: 1, environment: 2 } as const;

/** @throws LandfallError CONFIG_INVALID, REFERENCE_INVALID for an entry no document could hold */
export const prepareEntry = (entry: CredentialEntry, at: number, rank: number): PreparedEntry => ({
  entry,
  origin: entry.origin ?? `credentials[${at}]`,
  registry: parseRegistryName(entry.registry),
  glob: entry.repository === undefined ? undefined : parseGlob(entry.repository),
  rank,
});

/** Why an entry is not for a repository; undefined where it is. */
export function mismatch(prepared: PreparedEntry, repository: Repository): string | undefined {
  const { registry, glob } = prepared;
  if (registry !== repository.registry) return `registry ${registry} is not ${repository.registry}`;
  if (glob === undefined || spellingsOf(repository).some((spelling) => glob.matches(spelling)))
    return undefined;
  return `${JSON.stringify(glob.text)} does not match ${repository.repository}`;
}
