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

/** What a PEM text should have in it. */
type PemKind = 'certificate' | 'private key';

const BLOCKS: Readonly<Record<PemKind, RegExp>> = {
  certificate: /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/,
  'private key': /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/,
};

/** OpenSSL passes over a CA that is none, and calls the registry's certificate self-signed. */
function requireBlock(pem: string, kind: PemKind, where: string): string {
  if (BLOCKS[kind].test(pem)) return pem;
  const held = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(pem)?.[1]?.toLowerCase();
  throw new LandfallError(
    'CREDENTIAL_UNREADABLE',
    `${where} holds ${held === undefined ? 'no PEM block' : `${/^[aeiou]/.test(held) ? 'an' : 'a'} ${held} and no ${kind}`}`,
    {
      hint:
        held === undefined
          ? 'Wanted PEM; of DER `openssl x509 -inform der` makes it.'
          : 'See that caFile and certFile are certificates, and keyFile is the key.',
    },
  );
}

async function readPem(path: string, kind: PemKind, files: WatchedFiles): Promise<string> {
  const pem = await files.read(path);
  if (pem !== undefined) return requireBlock(pem, kind, `certificate file ${path}`);
  throw new LandfallError('CREDENTIAL_UNREADABLE', `certificate file ${path} is not there`);
}

/** The PEM text itself, or the content of the file that holds it. */
async function pemOf(
  kind: PemKind,
  text: string | undefined,
  file: string | undefined,
  { files, origin = 'an entry' }: { readonly files: WatchedFiles; readonly origin: string | undefined },
): Promise<string | undefined> {
  if (text !== undefined) return requireBlock(text, kind, `the PEM text of a ${kind} of ${origin}`);
  return file === undefined ? undefined : readPem(file, kind, files);
}

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
    'certificate',
    authority?.tls?.ca,
    authority === undefined ? options.caFile : authority.caFile,
    { files, origin: authority?.origin },
  );
  const identity = entryWith('certificate');
  const of = { files, origin: identity?.origin };
  const cert = await pemOf('certificate', identity?.tls?.cert, identity?.certFile, of);
  const concurrency = entryWith('concurrency')?.concurrency;
  const requestsPerMinute = entryWith('requestsPerMinute')?.requestsPerMinute;
  const tokenService = parseTokenService(entryWith('tokenService')?.tokenService ?? '');
  const key = await pemOf('private key', identity?.tls?.key, identity?.keyFile, of);
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
