import { Command, Help, Option } from 'commander';
import { machineAws } from '../../local/machine-aws.ts';
import { systemClock } from '../../shared/clock.ts';
import {
  createAccessResolver,
  type ExplainingAccessResolver,
} from '../../shared/credentials/access-resolver.ts';
import type { CredentialEntry } from '../../shared/credentials/credential-entry.ts';
import { environmentEntries } from '../../shared/credentials/environment-entries.ts';
import { type RegistryFlags, registryFlagEntries } from '../../shared/credentials/registry-flags.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { createRegistryClient, type RegistryClient } from '../../shared/registry/create-client.ts';
import { helpConfiguration } from '../terminal/help.ts';
import { writeLine } from '../terminal/terminal.ts';

/** The options every command that talks to a registry has. */
export interface RegistryOptions {
  readonly plainHttp?: boolean;
  readonly local?: boolean;
  readonly insecureSkipTlsVerify?: boolean;
  readonly caFile?: string;
  readonly registryCreds?: readonly string[];
  readonly registryUsername?: readonly string[];
  readonly registryPassword?: readonly string[];
  readonly registryIdentityToken?: readonly string[];
  readonly registryToken?: readonly string[];
  readonly registryCaFile?: readonly string[];
  readonly registryCertFile?: readonly string[];
  readonly registryKeyFile?: readonly string[];
  readonly registryTokenService?: readonly string[];
  readonly registryPlainHttp?: readonly string[];
  readonly registryLocal?: readonly string[];
  readonly registryInsecureSkipTlsVerify?: readonly string[];
}

/** Kluctl's, and `local`, which can be given many times, for some repositories each. */
const REPEATABLE: readonly (readonly [flags: string, description: string])[] = [
  [
    '--registry-creds <host[/glob]=user:pass>',
    'user and password; the password as @FILE or env:NAME; without ":" a registry token',
  ],
  ['--registry-username <host[/glob]=user>', 'the user, with --registry-password'],
  ['--registry-password <host[/glob]=pass>', 'the password: @FILE, env:NAME, or itself'],
  ['--registry-identity-token <host[/glob]=token>', 'an OAuth2 refresh token: @FILE, env:NAME, or itself'],
  ['--registry-token <host[/glob]=token>', 'a token sent as Bearer: @FILE, env:NAME, or itself'],
  ['--registry-ca-file <host[/glob]=file>', 'PEM certificates to trust instead of the system’s'],
  ['--registry-cert-file <host[/glob]=file>', 'PEM client certificate, with --registry-key-file'],
  ['--registry-key-file <host[/glob]=file>', 'PEM key of the client certificate'],
  [
    '--registry-token-service <host[/glob]=url>',
    'a token service that may be sent the credential, on another host than the registry’s',
  ],
  ['--registry-plain-http <host[/glob]>', 'as --plain-http, for these'],
  ['--registry-local <host[/glob]>', 'as --local, for these'],
  ['--registry-insecure-skip-tls-verify <host[/glob]>', 'as --insecure-skip-tls-verify, for these'],
];

const collectValues = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

const GROUP = 'Options for registries (all of them: landfall help registry):';

export function addRegistryOptions(command: Command, { isWhole = false } = {}): Command {
  const group = (option: Option): Option => option.helpGroup(GROUP);
  command
    .addOption(
      group(
        new Option(
          '--plain-http',
          "the registry is one's own: http, and it may be on a private or loopback address",
        ),
      ),
    )
    .addOption(
      group(
        new Option(
          '--local',
          "the registry is one's own: it may be on a private or loopback address, over TLS",
        ),
      ),
    )
    .addOption(
      group(
        new Option('--insecure-skip-tls-verify', 'take any TLS certificate (for trying things out)'),
      ).hideHelp(!isWhole),
    )
    .addOption(group(new Option('--ca-file <file>', 'PEM certificates to trust instead of the system’s')));
  for (const [at, [flags, description]] of REPEATABLE.entries())
    command.addOption(
      group(new Option(flags, `${description}; repeatable`).argParser(collectValues)).hideHelp(
        !isWhole && at > 0,
      ),
    );
  return command;
}

/** The page that the commands leave them to. */
export function registryHelp(width: number): string {
  const page = addRegistryOptions(new Command('pull'), { isWhole: true });
  page
    .helpOption(false)
    .usage('[options for registries]')
    .description(
      'Options of every command that talks to a registry. @FILE and env:NAME say where a secret is.',
    )
    .configureHelp({ ...helpConfiguration(new Help()), helpWidth: width });
  return page.helpInformation().replace('Usage: pull', 'Usage: landfall COMMAND');
}

/** Each flag's values, where it was given. */
function flagsOf(options: RegistryOptions): RegistryFlags {
  const given = {
    creds: options.registryCreds,
    username: options.registryUsername,
    password: options.registryPassword,
    identityToken: options.registryIdentityToken,
    token: options.registryToken,
    caFile: options.registryCaFile,
    certFile: options.registryCertFile,
    keyFile: options.registryKeyFile,
    tokenService: options.registryTokenService,
    plainHttp: options.registryPlainHttp,
    local: options.registryLocal,
    insecureSkipTlsVerify: options.registryInsecureSkipTlsVerify,
  };
  return Object.fromEntries(Object.entries(given).filter(([, values]) => values !== undefined));
}

export interface OpenRegistry extends AsyncDisposable {
  readonly client: RegistryClient;
  readonly access: ExplainingAccessResolver;
}

/**
 * A client with the flags' credentials, then the documents', the environment's, docker's. Disposing it ends its
 * connections. A login that could not be read is told on stderr, once.
 * @throws LandfallError USAGE, CONFIG_INVALID for a flag or a variable that cannot be read
 */
export function openRegistry(
  options: RegistryOptions,
  credentials: readonly CredentialEntry[] = [],
  onPassedOver = (why: string): void => writeLine(process.stderr, `note: not asked for a credential: ${why}`),
): OpenRegistry {
  const { plainHttp, local, insecureSkipTlsVerify, caFile } = options;
  const { env } = process;
  const access = createAccessResolver({
    ...machineAws(env, systemClock),
    flags: registryFlagEntries(flagsOf(options)),
    credentials,
    environment: environmentEntries(env),
    env,
    onPassedOver,
    ...(plainHttp !== undefined && { plainHttp }),
    ...(local !== undefined && { local }),
    ...(insecureSkipTlsVerify !== undefined && { insecureSkipTlsVerify }),
    ...(caFile !== undefined && { caFile }),
  });
  const client = createRegistryClient({ access, clock: systemClock, limits: DEFAULT_LIMITS, env });
  return { client, access, [Symbol.asyncDispose]: () => client.close() };
}
