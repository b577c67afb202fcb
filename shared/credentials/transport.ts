import { LandfallError } from '../errors.ts';
import { DEFAULT_TRANSPORT, type Transport } from '../registry/client.ts';
import type { Choice, Setting } from './choose.ts';
import type { CredentialEntry } from './credential-entry.ts';
import { parseTokenService } from './token-service.ts';
import type { WatchedFiles } from './watched-files.ts';

/** What applies to every registry, where no entry says otherwise. */
export interface TransportOptions {
  readonly plainHttp?: boolean;
  readonly local?: boolean;
  readonly insecureSkipTlsVerify?: boolean;
  readonly caFile?: string;
}

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
 * How a repository's registry is reached, from the entries that were chosen for it.
 * @throws LandfallError CREDENTIAL_UNREADABLE naming a certificate file that cannot be read
 */
export async function mergeTransport(
  { settings }: Choice,
  options: TransportOptions,
  files: WatchedFiles,
): Promise<Transport> {
  const entryWith = (setting: Setting): CredentialEntry | undefined => settings.get(setting)?.entry;
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
  const tokenService = parseTokenService(entryWith('tokenService')?.tokenService ?? '');
  const key = await pemOf(identity?.tls?.key, identity?.keyFile, files);
  return {
    plainHttp,
    insecureSkipTlsVerify: options.insecureSkipTlsVerify || (skip ?? DEFAULT_TRANSPORT.insecureSkipTlsVerify),
    local: plainHttp || options.local || (entryWith('local')?.local ?? DEFAULT_TRANSPORT.local),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(concurrency !== undefined && { concurrency }),
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(tokenService !== undefined && { tokenService }),
  };
}
