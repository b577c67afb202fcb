import { LandfallError } from '../errors.ts';
import { DEFAULT_TRANSPORT, type Transport } from '../registry/client.ts';
import type { CredentialEntry } from '../source/source.ts';
import type { PreparedEntry } from './entry-match.ts';
import type { WatchedFiles } from './watched-files.ts';

/** What applies to every registry, where no entry says otherwise. */
export interface TransportOptions {
  readonly plainHttp?: boolean;
  readonly insecureSkipTlsVerify?: boolean;
  readonly caFile?: string;
}

const SETTINGS = ['plainHttp', 'insecureSkipTlsVerify', 'local', 'caFile', 'certFile', 'keyFile'] as const;
type Setting = (typeof SETTINGS)[number];

/** Each setting from the first entry, the most specific, that has it. */
export const decidingEntries = (entries: readonly PreparedEntry[]): ReadonlyMap<Setting, PreparedEntry> =>
  new Map(
    SETTINGS.flatMap((setting) => {
      const decides = entries.find(({ entry }) => entry[setting] !== undefined);
      return decides === undefined ? [] : [[setting, decides] as const];
    }),
  );

async function readPem(path: string, files: WatchedFiles): Promise<string> {
  const pem = await files.read(path);
  if (pem?.includes('-----BEGIN ')) return pem;
  const why = pem === undefined ? 'is not there' : 'holds no PEM block';
  throw new LandfallError('CREDENTIAL_UNREADABLE', `certificate file ${path} ${why}`);
}

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
  const caFile = entryWith('caFile')?.caFile ?? options.caFile;
  const { certFile, keyFile } = entryWith('certFile') ?? {};
  return {
    plainHttp,
    insecureSkipTlsVerify: options.insecureSkipTlsVerify || (skip ?? DEFAULT_TRANSPORT.insecureSkipTlsVerify),
    local: plainHttp || (entryWith('local')?.local ?? DEFAULT_TRANSPORT.local),
    ...(caFile !== undefined && { ca: await readPem(caFile, files) }),
    ...(certFile !== undefined && { cert: await readPem(certFile, files) }),
    ...(keyFile !== undefined && { key: await readPem(keyFile, files) }),
  };
}
