import { type Command, Option } from 'commander';
import { systemClock } from '../shared/clock.ts';
import {
  createAccessResolver,
  type ExplainingAccessResolver,
} from '../shared/credentials/access-resolver.ts';
import type { CredentialEntry } from '../shared/credentials/credential-entry.ts';
import { parseRegistryCreds } from '../shared/credentials/registry-creds.ts';
import { DEFAULT_LIMITS } from '../shared/limits.ts';
import { createRegistryClient, type RegistryClient } from '../shared/registry/create-client.ts';

/** The options every command that talks to a registry has. */
export interface RegistryOptions {
  readonly plainHttp?: boolean;
  readonly insecureSkipTlsVerify?: boolean;
  readonly caFile?: string;
  readonly registryCreds: readonly string[];
}

const collectValues = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export const addRegistryOptions = (command: Command): Command =>
  command
    .option('--plain-http', "the registry is one's own: http, and it may be on a private or loopback address")
    .option('--insecure-skip-tls-verify', 'take any TLS certificate (for trying things out)')
    .option('--ca-file <file>', 'PEM certificates to trust instead of the system’s')
    .addOption(
      new Option(
        '--registry-creds <host[/glob]=user:pass>',
        'credentials for a registry or some of its repositories; repeatable',
      )
        .argParser(collectValues)
        .default([], 'docker config, then none'),
    );

export interface OpenRegistry extends AsyncDisposable {
  readonly client: RegistryClient;
  readonly access: ExplainingAccessResolver;
}

/** A client with the flags' credentials, then the documents', then docker's. Disposing it ends its connections. */
export function openRegistry(
  options: RegistryOptions,
  credentials: readonly CredentialEntry[] = [],
): OpenRegistry {
  const { plainHttp, insecureSkipTlsVerify, caFile } = options;
  const access = createAccessResolver({
    flags: options.registryCreds.map(parseRegistryCreds),
    credentials,
    ...(plainHttp !== undefined && { plainHttp }),
    ...(insecureSkipTlsVerify !== undefined && { insecureSkipTlsVerify }),
    ...(caFile !== undefined && { caFile }),
  });
  const client = createRegistryClient({
    access,
    clock: systemClock,
    limits: DEFAULT_LIMITS,
    env: process.env,
  });
  return { client, access, [Symbol.asyncDispose]: () => client.close() };
}
