import { LandfallError } from '../errors.ts';
import { DEFAULT_TRANSPORT, type Transport } from '../registry/client.ts';
import type { CredentialEntry } from './credential-entry.ts';
import type { PreparedEntry } from './entry-match.ts';
import type { WatchedFiles } from './watched-files.ts';

/** What applies to every registry, where no entry says otherwise. */
export interface TransportOptions {
  readonly plainHttp?: boolean;
  readonly insecureSkipTlsVerify?: boolean;
  readonly caFile?: string;
}

/** Each setting, and whether an entry has it. A certificate and its key are one. */
const SETTINGS = {
  plainHttp: ({ plainHttp }) => plainHttp !== undefined,
  insecureSkipTlsVerify: ({ insecureSkipTlsVerify }) => insecureSkipTlsVerify !== undefined,
  local: ({ local }) => local !== undefined,
  ca: ({ caFile, tls }) => caFile !== undefined || tls?.ca !== undefined,
  concurrency: ({ concurrency }) => concurrency !== undefined,
  requestsPerMinute: ({ requestsPerMinute }) => requestsPerMinute !== undefined,
  certificate: ({ certFile, tls }) => certFile !== undefined || tls?.cert !== undefined,
} as const satisfies Record<string, (entry: CredentialEntry) => boolean>;

type Setting = keyof typeof SETTINGS;

/** Each setting from the first entry, the most specific, that has it. */
export const decidingEntries = (entries: readonly PreparedEntry[]): ReadonlyMap<Setting, PreparedEntry> =>
  new Map(
    (Object.keys(SETTINGS) as Setting[]).flatMap((setting) => {
      const decides = entries.find(({ entry }) => SETTINGS[setting](entry));
      return decides === undefined ? [] : [[setting, decides] as const];
    }),
  );

async function readPem(path: string, files: WatchedFiles): Promise<string> {
  const pem = await files.read(path);
  if (pem?.includes('-----BEGIN ')) return pem;
  const why = pem === undefined ? 'is not there' : 'holds no PEM block';
  throw new LandfallError('CREDENTIAL_UNREADABLE', `certificate file ${path} ${why}`);
}

/** The PEM text itself, or the content of the file that holds it. */
const pemOf = async (
  text: string | undefined,
  file: string | undefined,
  files: WatchedFiles,
): Promise<string | undefined> => text ?? (file === undefined ? undefined : readPem(file, files));

/**
 * How a repository's registry is reached, from all entries that match it, the most specific first.
 * @throws LandfallError CREDENTIAL_UNREADABLE naming a certificate file that cannot be read
 */
export async function mergeTransport(
  entries: readonly PreparedEntry[],
  options: TransportOptions,
  files: WatchedFiles,
): Promise<Transport> {
  const deciding = decidingEntries(entries);
  const entryWith = (setting: Setting): CredentialEntry | undefined => deciding.get(setting)?.entry;
  const plainHttp = options.plainHttp || (entryWith('plainHttp')?.plainHttp ?? DEFAULT_TRANSPORT.plainHttp);
  const skip = entryWith('insecureSkipTlsVerify')?.insecureSkipTlsVerify;
  const authority = entryWith('ca');
  const ca = await pemOf(
    authority?.tls?.ca,
    authority === undefined ? options.caFile : authority.caFile,
    files,
  );
  const identity = entryWith('certificate');
  const cert = await pemOf(identity?.tls?.cert, identity?.certFile, files);
  const concurrency = entryWith('concurrency')?.concurrency;
  const requestsPerMinute = entryWith('requestsPerMinute')?.requestsPerMinute;
  const key = await pemOf(identity?.tls?.key, identity?.keyFile, files);
  return {
    plainHttp,
    insecureSkipTlsVerify: options.insecureSkipTlsVerify || (skip ?? DEFAULT_TRANSPORT.insecureSkipTlsVerify),
    local: plainHttp || (entryWith('local')?.local ?? DEFAULT_TRANSPORT.local),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(concurrency !== undefined && { concurrency }),
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
  };
}
