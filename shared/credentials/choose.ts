import { compareSpecificity } from '../glob/glob.ts';
import type { Repository } from '../oci/reference.ts';
import type { CredentialEntry } from './credential-entry.ts';
import { mismatch, type PreparedEntry } from './entry-match.ts';

/** Each setting of the transport, and whether an entry has it. A certificate and its key are one. */
const SETTINGS = {
  plainHttp: ({ plainHttp }) => plainHttp !== undefined,
  insecureSkipTlsVerify: ({ insecureSkipTlsVerify }) => insecureSkipTlsVerify !== undefined,
  local: ({ local }) => local !== undefined,
  ca: ({ caFile, tls }) => caFile !== undefined || tls?.ca !== undefined,
  concurrency: ({ concurrency }) => concurrency !== undefined,
  requestsPerMinute: ({ requestsPerMinute }) => requestsPerMinute !== undefined,
  tokenService: ({ tokenService }) => tokenService !== undefined,
  certificate: ({ certFile, tls }) => certFile !== undefined || tls?.cert !== undefined,
} as const satisfies Record<string, (entry: CredentialEntry) => boolean>;

export type Setting = keyof typeof SETTINGS;

/** What the entries there are come to for one repository. */
export interface Choice {
  /** Asked for a credential in this order, until one has it. */
  readonly asked: readonly PreparedEntry[];
  /** Which entry a setting is taken from: the first of `asked` that has it. */
  readonly settings: ReadonlyMap<Setting, PreparedEntry>;
  /** Those of other repositories, and why they are. */
  readonly others: readonly { readonly prepared: PreparedEntry; readonly why: string }[];
}

/**
 * The one rule of which entry counts: flags before documents before the environment; within each the most specific
 * first, and among equals the first written. Credential and settings may come from different entries. Pure.
 */
export function chooseEntries(entries: readonly PreparedEntry[], repository: Repository): Choice {
  const judged = entries.map((prepared) => ({ prepared, why: mismatch(prepared, repository) }));
  const asked = judged
    .flatMap(({ prepared, why }) => (why === undefined ? [prepared] : []))
    .toSorted((a, b) => a.rank - b.rank || compareSpecificity(a.glob?.specificity, b.glob?.specificity));
  const settings = (Object.keys(SETTINGS) as Setting[]).flatMap((setting) => {
    const decides = asked.find(({ entry }) => SETTINGS[setting](entry));
    return decides === undefined ? [] : [[setting, decides] as const];
  });
  return {
    asked,
    settings: new Map(settings),
    others: judged.flatMap(({ prepared, why }) => (why === undefined ? [] : [{ prepared, why }])),
  };
}
